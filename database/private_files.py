"""Small files that only their owner may read, made once: keys, and what our own processes sign in with."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds, made at the first call; of several processes or threads at once, all get the same.

    It appears with all its content or not at all, and with mode 0600 whatever the umask.
    """
    if not path.exists():
        draft = _draft(path, make())
        try:
            os.link(draft, path)  # the first wins, the others read what it made
            _sync(path.parent)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes().strip()


def replaced(path: Path, content: bytes) -> None:
    """Give a file that is there a new content, whole at once and with mode 0600, on the disk when this returns."""
    _draft(path, content).replace(path)
    _sync(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A block in which no other process or thread changes that file, if it asks for the same."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def open_to_others(folder: Path) -> Iterator[Path]:
    """The folder itself and all in it that others may look at or into, by its mode; links are not followed."""
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077:
                yield path


def close_to_others(folder: Path) -> int:
    """Take from others what they may do with the folder and all in it; gives how many are not ours to change."""
    left = 0
    for path in list(open_to_others(folder)):
        try:
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & 0o700)
        except FileNotFoundError:
            continue
        except PermissionError:
            left += 1
    return left


def _draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
        out.flush()
        os.fsync(out.fileno())
    return draft


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk: keys that a power cut takes away take with them what they encrypted."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
