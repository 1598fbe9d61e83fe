"""The scan folder as files: what lies there, and taking a file away without ever losing one.

A scanner may write, rename or resend at any moment, and two sweeps may run at once; so a file is first renamed, then
looked at again, and only then removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from pathlib import Path
from typing import Final

from documents.litter import is_litter, is_litter_folder
from documents.originals import hash_file, is_sound, store_file

_LEAVING: Final = ".ebok-taken-"
_LONGEST_NAME: Final = 255
_MOST_TIME: Final = 2**63 - 1
"""Nanoseconds before or after 1970: the years 1677 and 2262."""
_UNFINISHED: Final = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".filepart",
    ".ffs_tmp",
    ".!sync",
)


class FileSort(Enum):
    """What lies at a path."""

    FILE = auto()
    UNFINISHED = auto()
    """By its name still being written: hidden, ``*.part``, ``*.tmp``, ``~$*`` and the like."""
    LEAVING = auto()
    """Renamed by ``remove`` and left behind by a crash."""
    CLOSED = auto()
    """A sub-folder that may not be listed."""
    ODD = auto()
    """A symbolic link, a device, a pipe."""
    LITTER = auto()
    """Of file servers and desktops, a whole folder of theirs too: never taken."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A path of the folder with size in bytes and time of change (within ``_MOST_TIME``) as seen at one moment."""

    path: Path
    sort: FileSort
    size: int
    mtime_ns: int

    @property
    def unchanged(self) -> bool:
        """Whether it still is as it was seen."""
        try:
            present = self.path.lstat()
        except OSError:
            return False
        return (present.st_size, _changed(present)) == (self.size, self.mtime_ns)


class Removal(Enum):
    """How taking a file away ended."""

    DONE = auto()
    CHANGED = auto()
    """It is another file by now and stays in the folder."""
    REFUSED = auto()
    """The folder does not allow it."""


def look(folder: Path) -> list[Seen]:
    """All that lies in the folder and its sub-folders and may be a document, oldest first; links are not followed."""
    found = [seen for seen in _walk(folder) if seen.sort is not FileSort.LITTER]
    return sorted(found, key=lambda seen: (seen.mtime_ns, os.fsencode(seen.path)))


def folders(folder: Path) -> list[Path]:
    """The folder and its sub-folders, as far as they may be listed; links are not followed."""
    found, left = list[Path](), [folder]
    while left:
        found.append(left.pop())
        with suppress(OSError):
            left += [Path(each) for each in _listed(found[-1]) if each.is_dir(follow_symlinks=False)]
    return found


def stamps(folders: Iterable[Path]) -> dict[Path, int]:
    """When something last came or went in each of these folders (0 for one that is gone), as the file system says."""
    found = dict[Path, int]()
    for folder in folders:
        try:
            found[folder] = folder.stat().st_mtime_ns
        except OSError:
            found[folder] = 0
    return found


def glance(folder: Path, most: int) -> tuple[list[Seen], bool]:
    """What lies there, litter too (a folder of it without what it holds), and whether that is all: at most so many."""
    found = list(islice(_walk(folder), most + 1))
    return found[:most], len(found) <= most


def _walk(folder: Path) -> Iterator[Seen]:
    """Level by level on a stack of its own: folders may lie in each other deeper than Python lets functions call."""
    levels = [iter(_listed(folder))]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
            continue
        path = Path(entry.path)
        try:
            state = entry.stat(follow_symlinks=False)
        except OSError:  # gone meanwhile, or so deep that its name is longer than names may be
            continue
        if not stat.S_ISDIR(state.st_mode):
            yield Seen(path, _sort(entry.name, state.st_mode), state.st_size, _changed(state))
        elif is_litter_folder(entry.name):
            yield Seen(path, FileSort.LITTER, 0, _changed(state))
        else:
            try:
                levels.append(iter(_listed(path)))
            except FileNotFoundError:
                continue
            except OSError:
                yield Seen(path, FileSort.CLOSED, 0, _changed(state))


def _changed(state: os.stat_result) -> int:
    """When a file was changed, in nanoseconds; a clock that is wrong may tell a day that no database can keep."""
    return min(max(state.st_mtime_ns, -_MOST_TIME), _MOST_TIME)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _sort(name: str, mode: int) -> FileSort:
    if is_litter(name):
        return FileSort.LITTER
    if not stat.S_ISREG(mode):
        return FileSort.ODD
    if name.startswith(_LEAVING):
        return FileSort.LEAVING
    unfinished = name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)
    return FileSort.UNFINISHED if unfinished else FileSort.FILE


def is_readable(path: Path) -> bool:
    """Whether the file may be opened for reading; FileNotFoundError when it is gone."""
    try:
        with path.open("rb"):
            return True
    except PermissionError:
        return False


def ends_blank(path: Path) -> bool:
    """Whether the file ends in zero bytes: its room is reserved, but the copy has not come that far."""
    with path.open("rb") as source:
        source.seek(0, os.SEEK_END)
        source.seek(max(source.tell() - 512, 0))
        return not source.read().strip(b"\0")


def remove(seen: Seen, tracking: str, sha256: str) -> Removal:
    """Take a file away whose content is in the store; when it is another file by now it is left where it is."""
    leaving = seen.path.with_name(_LEAVING + tracking)
    try:
        if leaving.exists():  # of an earlier crash: cleared on its own
            return Removal.REFUSED
        seen.path.rename(leaving)
    except FileNotFoundError:
        return Removal.DONE
    except OSError:
        return Removal.REFUSED
    return finish_removal(leaving, sha256, seen.path)


def tracking_of(leaving: Path) -> str:
    """The tracking number under which a file that is leaving was taken in."""
    return leaving.name.removeprefix(_LEAVING)


def finish_removal(leaving: Path, sha256: str | None, visible: Path) -> Removal:
    """Remove a renamed file if its content is safe in the store; give it a visible name again otherwise."""
    try:
        if sha256 is not None and hash_file(leaving) == sha256:
            if not is_sound(sha256):
                store_file(leaving)
            leaving.unlink()
            return Removal.DONE
        _give_back(leaving, visible)
    except FileNotFoundError:  # another sweep was faster
        return Removal.DONE
    except OSError:
        return Removal.REFUSED
    return Removal.CHANGED


def _give_back(leaving: Path, visible: Path) -> None:
    """Rename without ever covering a file that came meanwhile under the old name."""
    number, place = 1, _fitting(visible, "")
    while os.path.lexists(place):
        number += 1
        place = _fitting(visible, f" ({number})")
    leaving.rename(place)


def _fitting(visible: Path, more: str) -> Path:
    """The name with ``more`` before its end, shortened to what file systems take."""
    stem, end = os.fsencode(visible.stem), os.fsencode(more + visible.suffix)
    return visible.with_name(os.fsdecode(stem[: max(1, _LONGEST_NAME - len(end))] + end[:_LONGEST_NAME]))
