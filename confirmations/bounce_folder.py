"""Reading the folder of bounces: what is understood is removed, whatever else lies there is put aside.

Several processes may read at once, and files may come, go and be unreadable while they do: none of that keeps the rest.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

import structlog

from confirmations.bounce_reasons import Bounce
from confirmations.bounces import note_alone
from confirmations.reading_health import BounceSource, is_troubled, note_health, note_trouble
from environment.settings import get_settings

_STILL: Final = 5.0
"""Seconds after which nobody writes to a file any more."""
_AHEAD: Final = 3600.0
"""Seconds by which a file is dated ahead whose date tells nothing: it comes from a clock that is wrong."""
_MOST_BYTES: Final = 32 * 1024**2
_ENOUGH: Final = 10.0
"""Seconds after which no further file is taken up: the rest waits for the next look, and what is to leave does not."""
_UNKNOWN: Final = "inne"
_AFTER_TROUBLE: Final = 300.0
"""Seconds after which this process tries again what it could not read or put away."""
_TOLD: Final = (
    "Pliku albo folderu ze zwrotami (EBOK_BOUNCES_DIR) nie można odczytać albo sprzątnąć. Daj użytkownikowi usługi "
    "prawo odczytu plików i zapisu w folderze."
)

_put_by: Final = dict[Path, float]()
"""When this process tries again (monotonic seconds) what it could not read or put away."""
_log = structlog.get_logger(__name__)


def take_bounces() -> dict[str, int]:
    """Read what lies in the folder of bounces: how many reports of each sort, and of what is none ('other').

    A report that is understood is removed: the message and the audit tell of it. Whatever else lies there is moved into
    a folder 'inne' within it, for the administrator. What cannot be read or moved is told once in the log, and in
    ``mailbox_state``; it is tried again later and keeps nothing else.
    """
    folder, found = get_settings().bounces_dir, dict[str, int]()
    if folder is None:
        return found
    enough = time.monotonic() + _ENOUGH
    for path in _waiting(folder):
        if time.monotonic() >= enough:
            break
        try:
            told = _take(path, folder / _UNKNOWN)
        except FileNotFoundError:
            continue  # somebody else has read it
        except OSError:
            _put_by[path] = time.monotonic() + _AFTER_TROUBLE
            continue
        _put_by.pop(path, None)
        sort = "other" if told is None else told.value
        found[sort] = found.get(sort, 0) + 1
    _tell()
    if found:
        _log.info("bounces_read", **found)
    return found


def bounces_wait() -> bool:
    """Whether something lies in the folder of bounces that is to be read now, or is to be told of it."""
    folder = get_settings().bounces_dir
    if folder is None:
        return False
    at = time.monotonic()
    tried_again = any(until <= at for until in list(_put_by.values()))
    return bool(_waiting(folder)) or tried_again or bool(_put_by) != is_troubled(BounceSource.FOLDER)


def _take(path: Path, aside: Path) -> Bounce | None:
    """Note a file, then remove it or put it aside; OSError when it cannot be read, or not be put away."""
    told = note_alone(path.read_bytes()) if path.stat().st_size <= _MOST_BYTES else None
    if told is not None:
        path.unlink(missing_ok=True)
        return told
    aside.mkdir(mode=0o700, exist_ok=True)
    free = _free_name(aside, path)
    try:
        path.replace(free)
    except OSError:
        free.unlink()
        raise
    return None


def _free_name(aside: Path, path: Path) -> Path:
    """A name that nothing has in that folder, taken at once: what lies there already is never overwritten."""
    for number in count():
        free = aside / (f"{path.stem}-{number}{path.suffix}" if number else path.name)
        try:
            free.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        return free
    raise AssertionError("numbers do not end")


def _tell() -> None:
    """Tell what could not be read or put away, and that it could again."""
    for path in [path for path in list(_put_by) if not os.path.lexists(path)]:
        _put_by.pop(path, None)
    later = timedelta(seconds=_AFTER_TROUBLE)
    if _put_by:
        note_trouble(BounceSource.FOLDER, "not_taken", _TOLD, later)
    elif is_troubled(BounceSource.FOLDER):
        note_health(BounceSource.FOLDER, later)


def _waiting(folder: Path) -> list[Path]:
    """What lies there to be read now; nothing while the folder itself cannot be read."""
    at = time.monotonic()
    if _put_by.get(folder, at) > at:
        return []
    try:
        found = _lying(folder)
    except OSError:
        _put_by[folder] = at + _AFTER_TROUBLE
        return []
    _put_by.pop(folder, None)
    return [path for path in found if _put_by.get(path, at) <= at]


def _lying(folder: Path) -> list[Path]:
    """What lies there and is written to its end, the oldest first; a folder that is not there holds nothing."""
    at_present, found = time.time(), []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    try:
                        at = entry.stat().st_mtime
                    except FileNotFoundError:
                        continue  # somebody else has read it
                    if at <= at_present - _STILL or at > at_present + _AHEAD:
                        found.append((at, entry.name))
    except FileNotFoundError:
        return []
    return [folder / name for _, name in sorted(found)]
