"""A scan folder as the tests see it: files as scanners leave them, and a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from database.engine import transaction
from documents.folder import ScanFolder, SweptFile
from documents.tables import Document, Sighting

WHOLE = b"%PDF-1.7 whole %%EOF"


class ReadError(Exception):
    """As the reading side tells of an unusable file."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def check_whole(path: Path) -> None:
    """Stand-in for the reader: a file is whole when it ends as it should."""
    data = path.read_bytes()
    if not data:
        raise ReadError("empty_file", "Plik jest pusty.")
    if data.startswith(b"locked"):
        raise ReadError("encrypted", "Plik jest zabezpieczony hasłem.")
    if data.startswith(b"bug"):
        raise ZeroDivisionError
    if data.startswith(b"?"):
        raise ReadError("unknown_format", "Nieznany rodzaj pliku.")
    if not data.endswith(b"%%EOF"):
        raise ReadError("truncated", "Plik jest niepełny.")


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.present = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.present

    def wait(self, seconds: float) -> None:
        self.present += timedelta(seconds=seconds)


def sweep(clock: Clock, *, after: float = 0) -> list[SweptFile]:
    clock.wait(after)
    return ScanFolder(now=clock).take(check_whole)


def taken(clock: Clock) -> list[SweptFile]:
    """Two sweeps with the stable time between them: what the second one took."""
    sweep(clock)
    return [each for each in sweep(clock, after=5) if each.tracking]


def documents() -> list[Document]:
    with transaction() as session:
        return list(session.scalars(select(Document).order_by(Document.id)))


def sightings_left() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Sighting)) or 0
