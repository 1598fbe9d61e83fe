"""The chain of the audit trail: every entry sealed together with all before it, when it is committed.

The seal is an HMAC-SHA256 over the entry and the seal of the one before, under a key that is derived from the newest of
the installation: who can write to the database, but has no key, cannot write the trail anew.

Entries get their positions one after the other: on PostgreSQL under the lock of the row that says where the trail ends,
which is the last one a transaction takes, held for its commit only, so that nobody who holds it waits for anybody;
SQLite lets one write at a time anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, cast

from sqlalchemy import Table, bindparam, event, select, text, update
from sqlalchemy.orm import Session, SessionTransaction

from audit.tables import AuditEntry, AuditHead
from database.keys import key_ring

BEGINNING: Final = ""
"""What stands for the seal of the entry before the first one."""
_LAST: Final = AuditEntry.position.desc()
_PENDING: Final = "entries of the audit"
_LOCK: Final = 7_266_471
"""Number of the advisory lock of PostgreSQL under which the trail is begun."""
_HELD: Final = select(AuditHead).where(AuditHead.id == 1).with_for_update().execution_options(populate_existing=True)
_ENTRIES: Final = cast("Table", AuditEntry.__table__)
_HEADS: Final = cast("Table", AuditHead.__table__)
_WRITTEN: Final = ("at", "actor", "action", "subject", "detail")
"""What an entry has before it has its place in the chain."""
_HELD_END: Final = select(_HEADS.c.position, _HEADS.c.digest).where(_HEADS.c.id == 1).with_for_update()
_MOVED_END: Final = (
    update(_HEADS).where(_HEADS.c.id == 1).values(position=bindparam("to_position"), digest=bindparam("to_digest"))
)
"""Each commit adds entries: rows as they are cost half of what objects of the session cost."""


def add(session: Session, entry: AuditEntry) -> None:
    """Add an entry when the session commits, sealed: until then nobody finds it, this session neither."""
    session.info.setdefault(_PENDING, []).append((entry, session.get_nested_transaction()))


def pending(session: Session) -> list[AuditEntry]:
    """The entries that the session will add when it commits."""
    return [entry for entry, _ in session.info.get(_PENDING, ())]


@event.listens_for(Session, "after_soft_rollback")
def _take_back(session: Session, ended: SessionTransaction) -> None:
    """What a savepoint took back, or the whole session, is not added."""
    if ended.nested or ended.parent is None:
        left = [(entry, within) for entry, within in session.info.pop(_PENDING, ()) if not _is_of(within, ended)]
        session.info[_PENDING] = left


def _is_of(within: SessionTransaction | None, ended: SessionTransaction) -> bool:
    """Whether what was done in that transaction was taken back with the other one."""
    while within is not None and within is not ended:
        within = within.parent
    return within is ended or ended.parent is None


def seal(key: bytes, before: str, position: int, entry: AuditEntry) -> str:
    """The seal of an entry at a position, after the one whose seal is ``before``."""
    content = [before, position, _instant(entry.at), entry.actor, entry.action, entry.subject, entry.detail]
    message = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def head_of(session: Session) -> AuditHead | None:
    """Where the trail ends; None before its first entry."""
    return session.get(AuditHead, 1, populate_existing=True)


def held_head(session: Session) -> AuditHead | None:
    """Where the trail ends; nobody else adds to it until this transaction ends. None before its first entry."""
    head = session.scalar(_HELD)
    if head is None:
        _alone(session)
        head = session.scalar(_HELD)
    return head


def _alone(session: Session) -> None:
    """Let nobody else begin the trail."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


@event.listens_for(Session, "before_commit")
def _link(session: Session) -> None:
    """Add what is to be added, each in its place in the chain."""
    if session.in_nested_transaction() or not (entries := pending(session)):
        return
    del session.info[_PENDING]
    session.flush()
    connection = session.connection()
    if (end := connection.execute(_HELD_END).first()) is None:
        _begin(session)
        end = connection.execute(_HELD_END).one()
    sealed = list(_sealed(entries, *end))
    rows = [
        {name: getattr(entry, name) for name in _WRITTEN} | {"position": position, "digest": digest}
        for entry, position, digest in sealed
    ]
    connection.execute(_ENTRIES.insert(), rows)
    _, position, digest = sealed[-1]
    connection.execute(_MOVED_END, {"to_position": position, "to_digest": digest})


def _sealed(entries: Iterable[AuditEntry], position: int, last: str) -> Iterator[tuple[AuditEntry, int, str]]:
    """Entries that follow the end of the trail, each with its position and seal."""
    key = key_ring().audit[-1]
    for entry in entries:
        position += 1
        last = seal(key, last, position, entry)
        yield entry, position, last


def _begin(session: Session) -> None:
    """Have a head for a trail that begins, or for one whose head was lost; what was no chain yet becomes one."""
    if held_head(session) is not None:
        return  # another one was faster
    head = _new_head(session)
    if not head.position:
        for entry, position, last in _sealed(_written_before(session), head.position, head.digest):
            entry.position, entry.digest = head.position, head.digest = position, last
    session.flush()


def _new_head(session: Session) -> AuditHead:
    """The head of a trail that begins, or of one whose head was lost."""
    last = session.scalars(select(AuditEntry).where(AuditEntry.position.is_not(None)).order_by(_LAST).limit(1)).first()
    head = AuditHead(id=1, position=0, digest=BEGINNING, removed_through=0)
    if last is not None:
        head.position, head.digest = last.position or 0, last.digest or ""
    session.add(head)
    return head


def _written_before(session: Session) -> list[AuditEntry]:
    """All entries of a trail that was no chain yet."""
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
