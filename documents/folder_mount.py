"""Whether the scan folder is the one that it was: where a share is not mounted a plain folder lies in its place.

Nothing in such a folder, which is mostly empty, tells so, and a mark in a folder of others may be cleared away by
them. What tells is where in the tree of folders the file system of the folder begins. That is noted while all is well;
when it begins further up later, a share or disk is away. One that begins further down is new, and noted from then on.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from environment.settings import get_settings

_FILE: Final = "inbox.mount"
_TABLE: Final = Path("/proc/self/mountinfo")
_AUTOMATIC: Final = "autofs"
"""What stands in the place of a share that would be mounted by itself as soon as somebody asks, while it is not."""
AWAY: Final = (
    "Udział, na którym leży folder skanów (EBOK_INBOX_DIR), nie jest podłączony: w jego miejscu jest zwykły folder. "
    "Podłącz go. Jeśli folder ma odtąd leżeć na dysku tej maszyny, usuń plik inbox.mount z EBOK_HOME."
)


@dataclass(frozen=True, slots=True)
class _Mount:
    folder: str
    point: str


def is_mounted(folder: Path) -> bool:
    """Whether the folder lies where it lay when that was last noted; True where nothing is known of that."""
    known, (point, kind) = _noted(), _mount_of(folder)
    if kind == _AUTOMATIC:
        return False
    if known is None or known.folder != str(folder) or point is None:
        return True
    return Path(point).is_relative_to(known.point)


def note_mount(folder: Path) -> None:
    """Remember where the folder lies; call it while all is well.

    One that cannot be written is not: what is mounted over a folder while something is wrong goes again.
    """
    if not os.access(folder, os.W_OK):
        return
    point, _ = _mount_of(folder)
    present = None if point is None else _Mount(str(folder), point)
    if present is not None and present != _noted():
        draft = _place().with_name(f".{_FILE}")
        draft.write_text(json.dumps(asdict(present)))
        draft.replace(_place())


def _mount_of(folder: Path) -> tuple[str | None, str]:
    """Where the file system of a folder begins, and its kind; None where the system does not say."""
    place, best, kind = folder.resolve(), None, ""
    try:
        table = _TABLE.read_text()
    except OSError:
        return None, ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].encode().decode("unicode_escape").encode("latin-1").decode()
        if place.is_relative_to(point) and (best is None or len(point) >= len(best)):
            best, kind = point, after.split(" ")[0]
    return best, kind


def _noted() -> _Mount | None:
    try:
        told = json.loads(_place().read_text())
        return _Mount(str(told["folder"]), str(told["point"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _place() -> Path:
    return get_settings().home / _FILE
