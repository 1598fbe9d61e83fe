"""Whether the audit trail is complete, including its end, and removing entries whose period is over.

The chain alone cannot tell that its end was cut off: what is left is whole. So its end is noted as a ``Mark`` in a file
of the home folder, every few minutes, and in the report of the day; a mark that is not met again tells of the cut.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from audit.chain import BEGINNING, head_of, held_head, seal
from audit.tables import AuditEntry
from audit.trail import record
from database.engine import reading
from database.keys import key_ring
from database.private_files import replaced
from environment.settings import get_settings

_BUNDLE: Final = 500
"""Entries looked at in one transaction: SQLite lets nobody write meanwhile."""
_FILE: Final = "audit.mark"
_SHORTENED: Final = "audit_shortened"
_SUBJECT: Final = "audit"


class EntryFault(StrEnum):
    """What is wrong with an entry."""

    CHANGED = "changed"
    """It is not as it was sealed, or stands at another place."""
    MISSING = "missing"
    """It is not there, though later ones are."""
    CUT_OFF = "cut_off"
    """It and all after it are not there, though they were."""
    UNSEALED = "unsealed"
    """It was written past the program: it has no place in the chain."""
    OTHER = "other"
    """It is sealed, but it is another one than stood there when the end of the trail was noted."""
    NOTE = "note"
    """The note of the end of the trail is damaged."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of the trail at some time: position and seal of its last entry."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"

    @classmethod
    def parse(cls, written: str) -> Mark:
        """ValueError for what is no mark."""
        position, colon, digest = written.strip().partition(":")
        if not (colon and position.isascii() and position.isdecimal() and len(digest) == 64):
            raise ValueError("no mark of the audit trail")
        return cls(int(position), digest)


@dataclass(frozen=True, slots=True)
class TrailVerdict:
    """What a look at the whole trail found: how many entries, its end, and the first that is not as it should be."""

    entries: int
    end: Mark | None
    position: int | None = None
    fault: EntryFault | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


class BrokenTrailError(Exception):
    """The trail is not as it was: ``position`` is that of the first entry concerned."""

    def __init__(self, position: int, fault: EntryFault) -> None:
        super().__init__(f"entry {position} of the audit is {fault}")
        self.position = position
        self.fault = fault


def verify(marks: Sequence[Mark] = ()) -> TrailVerdict:
    """Look at every entry, against its seal and the marks of earlier days, while everybody works."""
    with reading() as session:
        head, last = head_of(session), session.scalar(select(func.max(AuditEntry.position))) or 0
        unsealed = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.position.is_(None)))
        removed = 0 if head is None else head.removed_through
        start, before = _start(session, removed)
    if head is None:
        lost = max([last, *(mark.position for mark in marks)])
        return TrailVerdict(0, None) if not lost else TrailVerdict(0, None, last + 1, EntryFault.CUT_OFF)
    end, count = Mark(head.position, head.digest), 0
    try:
        count = _walk(start, before, end, {mark.position: mark.digest for mark in marks if mark.position > removed})
        if unsealed is not None:
            raise BrokenTrailError(unsealed, EntryFault.UNSEALED)
    except BrokenTrailError as broken:
        with reading() as session:
            now = head_of(session)
        if now is not None and now.removed_through > removed:
            return verify(marks)  # the trail was shortened meanwhile
        return TrailVerdict(count, end, broken.position, broken.fault)
    return TrailVerdict(count, end)


def look_at_trail(marks: Sequence[Mark] = ()) -> TrailVerdict:
    """As ``verify``, against the end that was noted last, too; the present end is noted where all is as it was."""
    try:
        noted = noted_end()
    except ValueError:
        found = verify(marks)
        return found if not found.whole else replace(found, position=0, fault=EntryFault.NOTE)
    found = verify([*marks, *([noted] if noted else [])])
    if found.whole:
        note_end()
    return found


def note_end() -> Mark | None:
    """Note the present end of the trail in the home folder; gives it, None before the first entry.

    BrokenTrailError where the end that was noted before is not met any more: that note stays.
    """
    noted = noted_end()
    with reading() as session:
        head = head_of(session)
        if noted is not None and (head is None or noted.position > head.removed_through):
            there = session.scalar(select(AuditEntry.digest).where(AuditEntry.position == noted.position))
            if there is None or head is None or head.position < noted.position:
                raise BrokenTrailError(noted.position, EntryFault.CUT_OFF)
            if there != noted.digest:
                raise BrokenTrailError(noted.position, EntryFault.OTHER)
        end = None if head is None else Mark(head.position, head.digest)
    if end is not None and end != noted:
        replaced(mark_file(), f"{end}\n".encode())
    return end


def noted_end() -> Mark | None:
    """The end of the trail as it was noted last; ValueError when the note is damaged."""
    path = mark_file()
    return Mark.parse(path.read_text("utf-8")) if path.exists() else None


def mark_file() -> Path:
    """Where the end of the trail is noted."""
    return get_settings().home / _FILE


def shorten(session: Session, older_than: datetime, *, actor: str) -> int:
    """Remove the entries at the beginning that are older, and record that; gives how many.

    The new entry holds the seal of the last one removed, so that what is left is still a chain.
    """
    head = held_head(session)
    if head is None:
        return 0
    kept = select(func.min(AuditEntry.position)).where(AuditEntry.at >= older_than)
    through = (session.scalar(kept) or head.position + 1) - 1
    count = through - head.removed_through
    if count <= 0:
        return 0
    seal_of_last = session.scalar(select(AuditEntry.digest).where(AuditEntry.position == through))
    detail = {"through": through, "seal": seal_of_last, "count": count}
    record(session, actor=actor, action=_SHORTENED, subject=_SUBJECT, detail=detail)
    head.removed_through = through
    session.flush()
    session.execute(delete(AuditEntry).where(AuditEntry.position <= through))
    return count


def _start(session: Session, removed_through: int) -> tuple[int, str]:
    """The position after which the chain is to be looked at, and the seal of the entry there."""
    told = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == _SUBJECT, AuditEntry.action == _SHORTENED, AuditEntry.position.is_not(None))
        .order_by(AuditEntry.position.desc())
        .limit(1)
    ).first()
    detail = {} if told is None or told.detail is None else told.detail
    return (removed_through, detail["seal"]) if detail.get("through", 0) == removed_through > 0 else (0, BEGINNING)


def _walk(position: int, before: str, end: Mark, marks: dict[int, str]) -> int:
    """Look at all entries after a position up to the end; gives how many. BrokenTrailError at the first that is wrong.

    An entry is sealed by the key that sealed the one before, or by a newer one.
    """
    count, key, keys = 0, 0, key_ring().audit
    for entry in _between(position, end.position):
        position += 1
        if entry.position != position:
            raise BrokenTrailError(position, EntryFault.MISSING)
        found = _sealed_by(keys[key:], before, position, entry)
        if found is None:
            raise BrokenTrailError(position, EntryFault.CHANGED)
        before, key, count = entry.digest or "", key + found, count + 1
        if marks.get(position, before) != before:
            raise BrokenTrailError(position, EntryFault.OTHER)
    if position < max([end.position, *marks]):
        raise BrokenTrailError(position + 1, EntryFault.CUT_OFF)
    if before != end.digest:
        raise BrokenTrailError(position, EntryFault.OTHER)
    return count


def _between(after: int, last: int) -> Iterator[AuditEntry]:
    """The entries after a position, in order, up to another."""
    while True:
        with reading() as session:
            found = session.scalars(
                select(AuditEntry)
                .where(AuditEntry.position > after, AuditEntry.position <= last)
                .order_by(AuditEntry.position)
                .limit(_BUNDLE)
            ).all()
        if not found:
            return
        after = found[-1].position or 0
        yield from found


def _sealed_by(keys: Iterable[bytes], before: str, position: int, entry: AuditEntry) -> int | None:
    """The number of the key that sealed an entry; None when none did."""
    for number, key in enumerate(keys):
        if hmac.compare_digest(seal(key, before, position, entry), entry.digest or ""):
            return number
    return None
