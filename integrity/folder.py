"""The scan folder against what the register knows of its files."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select

from database.engine import Session, reading
from documents.folder_files import FileSort, Removal, Seen, finish_removal, look, remove, tracking_of
from documents.sightings import key_of
from documents.tables import Document, Sighting
from environment import clock
from environment.settings import get_settings
from integrity.differences import Comparison, Difference, DifferenceKind, Scope

_LONG: Final = timedelta(hours=1)
"""A sweep that may remove a file has done so by then."""

NOT_REMOVED: Final = DifferenceKind(
    "scan_not_removed",
    "Plik przyjęto, a nadal leży w folderze skanów.",
    "Daj programowi prawo zapisu w folderze skanów; wtedy plik zniknie sam albo po ebok check --repair.",
    mending="usuwa plik z folderu, jeśli oryginał jest w magazynie",
)
LEAVING: Final = DifferenceKind(
    "scan_half_removed",
    "Usuwanie przyjętego pliku z folderu skanów przerwano w połowie.",
    "Dokończ je: ebok check --repair; działający program robi to sam.",
    mending="kończy usuwanie, a plik z inną treścią zostawia pod widoczną nazwą",
)
OF_NOTHING: Final = DifferenceKind(
    "scan_of_nothing",
    "Plik w folderze skanów uchodzi za przyjęty, a jego sprawy nie ma.",
    "Zmień nazwę tego pliku: program przyjmie go wtedy jak nowy. Sprawy szukaj w kopii zapasowej bazy.",
)


class FolderComparison(Comparison):
    """What lies in the folder long after it was taken in."""

    name = "Folder skanów"
    kinds = (NOT_REMOVED, LEAVING, OF_NOTHING)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Look at names only; a folder that is away is told by others."""
        seen = {key_of(one.path): one for one in _seen()}
        with reading() as session:
            rows = session.scalars(select(Sighting).where(Sighting.tracking.is_not(None))).all()
            numbers = {row.tracking for row in rows}
            there = set(session.scalars(select(Document.tracking).where(Document.tracking.in_(numbers))))
        long_ago = clock.now() - _LONG
        for row in rows:
            one = seen.get(row.path_key)
            if one is None or row.tracking is None or (one.size, one.mtime_ns) != (row.size, row.mtime_ns):
                continue
            if row.tracking not in there:
                yield Difference(OF_NOTHING, row.path_key, row.tracking)
            elif row.settled and row.unchanged_since < long_ago:
                yield Difference(NOT_REMOVED, row.path_key, row.tracking)
        for key, one in seen.items():
            if one.sort is FileSort.LEAVING and _renamed_at(one.path) < long_ago.timestamp():
                yield Difference(LEAVING, key, tracking_of(one.path))
        scope.progress(len(seen))

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Look once more."""
        before = {(one.kind.code, one.key) for one in found}
        return [one for one in self.differences(scope) if (one.kind.code, one.key) in before]

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Remove it as a sweep would; whether it is gone."""
        seen = next((one for one in _seen() if key_of(one.path) == difference.key), None)
        if seen is None:
            return False
        found = session.scalars(select(Document).where(Document.tracking == difference.subject)).first()
        sha256, name = (None, None) if found is None else (found.original_sha256, found.file_name)
        if seen.sort is FileSort.LEAVING:
            visible = seen.path.with_name(Path(name or difference.subject).name)
            ended = finish_removal(seen.path, sha256, visible)
        else:
            ended = Removal.REFUSED if sha256 is None else remove(seen, difference.subject, sha256)
        if ended is Removal.REFUSED:
            return False
        session.execute(delete(Sighting).where(Sighting.path_key == difference.key))
        return True


def _renamed_at(path: Path) -> float:
    try:
        return path.lstat().st_ctime
    except FileNotFoundError:  # a sweep is just at it
        return math.inf


def _seen() -> list[Seen]:
    try:
        return look(get_settings().inbox.absolute())
    except OSError:
        return []


COMPARISONS: Final[tuple[Comparison, ...]] = (FolderComparison(),)
"""What is compared here."""
