"""Adding to the audit trail, and reading it.

What is recorded, under which names, and why: docs/decisions/0021-an-audit-that-cannot-be-rewritten-unseen.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.orm import Session

from audit.chain import add, pending
from audit.tables import AuditEntry
from database.encryption import digest
from database.engine import reading, transaction
from environment import clock

ONE_VIEW: Final = timedelta(minutes=15)
"""Within this time one person's looks at one thing are one entry: a page of twenty pictures is twenty-one requests."""
VIEWS: Final = frozenset({"viewed", "opened", "pictures_viewed"})
"""Actions of mere looks: at a page with sensitive values masked, at one with all of them, at pictures of the paper."""
MACHINE: Final = "machine"
"""Who does what the program does by itself."""
SEARCHED_BY_NAME: Final = "searched_by_name"
"""Whose entries hold the numbers of the customers who were shown, as ``shown``."""
_BUNDLE: Final = 500
"""Entries read at once."""


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries are asked for; None is any.

    ``actor`` is as recorded, or its part after the colon (a login; of an agent his number with or without the
    authority). ``subjects`` are identifiers; entries count, too,
    that name ``mentioned`` (the number of a customer) among the customers shown.
    """

    since: datetime | None = None
    actor: str | None = None
    subjects: Collection[str] | None = None
    mentioned: str | None = None


def record(session: Session, *, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Add an entry, committed with what it tells of.

    ``actor`` is 'clerk:LOGIN', 'command line:USER', 'customer', 'agent:NUMBER/AUTHORITY' (the account that acts for a
    customer, by its own number, and by which authority), 'calendar:LOGIN' (whoever has the address of that calendar),
    'unknown' (somebody who has not signed in), 'workflow engine' or 'machine'; ``subject`` an identifier.
    ``detail`` is JSON and encrypted; it holds identifiers, codes and numbers, never a value of a person.
    """
    told = None if detail is None else dict(detail)
    add(session, AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, detail=told))


def record_view(session: Session, *, actor: str, action: str, subject: str, daily: bool = False) -> None:
    """Add an entry for a look at something, unless there is one of that person within the last ``ONE_VIEW``.

    ``daily``: unless there is one of the present day.
    """
    _one_at_a_time(session, actor, action, subject)
    if not _seen_lately(session, actor, action, subject, daily=daily):
        record(session, actor=actor, action=action, subject=subject)


def note_view(*, actor: str, action: str, subject: str, daily: bool = False) -> None:
    """The same in a transaction of its own, which there is only for the first look: whoever looks keeps nobody waiting.

    Call it before what was looked at is shown.
    """
    with reading() as session:
        if _seen_lately(session, actor, action, subject, daily=daily):
            return
    with transaction() as session:
        record_view(session, actor=actor, action=action, subject=subject, daily=daily)


def entries(session: Session, wanted: TrailFilter) -> Iterator[AuditEntry]:
    """The entries asked for, the newest first."""
    return _found(wanted, lambda: nullcontext(session))


def browse(wanted: TrailFilter) -> Iterator[AuditEntry]:
    """The same, in short transactions of its own: however many there are, nobody else waits."""
    return _found(wanted, reading)


def _found(wanted: TrailFilter, connected: Callable[[], AbstractContextManager[Session]]) -> Iterator[AuditEntry]:
    before: list[ColumnElement[bool]] = []
    while True:
        asked = select(AuditEntry).where(*_conditions(wanted), *before)
        with connected() as session:
            bundle = session.scalars(asked.order_by(AuditEntry.id.desc()).limit(_BUNDLE)).all()
        if not bundle:
            return
        before = [AuditEntry.id < bundle[-1].id]
        for entry in bundle:
            if wanted.subjects is None or entry.subject in wanted.subjects or _mentions(entry, wanted.mentioned):
                yield entry


def _conditions(wanted: TrailFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.actor is not None:
        yield or_(
            AuditEntry.actor == wanted.actor,
            AuditEntry.actor.endswith(f":{wanted.actor}", autoescape=True),
            AuditEntry.actor.startswith(f"agent:{wanted.actor}/", autoescape=True),
        )
    if wanted.subjects is not None:
        found = AuditEntry.subject.in_(wanted.subjects)
        yield found if wanted.mentioned is None else or_(found, AuditEntry.action == SEARCHED_BY_NAME)


def _mentions(entry: AuditEntry, customer_no: str | None) -> bool:
    return customer_no is not None and customer_no in (entry.detail or {}).get("shown", ())


def _seen_lately(session: Session, actor: str, action: str, subject: str, *, daily: bool) -> bool:
    if any((each.actor, each.action, each.subject) == (actor, action, subject) for each in pending(session)):
        return True
    seen = select(AuditEntry.id).where(
        AuditEntry.subject == subject,
        AuditEntry.at >= (clock.midnight() if daily else clock.now() - ONE_VIEW),
        AuditEntry.actor == actor,
        AuditEntry.action == action,
    )
    return session.scalar(seen.limit(1)) is not None


def _one_at_a_time(session: Session, actor: str, action: str, subject: str) -> None:
    """Let nobody else record the same look meanwhile; SQLite lets one write at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(digest("view", actor, action, subject)[:15], 16)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
