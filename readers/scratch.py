"""The folders that readers write to: each has its own, removed with it; what killed processes left is cleared away."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from typing import Final

_PREFIX: Final = "ebok-reader-"
_YOUNG: Final = 60.0
"""Seconds in which a folder may be there and its lock not yet."""


class Scratch:
    """A new folder, locked as long as this process lives: so others see that it is in use.

    It goes with this object, at the end of the process at the latest.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._gone = weakref.finalize(self, _remove, self.path, _locked(self.path))

    def remove(self) -> None:
        """Nobody writes into it any more."""
        self._gone()


def clear_leftovers() -> None:
    """Remove the folders that no process holds any more; each may have a customer's file in it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            facts = folder.lstat()
            if facts.st_uid != os.geteuid() or time.time() - facts.st_mtime < _YOUNG:
                continue
            lock = _locked(folder)
        except OSError:
            continue  # gone meanwhile, or none of ours
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """The folder open and locked; None when another process holds it."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file
