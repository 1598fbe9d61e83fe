"""Who holds leases: each run of a program of ours that works on something, with a sign of life every few seconds.

What a run holds is free again as soon as the run is known to be over: it said so, its process is gone, or it has given
no sign of life for a while. Moments are compared with tolerance in both directions: a clock that is put back neither
keeps the dead alive nor takes the living for dead.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Integer, String

from database.engine import Base, Instant, found_when_asked
from environment import clock
from environment.machine import machine_name
from environment.processes import born

PULSE: Final = 5.0
"""Seconds between signs of life."""
_SILENCE: Final = timedelta(seconds=20)
"""Whoever has said nothing for so long is taken for dead."""
MOST_APART: Final = timedelta(seconds=5)
"""By so much the clock of a machine may differ from the register's, lest those of two take each other for dead."""
_LATER: Final = timedelta(minutes=1)
"""By so much another may have looked at the clock after us, when we waited for the register in between."""
_KEPT: Final = timedelta(days=1)
"""For so long it is known of a run that it is over; none of its leases lasts longer."""
Span = timedelta | Callable[[], timedelta]
"""How long something lasts at most; found out when it is asked, where it hangs on a setting."""


class Holder(Base):
    """A run: ``owner`` names it in leases, ``purpose`` is its flow; ``seen_at`` is None once it is over.

    ``pid`` and ``birth`` (in the kernel's count) are its process on ``machine``.
    """

    __tablename__ = "holders"

    owner: Mapped[str] = mapped_column(String(100), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    machine: Mapped[str] = mapped_column(String(60))
    pid: Mapped[int] = mapped_column(Integer)
    birth: Mapped[str] = mapped_column(String(20))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


def enter(session: Session, owner: str, purpose: str) -> None:
    """Write this process down as the one that holds what ``owner`` leases; what processes that ended held is free."""
    for gone in living_here(session):
        if is_gone(gone):
            leave(session, gone.owner)
    at, pid = clock.now(), os.getpid()
    over = and_(Holder.seen_at.is_(None), Holder.begun_at < at - _KEPT)
    silent = and_(Holder.seen_at < at - _KEPT, Holder.begun_at < at - _KEPT)
    session.execute(delete(Holder).where(or_(over, silent)))
    row = Holder(owner=owner, purpose=purpose, machine=machine_name(), pid=pid, birth=born(pid) or "", begun_at=at)
    row.seen_at = at
    session.add(row)
    session.flush()


def give_sign(session: Session, owner: str) -> None:
    """Say that ``owner`` lives."""
    session.execute(update(Holder).where(Holder.owner == owner).values(seen_at=clock.now()))


def leave(session: Session, owner: str) -> None:
    """Say that ``owner`` is over; whatever it still holds is free."""
    session.execute(update(Holder).where(Holder.owner == owner).values(seen_at=None))


def is_in_force(owner: Any, until: Any, longest: Span, at: datetime | None = None) -> ColumnElement[bool]:
    """Condition: the lease in these columns is held (when it is asked, unless another moment is given).

    Where its owner is no run that was written down, it lasts until its time has come, which cannot be further away
    than ``longest``.
    """
    return and_(owner.is_not(None), or_(_lives(owner, at), and_(not_(_is_known(owner)), is_ahead(until, longest, at))))


def is_ahead(moment: Any, longest: Span, at: datetime | None = None) -> ColumnElement[bool]:
    """Condition: the moment in this column is still to come, and no further away than it was ever set."""

    def furthest() -> datetime:
        return (at or clock.now()) + (longest if isinstance(longest, timedelta) else longest()) + _LATER

    soonest = found_when_asked(lambda: at or clock.now(), Instant)
    return and_(moment.is_not(None), moment > soonest, moment <= found_when_asked(furthest, Instant))


def living_here(session: Session) -> list[Holder]:
    """The runs on this machine that nobody has reported as over, whether or not they still live; the oldest first."""
    mine = (Holder.machine == machine_name(), Holder.seen_at.is_not(None))
    return list(session.scalars(select(Holder).where(*mine).order_by(Holder.begun_at)))


def elsewhere(session: Session, *, silent: timedelta = _SILENCE) -> tuple[list[Holder], list[Holder]]:
    """The runs on other machines of whom nobody said that they are over, in two parts.

    Those that gave a sign of life within that time, and those that did not.
    """
    others = (Holder.machine != machine_name(), Holder.seen_at.is_not(None))
    found, at = session.scalars(select(Holder).where(*others)).all(), clock.now()
    alive = {one.owner for one in found if one.seen_at is not None and abs(at - one.seen_at) <= silent}
    return [one for one in found if one.owner in alive], [one for one in found if one.owner not in alive]


def machines(session: Session, purpose: str) -> list[str]:
    """The machines on which a run of that purpose lives, by its last sign."""
    at = clock.now()
    living = (Holder.purpose == purpose, Holder.seen_at.between(at - _SILENCE, at + _SILENCE))
    return list(session.scalars(select(Holder.machine).where(*living).distinct().order_by(Holder.machine)))


def last_sign(session: Session, purpose: str) -> datetime | None:
    """When a run of that purpose was last known to live, or began where it is over; None where there was none."""
    seen = func.max(func.coalesce(Holder.seen_at, Holder.begun_at))
    return session.scalar(select(seen).where(Holder.purpose == purpose))


def clock_ahead(session: Session) -> timedelta:
    """By how much the clock of this machine is ahead of that of the register's server, if that has one of its own."""
    if session.get_bind().dialect.name != "postgresql":
        return timedelta()
    before, theirs = clock.now(), session.scalar(select(func.clock_timestamp()))
    assert isinstance(theirs, datetime)
    return before + (clock.now() - before) / 2 - theirs


def is_gone(holder: Holder) -> bool:
    """Whether the process of a run on this machine has ended."""
    return born(holder.pid) != holder.birth


def _lives(owner: Any, at: datetime | None) -> ColumnElement[bool]:
    earliest = found_when_asked(lambda: (at or clock.now()) - _SILENCE, Instant)
    latest = found_when_asked(lambda: (at or clock.now()) + _SILENCE, Instant)
    return exists().where(Holder.owner == owner, Holder.seen_at.between(earliest, latest))


def _is_known(owner: Any) -> ColumnElement[bool]:
    return exists().where(Holder.owner == owner)
