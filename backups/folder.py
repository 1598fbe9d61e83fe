"""The folder of backups: one folder for each, and one pool of files by content that all of them share.

What is being written bears a hidden name and gets its own when it is whole and proven, so nothing half-written ever
looks like a backup.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backups.manifest import MANIFEST, BackupError, read_contents
from documents.originals import is_digest
from documents.store_folder import StoreFolder

_POOL: Final = "files"
_UNFINISHED: Final = ".unfinished-"
_LOCK: Final = ".lock"
_BUSY: Final = "W folderze {} właśnie powstaje inna kopia. Poczekaj, aż się skończy, i wydaj polecenie jeszcze raz."
_NO_BACKUP: Final = (
    "W folderze {} nie ma kopii zapasowej. Wskaż folder, w którym robi je ebok backup, albo jedną z kopii."
)


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """A folder in which backups lie."""

    path: Path

    @property
    def pool(self) -> StoreFolder:
        """Originals, and files that wait to be printed, by content and sealed; laid out as a store of originals."""
        return StoreFolder(self.path / _POOL, ours=True)

    def backups(self) -> list[Path]:
        """All backups, the oldest first."""
        found = (each for each in self.path.glob("[0-9]*") if (each / MANIFEST).is_file())
        return sorted(found, key=_order)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A block in which nobody else writes here; BackupError when somebody does. Clears up after killed ones."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BackupError(_BUSY.format(self.path)) from error
            for left in self.path.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield

    @contextmanager
    def draft(self, at: datetime) -> Iterator[Path]:
        """A folder for a new backup, which gets its name at the end of the block; nothing is left where that fails."""
        draft = self.path / f"{_UNFINISHED}{at.astimezone(UTC):%Y-%m-%dT%H%M%S}Z"
        draft.mkdir(mode=0o700)
        try:
            yield draft
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def finish(self, draft: Path) -> Path:
        """Give a draft its name: from now on it is a backup."""
        _sync(draft)
        name = draft.name.removeprefix(_UNFINISHED)
        same = [_order(each)[1] for each in self.path.glob(f"{name}*")]
        # Of several within a second a new one is the last, also where the first has been thinned out since.
        place = self.path / (f"{name}-{max(same) + 1}" if same else name)
        draft.rename(place)
        _sync(self.path)
        return place

    def thin(self, keep: int, made: Path) -> list[str]:
        """Remove all but the newest ``keep`` backups and what only they needed of the pool; the names of what went.

        The one just ``made`` stays, also where others seem newer: they are of a time when the clock was ahead.
        BackupError when one of those that stay cannot be read: then nothing is taken out of the pool.
        """
        surplus = [one for one in self.backups()[:-keep] if one != made]
        for old in surplus:
            gone = self.path / f"{_UNFINISHED}{old.name}"
            old.rename(gone)
            shutil.rmtree(gone)
        needed = set[str]()
        for each in self.backups():
            contents = read_contents(each)
            needed |= {*contents.originals, *contents.outgoing.values()}
        for kept in self.pool.kept():
            name = kept.name.replace("/", "")
            if is_digest(name) and name not in needed:
                self.pool.remove(kept.name)
        return [old.name for old in surplus]


def found_at(path: Path) -> tuple[BackupFolder, Path]:
    """The backup that a path names, itself or as the newest in it, and the folder in which it lies."""
    if (path / MANIFEST).is_file():
        return BackupFolder(path.absolute().parent), path.absolute()
    folder = BackupFolder(path.absolute())
    backups = folder.backups()
    if not backups:
        raise BackupError(_NO_BACKUP.format(path))
    return folder, backups[-1]


def _order(place: Path) -> tuple[str, int]:
    """When a backup was made, by its name: the second, and the how manyth of that second."""
    second, _, number = place.name.partition("Z-")
    return second.removesuffix("Z"), int(number) if number.isdecimal() else 1


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
