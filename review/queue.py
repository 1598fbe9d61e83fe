"""The queue of the review desk: what waits for a person, who has it, and for how long.

A document belongs to one clerk as long as his lease runs; the page prolongs it while somebody works there. What is
decided stands in ``review.decisions``. All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from documents.loading import load
from documents.states import State
from documents.tables import Document, Transition
from environment import clock
from environment.settings import get_settings

SHOWN: Final = 50
"""Documents on one page of the queue."""
NO_FORM: Final = "brak"
"""Stands for 'no form of ours' where documents are chosen by form."""


class Level(StrEnum):
    """For whom a document waits."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who sits at the desk; a supervisor sees also what was sent to him."""

    login: str
    supervisor: bool = False

    @property
    def actor(self) -> str:
        """The name under which everything is written that he does."""
        return f"clerk:{self.login}"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which documents: None is any. ``form`` is a code or NO_FORM; ``mine`` is what the asking clerk holds."""

    form: str | None = None
    reason: str | None = None
    mine: bool = False
    level: Level = Level.CLERK


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the queue; ``owner`` is the login of who has it now, ``authority`` of who sent it for another."""

    tracking: str
    form: str | None
    reason_code: str | None
    reason: str | None
    received_at: datetime
    channel: str
    owner: str | None
    until: datetime | None
    authority: int | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The oldest documents that were asked for, and how many there are of each sort, whatever was asked for."""

    lines: tuple[QueueEntry, ...]
    total: int
    by_form: dict[str, int]
    by_reason: dict[str, int]
    mine: int
    sent_to_supervisor: int


class DeskConflictError(RuntimeError):
    """Somebody else was quicker; ``message`` is Polish, ``owner`` the login of who has it or settled it.

    ``code``: 'held' (another has it), 'free' (nobody has it), 'settled' (it waits no longer), 'changed' (it is no
    longer what was seen), 'supervisor' (it was sent to the supervisor).
    """

    def __init__(self, code: str, message: str, owner: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.owner = owner


def waiting(session: Session, wanted: QueueFilter, clerk: Clerk, *, limit: int = SHOWN) -> QueuePage:
    """The queue as that clerk sees it, the oldest first."""
    columns = (
        Document.tracking,
        Document.form,
        Document.reason_code,
        Document.reason,
        Document.received_at,
        Document.channel,
        Document.desk_owner,
        Document.desk_until,
        Document.authority,
    )
    at = clock.now()
    rows = session.execute(
        select(*columns).where(*_wanted(wanted, clerk, at)).order_by(Document.received_at, Document.id).limit(limit)
    )
    lines = tuple(_line(row, at) for row in rows)
    by_form: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    sort = Document.desk_level, Document.form, Document.reason_code
    groups = session.execute(
        select(*sort, func.count()).where(Document.state == State.IN_REVIEW.value).group_by(*sort)
    ).all()
    total = 0
    for level, form, reason, number in groups:
        if level != wanted.level.value:
            continue
        by_form[form or NO_FORM] += number
        by_reason[reason or ""] += number
        if wanted.form in (None, form or NO_FORM) and wanted.reason in (None, reason or ""):
            total += number
    mine = _count(session, *_held_by(clerk, at))
    return QueuePage(
        lines,
        mine if wanted.mine else total,
        dict(by_form),
        dict(by_reason),
        mine,
        sum(number for level, *_, number in groups if level == Level.SUPERVISOR.value),
    )


def claim(session: Session, tracking: str, clerk: Clerk) -> None:
    """Hold a document for the clerk from now on, or go on holding it; DeskConflictError when he cannot have it."""
    at = clock.now()
    free = or_(Document.desk_owner.is_(None), Document.desk_until <= at, Document.desk_owner == clerk.login)
    level = Document.desk_level.in_([Level.CLERK.value, *([Level.SUPERVISOR.value] if clerk.supervisor else [])])
    if not _lease(session, tracking, and_(free, level), clerk, at):
        raise conflict(session, tracking, clerk)


def claim_next(session: Session, clerk: Clerk, wanted: QueueFilter, after: str | None = None) -> str | None:
    """Hold the next document that is wanted and give its tracking number; None when there is none.

    Documents the clerk already holds come first, except ``after``, the one just left; then the oldest after that
    one, starting again from the front at the end of the queue.
    """
    at = clock.now()
    wanted = replace(wanted, mine=False)
    held = select(Document.tracking).where(*_held_by(clerk, at), Document.tracking != (after or ""))
    found = session.scalar(held.order_by(Document.received_at, Document.id).limit(1))
    if found is not None:
        claim(session, found, clerk)
        return found
    while (found := peek_next(session, clerk, wanted, after)) is not None:
        free = or_(Document.desk_owner.is_(None), Document.desk_until <= at)
        if _lease(session, found, and_(free, *_wanted(wanted, clerk, at)), clerk, at):
            return found
    return None


def peek_next(session: Session, clerk: Clerk, wanted: QueueFilter, after: str | None = None) -> str | None:
    """The tracking number of the document that ``claim_next`` would take from the free ones."""
    at = clock.now()
    free = (*_wanted(wanted, clerk, at), or_(Document.desk_owner.is_(None), Document.desk_until <= at))
    oldest = select(Document.tracking).where(*free).order_by(Document.received_at, Document.id).limit(1)
    if after is None:
        return session.scalar(oldest)
    last = load(session, after)
    later = or_(
        Document.received_at > last.received_at,
        and_(Document.received_at == last.received_at, Document.id > last.id),
    )
    # The first condition alone is what the index can seek by.
    beyond = oldest.where(Document.received_at >= last.received_at, later)
    return session.scalar(beyond) or session.scalar(oldest.where(Document.tracking != after))


def prolong(session: Session, tracking: str, clerk: Clerk) -> datetime:
    """Go on holding a document; gives the end of the lease. DeskConflictError when it is another's by now."""
    claim(session, tracking, clerk)
    until = session.scalar(select(Document.desk_until).where(Document.tracking == tracking))
    assert until is not None, "a document that was just taken has a lease"
    return until


def give_back(session: Session, tracking: str, clerk: Clerk) -> None:
    """Hold it no longer; nothing happens when it is another's by now."""
    session.flush()
    given = session.execute(
        update(Document)
        .where(Document.tracking == tracking, Document.desk_owner == clerk.login)
        .values(desk_owner=None, desk_until=None)
        .execution_options(synchronize_session=False)
    )
    if given.rowcount:  # type: ignore[attr-defined]
        record(session, actor=clerk.actor, action="given_back", subject=tracking)


def to_supervisor(session: Session, tracking: str, clerk: Clerk, note: str) -> None:
    """Leave a document to the supervisor, with a note for him; DeskConflictError when it is not the clerk's."""
    _hand_over(session, tracking, clerk, Level.SUPERVISOR, note)


def to_clerks(session: Session, tracking: str, clerk: Clerk, note: str) -> None:
    """Give a document back to all clerks, with a note for them."""
    _hand_over(session, tracking, clerk, Level.CLERK, note)


def _hand_over(session: Session, tracking: str, clerk: Clerk, level: Level, note: str) -> None:
    claim(session, tracking, clerk)
    at = clock.now()
    document = load(session, tracking)
    document.desk_level, document.desk_note = level.value, note.strip() or None
    document.desk_owner = document.desk_until = None
    document.updated_at = at
    record(session, actor=clerk.actor, action=f"sent_to_{level}", subject=tracking)
    session.flush()


def conflict(session: Session, tracking: str, clerk: Clerk) -> DeskConflictError:
    """Why the clerk cannot have that document, in words."""
    document = load(session, tracking)
    if document.state != State.IN_REVIEW:
        by = settled_by(session, document)
        login = by.removeprefix("clerk:") if by.startswith("clerk:") else None
        told = "Ta sprawa nie czeka już na sprawdzenie"
        return DeskConflictError("settled", f"{told}: rozstrzygnięto ją wcześniej.", login)
    if document.desk_level == Level.SUPERVISOR and not clerk.supervisor:
        return DeskConflictError("supervisor", "Ta sprawa jest u kierownika. Weź następną.")
    if document.desk_owner is None:
        return DeskConflictError("free", "Nikt nie trzyma teraz tej sprawy. Weź ją jeszcze raz.")
    return DeskConflictError("held", "Tę sprawę sprawdza teraz ktoś inny. Weź następną.", document.desk_owner)


def settled_by(session: Session, document: Document) -> str:
    """The actor who took the document out of review; 'machine' when nobody did."""
    left = select(Transition.actor).where(
        Transition.document_id == document.id, Transition.from_state == State.IN_REVIEW.value
    )
    return session.scalar(left.order_by(Transition.id.desc()).limit(1)) or "machine"


def _line(row: Any, at: datetime) -> QueueEntry:
    held = row.desk_until is not None and row.desk_until > at
    return QueueEntry(
        row.tracking,
        row.form,
        row.reason_code,
        row.reason,
        row.received_at,
        row.channel,
        row.desk_owner if held else None,
        row.desk_until if held else None,
        row.authority,
    )


def _wanted(wanted: QueueFilter, clerk: Clerk, at: datetime) -> list[ColumnElement[bool]]:
    if wanted.mine:
        return _held_by(clerk, at)
    found = _at_level(wanted.level)
    if wanted.form is not None:
        found.append(Document.form.is_(None) if wanted.form == NO_FORM else Document.form == wanted.form)
    if wanted.reason is not None:
        found.append(Document.reason_code == wanted.reason)
    return found


def _at_level(level: Level) -> list[ColumnElement[bool]]:
    return [Document.state == State.IN_REVIEW.value, Document.desk_level == level.value]


def _held_by(clerk: Clerk, at: datetime) -> list[ColumnElement[bool]]:
    return [Document.desk_owner == clerk.login, Document.state == State.IN_REVIEW.value, Document.desk_until > at]


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Document).where(*conditions)) or 0


def _lease(session: Session, tracking: str, condition: ColumnElement[bool], clerk: Clerk, at: datetime) -> bool:
    """One atomic update: of two that want the same document, the second finds the condition no longer true."""
    session.flush()
    held = session.scalar(select(Document.id).where(Document.tracking == tracking, *_held_by(clerk, at)))
    until = at + timedelta(minutes=get_settings().desk_lease_minutes)
    changed = session.execute(
        update(Document)
        .where(Document.tracking == tracking, condition, Document.state == State.IN_REVIEW.value)
        .values(desk_owner=clerk.login, desk_until=until)
        .execution_options(synchronize_session=False)
    )
    taken = bool(changed.rowcount)  # type: ignore[attr-defined]
    if taken and held is None:
        record(session, actor=clerk.actor, action="taken", subject=tracking)
    return taken
