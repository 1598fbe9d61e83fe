"""How many files may be looked at at once on this machine, whichever of our processes does it.

Each process has readers of its own, so the limits of one say nothing about the memory of all together; the number of
those at work does. A place is a lock on a file in our home: the kernel gives it back when its process ends in any way.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FOLDER: Final = "looks"
_GLANCE: Final = 0.01
"""Seconds between looks for a free place, of the one whose turn it is."""


@contextmanager
def acquire_slot(home: Path, name: str, count: int) -> Iterator[None]:
    """Hold one of ``count`` places of that name for the block, and wait for it.

    Whoever waits longest has the next one: a process that has much to look at keeps no other one from it.

    Without a home that is ours to write there is nobody to share them with.
    """
    folder = home / _FOLDER
    if not (home.is_dir() and os.access(home, os.W_OK)):
        yield
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    queue = os.open(folder / f"{name}-next", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(queue, fcntl.LOCK_EX)  # those behind sleep in the kernel, and are woken in their order
        while (held := _free(folder, name, count)) is None:
            time.sleep(_GLANCE)
    finally:
        os.close(queue)
    try:
        yield
    finally:
        os.close(held)


def _free(folder: Path, name: str, count: int) -> int | None:
    for number in range(count):
        file = os.open(folder / f"{name}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
        except BaseException:
            os.close(file)
            raise
        else:
            return file
    return None
