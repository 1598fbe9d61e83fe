"""The check of each night: what it found is kept, so that a difference is told as new once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from database.encryption import digest
from database.engine import reading, transaction
from environment import clock
from integrity.checking import all_kinds, check
from integrity.differences import Difference, short
from integrity.tables import DifferenceFound, NightlyCheck

_IN_SO_MANY_NIGHTS: Final = 8
"""Each original is read once."""
_YOUNG: Final = timedelta(days=2)
"""An original that came since then is read in any night."""
_OVERDUE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many differences of one kind there are, and how many of them the last check found first."""

    code: str
    message: str
    number: int
    new: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the last check found, and when; ``complete`` is False where it may not have told all."""

    at: datetime
    sorts: tuple[KindCount, ...]
    complete: bool

    @property
    def number(self) -> int:
        """How many differences there are."""
        return sum(sort.number for sort in self.sorts)

    @property
    def new(self) -> int:
        """How many of them are new."""
        return sum(sort.new for sort in self.sorts)

    @property
    def overdue(self) -> bool:
        """Whether the nights since then went by without one."""
        return self.at < clock.now() - _OVERDUE


def run() -> Result:
    """Check, keep what was found, and give it; of the originals a share is read."""
    begun_at = clock.now()
    with reading() as session:
        known = frozenset(session.scalars(select(DifferenceFound.subject)))
    found = check(_share(known))
    with transaction() as session:
        _keep(session, found.differences, begun_at)
        session.merge(NightlyCheck(id=1, begun_at=begun_at, ended_at=clock.now(), complete=found.complete))
        session.flush()
        result = last_result(session)
    assert result is not None, "it was written in this transaction"
    return result


def last_result(session: Session) -> Result | None:
    """What the last check found; None before the first one."""
    last = session.get(NightlyCheck, 1)
    if last is None:
        return None
    kinds, sorts = all_kinds(), dict[str, KindCount]()
    for code, since in session.execute(
        select(DifferenceFound.code, DifferenceFound.since).order_by(DifferenceFound.code)
    ):
        before = sorts.get(code) or KindCount(code, kinds[code].message if code in kinds else code, 0, 0)
        sorts[code] = KindCount(code, before.message, before.number + 1, before.new + (since >= last.begun_at))
    return Result(last.ended_at, tuple(sorts.values()), last.complete)


def _share(known: Collection[str]) -> Callable[[str, datetime], bool]:
    """The originals that came of late, those of which something was found, and each night a share of the others."""
    turn, young = clock.today().toordinal() % _IN_SO_MANY_NIGHTS, clock.now() - _YOUNG

    def is_read(sha256: str, stored_at: datetime) -> bool:
        return stored_at > young or int(sha256[:2], 16) % _IN_SO_MANY_NIGHTS == turn or short(sha256) in known

    return is_read


def _keep(session: Session, differences: Collection[Difference], at: datetime) -> None:
    now = {digest("difference", one.kind.code, repr(one.key)): one for one in differences}
    before = set(session.scalars(select(DifferenceFound.mark)))
    gone = list(before - now.keys())
    session.execute(
        delete(DifferenceFound).where(DifferenceFound.mark.in_(gone)).execution_options(synchronize_session=False)
    )
    for mark, one in now.items():
        if mark not in before:
            session.add(DifferenceFound(mark=mark, code=one.kind.code, subject=one.subject[:80], since=at))
    session.flush()
