"""What became of scans, for whoever scans them: by file, without any value that was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from audit.tables import AuditEntry
from audit.trail import record
from documents.file_names import named
from documents.leases import is_stuck
from documents.loading import load
from documents.states import IntakeChannel, State
from documents.tables import Document

FOUND_AFTER_RESTORE: Final = "found_after_restore"
"""Code of what a restored register did not know and the store had: nobody scanned it anew."""
_SETTLED: Final = "scan_settled"
SCANNED: Final = (IntakeChannel.FOLDER.value, IntakeChannel.CLI.value)
"""The ways in on which a file of the office comes."""


@dataclass(frozen=True, slots=True)
class ScanPart:
    """One case that was found in a file; ``pages`` is empty until the file is read. ``stuck``: the machine gave up.

    ``settled``: whoever scans has done what there was to do about it, and the rest is the office's.
    ``reason`` is only told of what is in quarantine: elsewhere it may quote the paper.
    """

    tracking: str
    pages: tuple[int, ...]
    state: State
    form: str | None
    duplicate_of: str | None
    reason_code: str | None
    stuck: bool
    settled: bool
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """One file that was taken in, with all that was found in it; ``left_out`` are its empty pages and separators."""

    received_at: datetime
    parts: tuple[ScanPart, ...]
    left_out: tuple[int, ...]
    file_name: str | None = field(repr=False)


def taken_since(session: Session, since: datetime, most: int) -> tuple[list[Scan], int]:
    """The scans that came since then, the newest first and at most so many, and how many they are."""
    wanted = (_whole_files(), Document.received_at >= since)
    newest = select(Document).where(*wanted).order_by(Document.received_at.desc(), Document.id.desc()).limit(most)
    total = session.scalar(select(func.count()).select_from(Document).where(*wanted)) or 0
    return _scans(session, list(session.scalars(newest))), total


def called(session: Session, typed: str, most: int) -> list[Scan]:
    """Scans by words and numbers of their file's name, the newest first and at most so many."""
    found = select(Document).where(Document.id.in_(named(session, typed, most)), _whole_files())
    return _scans(session, list(session.scalars(found.order_by(Document.id.desc()))))


def in_trouble(session: Session, most: int) -> list[Scan]:
    """Scans of which something is in quarantine or stuck, the oldest first and at most so many."""
    troubled = or_(Document.state == State.QUARANTINED.value, is_stuck())
    rows = session.scalars(
        select(Document)
        .where(Document.channel.in_(SCANNED), troubled)
        .order_by(Document.received_at, Document.id)
        .limit(most)
    )
    return _scans(session, _roots(session, list(rows)))


def settle(session: Session, tracking: str, actor: str) -> None:
    """Note that whoever scans has done what there was to do about a scan in quarantine."""
    document = load(session, tracking)
    unusable = document.channel in SCANNED and document.at is State.QUARANTINED
    if unusable and not _settled(session, [document]):
        record(session, actor=actor, action=_SETTLED, subject=tracking)


def version_tag(session: Session, since: datetime) -> tuple[Any, ...]:
    """Is another one when a scan came or changed its state since then, or something came into quarantine or left it."""
    latest = func.count(), func.max(Document.id), func.max(Document.updated_at)
    came = select(*latest).where(Document.channel.in_(SCANNED), Document.received_at >= since)
    unusable = select(*latest).where(Document.state == State.QUARANTINED.value)
    return tuple(session.execute(came).one()), tuple(session.execute(unusable).one())


def is_in_trouble(part: ScanPart) -> bool:
    """Whether somebody has to do something about it that no clerk's queue shows."""
    return part.stuck or part.state is State.QUARANTINED


def _whole_files() -> ColumnElement[bool]:
    return Document.channel.in_(SCANNED) & Document.parent_tracking.is_(None)


def _roots(session: Session, rows: Sequence[Document]) -> list[Document]:
    """The first document of each file, in their order."""
    numbers = list(dict.fromkeys(row.parent_tracking or row.tracking for row in rows))
    found = {row.tracking: row for row in session.scalars(select(Document).where(Document.tracking.in_(numbers)))}
    return [found[number] for number in numbers if number in found]


def _scans(session: Session, roots: Sequence[Document]) -> list[Scan]:
    numbers = [root.tracking for root in roots]
    further: dict[str | None, list[Document]] = defaultdict(list)
    children = select(Document).where(Document.parent_tracking.in_(numbers)).order_by(Document.part)
    for child in session.scalars(children):
        further[child.parent_tracking].append(child)
    rows = [*roots, *(child for family in further.values() for child in family)]
    ids, settled = [one.id for one in rows], _settled(session, rows)
    stuck = set(session.scalars(select(Document.id).where(Document.id.in_(ids), is_stuck())))
    left_out = _left_out(session, numbers)
    return [
        Scan(
            root.received_at,
            tuple(_part(one, one.id in stuck, one.tracking in settled) for one in (root, *further[root.tracking])),
            left_out.get(root.tracking, ()),
            root.file_name,
        )
        for root in roots
    ]


def _settled(session: Session, rows: Iterable[Document]) -> set[str]:
    """Those of them of which it was noted since they came into quarantine."""
    since = {row.tracking: row.updated_at for row in rows if row.at is State.QUARANTINED}
    noted = select(AuditEntry.subject, AuditEntry.at).where(
        AuditEntry.subject.in_(since), AuditEntry.action == _SETTLED
    )
    return {subject for subject, at in session.execute(noted) if at >= since[subject]}


def _part(row: Document, stuck: bool, settled: bool) -> ScanPart:
    quarantined = row.at is State.QUARANTINED
    return ScanPart(
        row.tracking,
        tuple(row.pages or ()),
        row.at,
        row.form,
        row.duplicate_of,
        row.reason_code,
        stuck,
        settled,
        row.reason if quarantined else None,
    )


def _left_out(session: Session, numbers: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By the first case of each file, the pages that went to none."""
    split = select(AuditEntry).where(AuditEntry.subject.in_(numbers), AuditEntry.action == "split")
    return {
        entry.subject: tuple((entry.detail or {}).get("ignored_pages", ()))
        for entry in session.scalars(split.order_by(AuditEntry.id))
    }
