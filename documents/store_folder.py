"""Originals in a folder: of this machine, or a share that several machines have at the same time."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from documents.store_interface import Kept, StoreUnreachableError
from environment.disk_faults import cause_of
from environment.folders import is_folder

_DRAFT: Final = ".draft-"
_DRAFT_SECONDS: Final = 86_400
_REMEDY: Final = (
    "Nie można użyć folderu oryginałów: {}. Sprawdź, czy dysk albo udział jest podłączony i czy użytkownik usługi ma "
    "prawo czytać ten folder (EBOK_ORIGINALS_URL, domyślnie originals w EBOK_HOME)."
)


@dataclass
class _FileDraft:
    """A hidden file in the folder itself, so that it gets its name by renaming."""

    folder: Path
    path: Path
    file: BinaryIO
    named: bool = False

    def keep(self, name: str) -> bool:
        """As Draft."""
        place = self.folder / name
        if place.is_file():
            with suppress(OSError):
                os.utime(place)  # by its age it is told from what a crash left
            return False
        self.replace(name)
        return True

    def replace(self, name: str) -> None:
        """As Draft; on the disk when this returns, and for nobody to write."""
        self.file.flush()
        os.fchmod(self.file.fileno(), 0o400)
        os.fsync(self.file.fileno())
        place = self.folder / name
        try:
            self.path.replace(place)
        except FileNotFoundError:  # the first in its sub-folder
            place.parent.mkdir(exist_ok=True)
            _sync_folder(self.folder)
            self.path.replace(place)
        _sync_folder(place.parent)
        self.named = True


class StoreFolder:
    """A folder as Store, made when it is first needed where it is ``ours``. Trouble in writing is told as OSError."""

    def __init__(self, folder: Path, *, ours: bool) -> None:
        self._folder, self._ours = folder, ours

    def require(self) -> None:
        """As Store: a folder that somebody named and that is away is perhaps a share that is not mounted."""
        if not self._ours and not is_folder(self._folder):
            raise _unreachable("nie ma go")

    @contextmanager
    def draft(self) -> Iterator[_FileDraft]:
        """As Store."""
        if not self._folder.is_dir() and self._ours:
            self._folder.mkdir(parents=True, exist_ok=True)
        self.require()
        number, name = tempfile.mkstemp(prefix=_DRAFT, dir=self._folder)
        draft = None
        try:
            with os.fdopen(number, "wb") as file:
                draft = _FileDraft(self._folder, Path(name), file)
                yield draft
        finally:
            if draft is None or not draft.named:
                Path(name).unlink(missing_ok=True)

    def read(self, name: str) -> BinaryIO:
        """As Store."""
        try:
            return (self._folder / name).open("rb")
        except (FileNotFoundError, IsADirectoryError) as error:
            self.require()
            raise FileNotFoundError(name) from error
        except OSError as error:
            raise _unreachable(cause_of(error)) from error

    def since(self, name: str) -> datetime | None:
        """As Store."""
        self.require()
        try:
            found = (self._folder / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreachable(cause_of(error)) from error
        return _moment(found) if stat.S_ISREG(found.st_mode) else None

    def remove(self, name: str) -> None:
        """As Store."""
        (self._folder / name).unlink(missing_ok=True)

    def kept(self) -> Iterator[Kept]:
        """As Store."""
        for path in (path for folder in sorted(self._folder.glob("??")) for path in sorted(folder.glob("*"))):
            with suppress(FileNotFoundError):  # erased meanwhile
                yield Kept(f"{path.parent.name}/{path.name}", _moment(path.lstat()))

    def clear_drafts(self) -> None:
        """As Store."""
        oldest = time.time() - _DRAFT_SECONDS
        for draft in self._folder.glob(f"{_DRAFT}*"):
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < oldest:
                    draft.unlink()

    def keeps_what_is_removed(self) -> bool:
        """As Store."""
        return False


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)


def _unreachable(cause: str) -> StoreUnreachableError:
    return StoreUnreachableError(_REMEDY.format(cause))


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
