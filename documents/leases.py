"""Who works on which document: leases that expire, so that a killed worker's documents are taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from documents.arrival import Arrival
from documents.loading import load
from documents.states import OPEN, State
from documents.tables import Document, Reading
from environment import clock
from environment.settings import get_settings
from forms.fields import CUSTOMER_NO

_NUMBER: Final = CUSTOMER_NO.name


def claim(session: Session, tracking: str, owner: str) -> Document | None:
    """Lease one open document to ``owner`` (unique per run); None when another holds it or there is nothing to do.

    The owner of a live lease may claim again: that prolongs it and counts no attempt. Taken by hand, a document that
    waits after a fault is leased at once; a stuck one (attempts used up) only after ``unstick``.
    """
    at = clock.now()
    own = and_(Document.lease_owner == owner, Document.lease_until > at)
    free = and_(or_(Document.lease_owner.is_(None), Document.lease_until <= at), _has_attempts())
    for condition, attempt in ((own, 0), (free, 1)):
        if _lease(session, and_(Document.tracking == tracking, condition), owner, at, attempt):
            return load(session, tracking)
    return None


def claim_open(session: Session, owner: str, limit: int, *, unread: bool | None = None) -> list[str]:
    """Lease up to ``limit`` documents that the machine can move on (received, ready, applied) and give their trackings.

    ``unread`` asks for files that are still to be read alone, or for all others alone.

    Left out: those leased to others, waiting after a fault, or with all attempts used up. Each lease counts an attempt.
    ``claim`` with the same owner then loads them. Those with fewer faults come first, then the oldest.
    """
    at = clock.now()
    wanted = (
        select(Document.id, Document.tracking)
        .where(*_may_be_claimed(at, unread))
        .order_by(Document.attempts, Document.received_at, Document.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    chosen = {row.id: row.tracking for row in session.execute(wanted)}
    if chosen:
        _lease(session, Document.id.in_(chosen), owner, at, 1)
    return list(chosen.values())


def any_open(session: Session, *, unread: bool | None = None) -> bool:
    """Whether ``claim_open`` finds a document; only looks, so that a sweep with nothing to do keeps nobody waiting."""
    found = select(Document.id).where(*_may_be_claimed(clock.now(), unread)).limit(1)
    return session.scalar(found) is not None


def _may_be_claimed(at: datetime, unread: bool | None) -> Iterator[ColumnElement[bool]]:
    yield _is_open()
    yield or_(Document.lease_until.is_(None), Document.lease_until <= at)
    yield _has_attempts()
    if unread is not None:
        yield _is_unread() if unread else not_(_is_unread())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands among the others: when it came, and whom it is about.

    ``customer_no`` is the number as it was read or typed, None before that and where there is none.
    """

    arrival: Arrival
    read: bool
    customer_no: str | None = field(repr=False)

    def comes_after(self, other: Place) -> bool:
        """Whether the other one is an earlier one of the same customer.

        What nobody's number stands on takes effect on nobody.
        """
        return other.arrival < self.arrival and self.customer_no is not None and other.customer_no == self.customer_no

    def may_come_after(self, other: Place) -> bool:
        """Whether the other one is an earlier one that may turn out to be the same customer's: it is not read yet."""
        return other.arrival < self.arrival and self.customer_no is not None and not other.read


def place(session: Session, tracking: str) -> Place:
    """The place of one document."""
    return _places(session, Document.tracking == tracking)[0]


def places_under_way(session: Session) -> list[Place]:
    """Of the documents that somebody is working on and that are not carried out yet.

    Those that nobody works on (waiting after a fault, for a human, for a worker) do not count, nor what is none of our
    forms.
    """
    leased = and_(Document.lease_owner.is_not(None), Document.lease_until > clock.now())
    open_still = Document.state.in_([State.RECEIVED.value, State.READY.value])
    ours = or_(Document.pages.is_(None), Document.form.is_not(None))
    return _places(session, leased, open_still, ours)


def _places(session: Session, *wanted: ColumnElement[bool]) -> list[Place]:
    of_number = and_(Reading.document_id == Document.id, Reading.field == _NUMBER, Reading.superseded.is_(False))
    found = session.execute(
        select(Document.received_at, Document.id, Document.pages, Reading.value)
        .outerjoin(Reading, of_number)
        .where(*wanted)
    )
    return [
        Place(Arrival(at, number), pages is not None, value if isinstance(value, str) else None)
        for at, number, pages, value in found
    ]


def release(session: Session, tracking: str, owner: str) -> None:
    """End a lease after work that went well: attempts start anew. Nothing happens when the lease is another's."""
    _end(session, tracking, owner, lease_until=None, attempts=0, last_fault=None)


def record_fault(session: Session, tracking: str, owner: str, code: str) -> None:
    """End a lease after a fault: ``code`` (no personal data) is kept, the next attempt waits longer each time."""
    attempts = load(session, tracking).attempts
    pause = timedelta(seconds=get_settings().sweep_interval_seconds * 2 ** max(attempts - 1, 0))
    _end(session, tracking, owner, lease_until=clock.now() + pause, last_fault=code[:100], shown=None)


def put_off(session: Session, tracking: str, owner: str, code: str, until: datetime) -> None:
    """End a lease after work that went well but waits for something else: nothing counts, it is taken up then."""
    _end(session, tracking, owner, lease_until=until, attempts=0, last_fault=code[:100])


def unstick(session: Session, tracking: str, actor: str) -> None:
    """Give a document whose attempts are used up new ones."""
    document = load(session, tracking)
    document.attempts, document.last_fault, document.shown, document.updated_at = 0, None, None, clock.now()
    if document.lease_owner is None:
        document.lease_until = None
    record(session, actor=actor, action="unstuck", subject=tracking)
    session.flush()


def is_stuck() -> ColumnElement[bool]:
    """Condition: the machine owes the next step but has used up its attempts, and nobody works on it now."""
    idle = or_(Document.lease_owner.is_(None), Document.lease_until <= clock.now())
    return and_(_is_open(), ~_has_attempts(), idle)


def _is_unread() -> ColumnElement[bool]:
    """Condition: a file that is still to be read."""
    return and_(Document.state == State.RECEIVED.value, Document.pages.is_(None))


def _is_open() -> ColumnElement[bool]:
    return Document.state.in_([state.value for state in OPEN])


def _has_attempts() -> ColumnElement[bool]:
    return Document.attempts < get_settings().max_attempts


def _lease(session: Session, condition: ColumnElement[bool], owner: str, at: datetime, attempt: int) -> bool:
    """One atomic update: of two that want the same row, the second finds the condition no longer true."""
    session.flush()
    until = at + timedelta(seconds=get_settings().lease_seconds)
    changed = session.execute(
        update(Document)
        .where(condition, _is_open())
        .values(lease_owner=owner, lease_until=until, attempts=Document.attempts + attempt)
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
