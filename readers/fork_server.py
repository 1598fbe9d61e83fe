"""The process that readers are forked from, made by forking a command that has just begun.

Otherwise it is a program of its own, which starts Python and imports anew what the command has imported already: for a
single page that is a seventh of all the work. It has the command's memory, so there must be nothing in that to hide.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import suppress
from multiprocessing import connection, forkserver
from pathlib import Path
from typing import Any, Final

from readers import work

# There is no public way to say how multiprocessing's server is started: these are what it knows a running one by.
_SERVER: Final[Any] = getattr(forkserver, "_forkserver")  # noqa: B009
_STANDARD: Final = 3
_HARMLESS: Final = frozenset({"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_REGION"})
"""They say where, not who."""


def fork_origin() -> bool:
    """Fork this process, unless it has threads already or variables that a reader must not know; whether it was done.

    To be called before anything is read: ``readers.pool`` then finds the server running.
    """
    secretive = any(name.startswith(work.SECRETIVE) and name not in _HARMLESS for name in os.environ)
    if secretive or threading.active_count() > 1 or _SERVER._forkserver_pid is not None:
        return False
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with socket.socket(socket.AF_UNIX) as listener:
        address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
        try:
            listener.bind(address)
        except OSError:  # the folder of temporary files has too long a name
            return False
        os.chmod(address, 0o600)  # noqa: PTH101  the name of a socket
        listener.listen()
        alive_r, alive_w = os.pipe()
        if (pid := os.fork()) == 0:
            _serve(listener.detach(), alive_r)
        os.close(alive_r)
    vars(_SERVER).update(_forkserver_address=address, _forkserver_alive_fd=alive_w, _forkserver_pid=pid)
    return True


def _serve(listener: int, alive: int) -> None:
    """Be that server, and nothing of the command, until nobody holds the other end of ``alive``."""
    status = 1
    try:
        for number in _open_files():
            if number >= _STANDARD and number not in (listener, alive):
                with suppress(OSError):
                    os.close(number)
        forkserver.main(listener, alive, work.WARM)
    except SystemExit:
        status = 0
    finally:
        os._exit(status)


def _open_files() -> list[int]:
    try:
        return [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    except OSError:  # not Linux
        return list(range(256))
