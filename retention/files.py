"""Erasers of files in the home folder, and what ends each run: originals that everybody let go of, and their traces."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from billing.erasing import release_pictures
from billing.metering.photos import release_photos
from confirmations.erasing import files_of_erased
from database.engine import transaction
from database.wiping import forget_log
from documents.erasing import erase_original, erase_stray, released_originals, stray_files
from documents.originals import clear_drafts
from environment import clock
from environment.settings import get_settings
from readers.pictures import forget_pictures
from retention.bundles import SIZE

STRAY: Final = timedelta(days=1)
"""Whoever takes a file in notes it long before that."""
_LOGS: Final = "logs"


def outgoing(cutoff: datetime) -> Iterator[Path]:
    """Files in the folder of outgoing messages: by then they were printed or sent on."""
    yield from _older(get_settings().outgoing.rglob("*"), cutoff)


def pictures(cutoff: datetime) -> Iterator[Path]:
    """Pictures of pages that nobody looked at."""
    yield from _older(get_settings().pictures.glob("*"), cutoff)


def reports(cutoff: datetime) -> Iterator[Path]:
    """The report of the last import."""
    yield from _older(iter([get_settings().import_report]), cutoff)


def logs(cutoff: datetime) -> Iterator[Path]:
    """Log files that nobody writes any more."""
    yield from _older((get_settings().home / _LOGS).glob("*.log.*"), cutoff)


def part_logs() -> None:
    """Part each log by days: the copy of what was written can be erased, while its process writes on."""
    for log in (get_settings().home / _LOGS).glob("*.log"):
        kept = log.with_name(f"{log.name}.{clock.today():%Y-%m-%d}")
        if kept.exists() or not log.stat().st_size:
            continue
        with log.open("rb") as source, os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as copy:
            shutil.copyfileobj(source, copy)
        os.truncate(log, 0)


def erase_unclaimed() -> int:
    """Erase the originals that every document let go of, what crashes left in the store, and what shows it elsewhere.

    Gives how many originals went. Repeating it does no harm.
    """
    _release_pictures()
    erased = sum(1 for _ in _unclaimed())
    clear_drafts()
    before = clock.now() - STRAY
    for sha256 in stray_files(before):
        with transaction() as session:
            erase_stray(session, sha256, before)
    with transaction() as session:
        files = files_of_erased(session)
    for path in files:
        path.unlink(missing_ok=True)
    if erased:
        forget_pictures()  # their names do not tell of which original they are; they are drawn again when wanted
    forget_log()
    return erased


def _release_pictures() -> None:
    """Pictures of invoices that are no longer there, or of an import that was killed, and photos of no reading."""
    after: str | None = ""
    while after is not None:
        with transaction() as session:
            _, after = release_pictures(session, after, SIZE)
    unread: str | None = ""
    while unread is not None:
        with transaction() as session:
            _, unread = release_photos(session, unread, clock.now() - STRAY, SIZE)


def _unclaimed() -> Iterator[str]:
    after = ""
    while True:
        with transaction() as session:
            found = released_originals(session, after, SIZE)
            yield from (sha256 for sha256 in found if erase_original(session, sha256))
        if not found:
            return
        after = found[-1]


def _older(paths: Iterator[Path], cutoff: datetime) -> Iterator[Path]:
    for path in paths:
        with suppress(FileNotFoundError):
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < cutoff.timestamp():
                yield path
