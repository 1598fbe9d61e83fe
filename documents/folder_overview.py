"""What lies in the scan folder, for display: each file that waits or stays, with its name and the reason.

The database knows what the sweeps have seen; the folder itself is looked into as well, by names only, so that files
are told while the program stands still, and what is gone no longer counts. A folder that is away stops nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from documents import folder_files, sightings
from documents.folder_files import FileSort, Seen
from documents.folder_mount import is_mounted
from documents.intake import readable
from documents.tables import CHECK_FAILED, Document, Sighting
from environment import clock
from environment.settings import get_settings

_MOST_LOOKED_AT: Final = 10_000
_MOST_LISTED: Final = 100
_Row = Row[Any]
"""What is known of a file: of thousands a whole object each would cost as much as all else."""
_KNOWN: Final = select(
    *(Sighting.path_key, Sighting.size, Sighting.mtime_ns, Sighting.first_seen, Sighting.unchanged_since),
    *(Sighting.waiting_for, Sighting.tracking, Sighting.settled, Sighting.attempts),
)
_WAITING_FOR: Final = {
    CHECK_FAILED: "Sprawdzenie pliku nie powiodło się z winy programu. Program spróbuje jeszcze kilka razy, a potem "
    "odłoży plik do kwarantanny. Powiedz o tym administratorowi.",
    "truncated": "Plik jest niepełny: skaner go jeszcze zapisuje albo przerwał. Jeśli to trwa, zeskanuj jeszcze raz.",
    "empty_file": "Plik jest pusty: skaner go dopiero zaczął albo przerwał. Jeśli to trwa, zeskanuj jeszcze raz.",
    "no_permission": "Program nie może odczytać pliku. Nadaj mu prawo odczytu w folderze skanów.",
    "readers_unavailable": "Program odczytu nie daje się uruchomić. Plik czeka; powiedz o tym administratorowi.",
    "antivirus_unavailable": "Program antywirusowy nie odpowiada. Plik czeka; powiedz o tym administratorowi.",
    "store_unreachable": "Magazyn oryginałów nie odpowiada. Plik czeka; powiedz o tym administratorowi.",
    "disk_full": "Na dysku programu nie ma miejsca. Plik czeka, aż administrator je zwolni; powiedz mu o tym.",
    "disk_closed": "Program nie może zapisać oryginału w magazynie (brak prawa zapisu albo dysk tylko do odczytu). "
    "Plik czeka; powiedz o tym administratorowi.",
    "disk_fault": "Dysk albo udział odpowiada błędem. Plik czeka; powiedz o tym administratorowi.",
    "machine_short": "Komputerowi z programem brakuje pamięci albo otwartych plików. Plik czeka; powiedz o tym "
    "administratorowi.",
    "not_a_file": "To skrót albo urządzenie, nie plik. Skopiuj do folderu skanów sam dokument.",
}
_OTHER_WAIT: Final = "Pliku nie da się jeszcze przyjąć. Program próbuje dalej."
_UNFINISHED: Final = (
    "unfinished_name",
    "Nazwa pliku mówi, że nie jest gotowy: czeka, aż skaner zmieni mu nazwę, najwyżej tak długo jak plik niepełny.",
)
_ARRIVING: Final = ("arriving", "Plik jeszcze się zapisuje.")
_NEXT_SWEEP: Final = (
    "next_sweep",
    "Plik czeka na najbliższy przegląd folderu. Jeśli to trwa, sprawdź, czy program działa.",
)
_NOT_REMOVED: Final = "Plik jest przyjęty, ale program nie może go usunąć z folderu. Usuń go i daj mu prawo zapisu."
_STAYS: Final = "Sprawa jest zapisana, a program tego pliku nie usuwa: usuń go z folderu, gdy nie jest potrzebny."


@dataclass(frozen=True, slots=True)
class FileInFolder:
    """One file: what it waits for or why it stays; ``tracking`` is set once it is recorded and only lies there.

    ``place`` is where it lies within the folder, None when the folder is away. ``code`` is None for a file that was
    taken in and cannot be removed.
    """

    place: str | None = field(repr=False)
    since: datetime
    code: str | None
    reason: str
    attempts: int
    tracking: str | None

    @property
    def file(self) -> str | None:
        """Its name within the folder, as it can be shown."""
        return None if self.place is None else readable(self.place)


@dataclass(frozen=True, slots=True)
class FolderOverview:
    """All files that wait and all that stay, oldest first, and what is never taken, by name.

    ``reachable`` says whether the folder could be looked into; ``complete`` is False where it holds more than is
    looked at.
    """

    files: tuple[FileInFolder, ...]
    left_alone: tuple[str, ...]
    reachable: bool
    complete: bool

    def told(self) -> dict[str, Any]:
        """Ready for JSON: ``waiting`` and ``not_removable`` add up to ``files_total``; lists hold 100 at most."""
        staying = sum(one.tracking is not None for one in self.files)
        return {
            "waiting": len(self.files) - staying,
            "not_removable": staying,
            "check_failed": sum(one.code == CHECK_FAILED and one.tracking is None for one in self.files),
            "files": [
                {
                    "file": one.file,
                    "since": one.since.isoformat(timespec="seconds"),
                    "code": one.code,
                    "reason": one.reason,
                    "attempts": one.attempts,
                    "tracking": one.tracking,
                }
                for one in self.files[:_MOST_LISTED]
            ],
            "files_total": len(self.files),
            "left_alone": list(self.left_alone[:_MOST_LISTED]),
            "left_alone_total": len(self.left_alone),
            "reachable": self.reachable,
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class FolderSnapshot:
    """What lay in a folder at one moment; nothing where it is away."""

    folder: Path
    seen: tuple[Seen, ...]
    reachable: bool
    complete: bool


def look_into(folder: Path | None = None) -> FolderSnapshot:
    """Look into the scan folder: before a transaction, since a share may be slow and others wait to write."""
    folder = (folder or get_settings().inbox).absolute()
    try:
        if not is_mounted(folder):
            return FolderSnapshot(folder, (), reachable=False, complete=False)
        seen, complete = folder_files.glance(folder, _MOST_LOOKED_AT)
    except OSError:
        return FolderSnapshot(folder, (), reachable=False, complete=False)
    return FolderSnapshot(folder, tuple(seen), reachable=True, complete=complete)


def stamps(folder: Path | None = None) -> tuple[Any, ...]:
    """Are others when something came into the folder or left it; cheap, since no file is looked at."""
    folder = (folder or get_settings().inbox).absolute()
    try:
        if not is_mounted(folder):
            return ()
        return tuple(sorted(folder_files.stamps(folder_files.folders(folder)).items()))
    except OSError:
        return ()


def overview(session: Session, look: FolderSnapshot, at: datetime | None = None) -> FolderOverview:
    """What lies in the scan folder by that look and by the register."""
    folder, complete, at = look.folder, look.complete, at or clock.now()
    key_of = sightings.keying()
    present = {key_of(one.path): one for one in look.seen if one.sort is not FileSort.LITTER}
    known = {row.path_key: row for row in session.execute(_KNOWN.where(Sighting.folder_key == key_of(folder)))}
    reasons = _reasons(session, (row.tracking for row in known.values() if row.tracking is not None))
    files = []
    for key in known.keys() | present.keys():
        row, there = known.get(key), present.get(key)
        if (there is None and complete) or (there is not None and there.sort is FileSort.LEAVING):
            continue
        name = None if there is None else _place(there, folder)
        if row is None or (there is not None and not _unchanged(row, there)):
            unfinished = there is not None and there.sort is FileSort.UNFINISHED
            since = at if there is None else min(at, datetime.fromtimestamp(there.mtime_ns / 1e9, at.tzinfo))
            files.append(FileInFolder(name, since, *(_UNFINISHED if unfinished else _NEXT_SWEEP), 0, None))
        else:
            code, reason = _told(row, there, reasons, at)
            files.append(FileInFolder(name, row.first_seen, code, reason, row.attempts, row.tracking))
    files.sort(key=lambda one: (one.since, one.place or ""))
    left = sorted(readable(_place(one, folder)) for one in look.seen if one.sort is FileSort.LITTER)
    return FolderOverview(tuple(files), tuple(left), look.reachable, complete)


def reason_of(row: Sighting | _Row) -> str:
    """Why a file is a trouble: what it waits for, or that it cannot be removed."""
    return _NOT_REMOVED if row.settled else _WAITING_FOR.get(row.waiting_for or "", _OTHER_WAIT)


def _reasons(session: Session, trackings: Iterable[str]) -> dict[str, tuple[str | None, str]]:
    """Code and reason of what was recorded, by tracking."""
    rows = session.execute(
        select(Document.tracking, Document.reason_code, Document.reason).where(Document.tracking.in_(set(trackings)))
    )
    return {tracking: (code, f"{reason or ''} {_STAYS}".strip()) for tracking, code, reason in rows}


def _told(
    row: _Row, there: Seen | None, reasons: dict[str, tuple[str | None, str]], at: datetime
) -> tuple[str | None, str]:
    """Code and reason of a file as the sweeps know it."""
    if row.settled:
        return None, _NOT_REMOVED
    if row.tracking is not None:
        return reasons.get(row.tracking, (None, _STAYS))
    if row.waiting_for is not None:
        return row.waiting_for, reason_of(row)
    if there is not None and there.sort is FileSort.UNFINISHED:
        return _UNFINISHED
    still = (at - row.unchanged_since).total_seconds()
    return _ARRIVING if still < get_settings().intake_stable_seconds else _NEXT_SWEEP


def _unchanged(row: _Row, there: Seen) -> bool:
    return (row.size, row.mtime_ns) == (there.size, there.mtime_ns)


def _place(seen: Seen, folder: Path) -> str:
    """Where it lies within the folder; of thousands cheaper than asking for a relative path."""
    return str(seen.path).removeprefix(f"{folder}{os.sep}")
