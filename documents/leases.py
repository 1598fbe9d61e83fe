"""Who works on which document: leases that end with their run, so that a killed one's documents are taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, not_, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from database.engine import found_when_asked
from database.holders import is_ahead, is_in_force
from documents.arrival import Arrival
from documents.loading import load
from documents.states import TO_BRING_FORWARD, State
from documents.tables import Document, Reading
from environment import clock
from environment.settings import get_settings
from forms.fields import CUSTOMER_NO

_NUMBER: Final = CUSTOMER_NO.name
_AFTER_TROUBLE: Final = timedelta(seconds=10)
"""Pause after a trouble of the installation: it ends for all documents at once, and none of them is to blame."""

_SOME_OPEN: Final = select(Document.id).where(Document.state.in_([each.value for each in TO_BRING_FORWARD])).limit(1)
"""Asked every second, mostly in vain, and made once: to put a question together costs more than to ask it."""
_LANES: Final = (True, False)
_LEASED: Final = (
    update(Document)
    .where(Document.id.in_(bindparam("chosen", expanding=True)))
    .values(lease_owner=bindparam("holder"), lease_until=bindparam("end"), attempts=Document.attempts + 1)
    .execution_options(synchronize_session=False)
)
"""Those that were chosen are locked, and as they were when they were."""
_PATIENCE: Final = timedelta(hours=1)
"""A document that met a trouble and is not done after that time is shown to a human."""


def claim(session: Session, tracking: str, owner: str) -> Document | None:
    """Lease one open document to ``owner`` (unique per run); None when another holds it or there is nothing to do.

    The owner of a live lease may claim again, which counts no attempt. Taken by hand, a document that waits after a
    fault is leased at once; a stuck one (attempts used up) only after ``unstick``.
    """
    at = clock.now()
    own = and_(Document.lease_owner == owner, _is_held())
    free = and_(not_(_is_held()), _has_attempts())
    for condition, attempt in ((own, 0), (free, 1)):
        if _lease(session, and_(Document.tracking == tracking, condition), owner, at, attempt):
            return load(session, tracking)
    return None


def claim_open(session: Session, owner: str, limit: int, *, unread: bool | None = None) -> list[str]:
    """Lease up to ``limit`` documents that the machine can move on (received, ready) and give their trackings.

    ``unread`` asks for files that are still to be read alone, or for all others alone.

    Left out: those leased to others, waiting after a fault, or with all attempts used up. Each lease counts an attempt.
    ``claim`` with the same owner then loads them. Those with fewer faults come first, then those whose turn it is. One
    whose run died keeps its place the first time: what the same customer sent later must not overtake it.
    """
    chosen = {row.id: row.tracking for row in session.execute(_claimable(unread), {"most": limit})}
    if chosen:
        session.execute(_LEASED, {"chosen": list(chosen), "holder": owner, "end": clock.now() + _lease_time()})
    return list(chosen.values())


def open_lanes(session: Session) -> list[bool]:
    """For which ``unread`` there is a document to be claimed; only looks, so that nobody is kept waiting."""
    if session.scalar(_SOME_OPEN) is None:
        return []
    return [unread for unread, there in zip(_LANES, session.execute(_lanes()).one(), strict=True) if there]


@cache
def _claimable(unread: bool | None) -> Select[tuple[int, str]]:
    died_once = and_(Document.attempts <= 1, Document.last_fault.is_(None))
    faults = case((died_once, 0), else_=Document.attempts)
    return (
        select(Document.id, Document.tracking)
        .where(*_may_be_claimed(unread))
        .order_by(faults, func.coalesce(Document.turn, Document.received_at), Document.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


@cache
def _lanes() -> Select[tuple[bool, ...]]:
    return select(*(exists(select(Document.id).where(*_may_be_claimed(unread))) for unread in _LANES))


def is_held(session: Session, tracking: str) -> bool:
    """Whether a run that lives works on this document."""
    found = select(Document.id).where(Document.tracking == tracking, _is_open(), _is_held())
    return session.scalar(found) is not None


def _may_be_claimed(unread: bool | None) -> Iterator[ColumnElement[bool]]:
    yield _is_open()
    yield not_(_is_held())
    yield not_(and_(Document.lease_owner.is_(None), is_ahead(Document.lease_until, _longest_pause)))
    yield _has_attempts()
    if unread is not None:
        yield _is_unread() if unread else not_(_is_unread())


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a document stands among the others: when it came, and whom it is about.

    ``customer_no`` is the number as it was read or typed, None before that and where there is none.
    """

    arrival: Arrival
    read: bool
    customer_no: str | None = field(repr=False)

    def comes_after(self, other: QueuePlace) -> bool:
        """Whether the other one is an earlier one of the same customer.

        What nobody's number stands on takes effect on nobody.
        """
        return other.arrival < self.arrival and self.customer_no is not None and other.customer_no == self.customer_no

    def may_come_after(self, other: QueuePlace) -> bool:
        """Whether the other one is an earlier one that may turn out to be the same customer's: it is not read yet."""
        return other.arrival < self.arrival and self.customer_no is not None and not other.read


def queue_place(session: Session, tracking: str) -> QueuePlace:
    """The place of one document."""
    return _place(*session.execute(_places().where(Document.tracking == tracking)).one())


def places_under_way(session: Session) -> list[QueuePlace]:
    """Of the documents that somebody is working on and that are not carried out yet.

    Those that nobody works on (waiting after a fault, for a human, for a worker) do not count, nor what is none of our
    forms.
    """
    return [_place(*row) for row in session.execute(_under_way())]


def _place(at: datetime, number: int, pages: list[int] | None, value: object) -> QueuePlace:
    return QueuePlace(Arrival(at, number), pages is not None, value if isinstance(value, str) else None)


def _places() -> Select[tuple[datetime, int, list[int] | None, Any]]:
    of_number = and_(Reading.document_id == Document.id, Reading.field == _NUMBER, Reading.superseded.is_(False))
    return select(Document.received_at, Document.id, Document.pages, Reading.value).outerjoin(Reading, of_number)


@cache
def _under_way() -> Select[tuple[datetime, int, list[int] | None, Any]]:
    ours = or_(Document.pages.is_(None), Document.form.is_not(None))
    return _places().where(_is_held(), _is_open(), ours)


def release(session: Session, tracking: str, owner: str) -> None:
    """End a lease after work that went well: attempts start anew. Nothing happens when the lease is another's."""
    _end(session, tracking, owner, lease_until=None, attempts=0, last_fault=None)


def record_fault(session: Session, tracking: str, owner: str, code: str) -> None:
    """End a lease after a fault: ``code`` (no personal data) is kept, the next attempt waits longer each time."""
    attempts = load(session, tracking).attempts
    _end(session, tracking, owner, lease_until=clock.now() + _pause(attempts), last_fault=code[:100], shown=None)


def record_trouble(session: Session, tracking: str, owner: str, code: str) -> None:
    """End a lease after a trouble of the installation, which counts as no attempt: it is taken up again soon."""
    attempts = case((Document.attempts > 0, Document.attempts - 1), else_=0)
    until = clock.now() + _AFTER_TROUBLE
    _end(session, tracking, owner, lease_until=until, attempts=attempts, last_fault=code[:100], shown=None)


def unstick(session: Session, tracking: str, actor: str) -> None:
    """Give a document whose attempts are used up new ones."""
    document = load(session, tracking)
    document.attempts, document.last_fault, document.shown, document.updated_at = 0, None, None, clock.now()
    if document.lease_owner is None:
        document.lease_until = None
    record(session, actor=actor, action="unstuck", subject=tracking)
    session.flush()


def is_stuck() -> ColumnElement[bool]:
    """Condition: the machine owes the next step but cannot take it, and nobody works on it now.

    Its attempts are used up, or a trouble that counts as none has kept it for long.
    """
    return and_(is_troubled(), not_(_is_held()))


def is_troubled() -> ColumnElement[bool]:
    """Condition: as ``is_stuck``, also while it is tried once more."""
    long_since = Document.received_at <= clock.now() - _PATIENCE
    in_trouble = or_(not_(_has_attempts()), and_(Document.last_fault.is_not(None), long_since))
    return and_(_is_open(), in_trouble)


def _is_unread() -> ColumnElement[bool]:
    """Condition: a file that is still to be read."""
    return and_(Document.state == State.RECEIVED.value, Document.pages.is_(None))


def _is_open() -> ColumnElement[bool]:
    return Document.state.in_([state.value for state in TO_BRING_FORWARD])


def _is_held() -> ColumnElement[bool]:
    return is_in_force(Document.lease_owner, Document.lease_until, _lease_time)


def _lease_time() -> timedelta:
    return timedelta(seconds=get_settings().lease_seconds)


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=get_settings().sweep_interval_seconds * 2 ** max(attempts - 1, 0))


def _longest_pause() -> timedelta:
    return max(_pause(get_settings().max_attempts), _AFTER_TROUBLE)


def _has_attempts() -> ColumnElement[bool]:
    return Document.attempts < found_when_asked(lambda: get_settings().max_attempts, Integer)


def _lease(session: Session, condition: ColumnElement[bool], owner: str, at: datetime, attempt: int) -> bool:
    """One atomic update: of two that want the same row, the second finds the condition no longer true."""
    session.flush()
    changed = session.execute(
        update(Document)
        .where(condition, _is_open())
        .values(lease_owner=owner, lease_until=at + _lease_time(), attempts=Document.attempts + attempt)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _end(session: Session, tracking: str, owner: str, **values: Any) -> None:
    session.flush()
    session.execute(
        update(Document)
        .where(Document.tracking == tracking, Document.lease_owner == owner)
        .values(lease_owner=None, **values)
        .execution_options(synchronize_session=False)
    )
