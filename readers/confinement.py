"""What a reader may do: limited memory and time, no network, and no files but those it needs to run.

Each measure is taken where the kernel has it; ``in_force`` tries in a reader what must fail, and says what did.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import resource
import signal
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import Final

from environment.settings import get_settings
from readers.limits import Limits

_OUR_ROOMS: Final = ("database", "forms", "ocr", "readers")
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/opt", "/sys/devices/system/cpu")
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_OPEN_FILES: Final = 256
_ROOM_TO_WRITE: Final = 16 * 1024**2
"""Bytes that a file of the reader's own may have beyond the largest file that is taken in."""
_DIE_WITH_PARENT: Final = 1
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_ADDRESS: Final = ("192.0.2.1", 9)
"""Set aside for examples: nothing is there, and a machine without a network says so at once."""


def confine(limits: Limits, scratch: Path) -> None:
    """Give up what a reader does not need; it may write into the folder ``scratch`` alone. There is no way back."""
    os.nice(limits.nice)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, get_settings().max_file_bytes + _ROOM_TO_WRITE)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        # Of root alone the first succeeds, of others the second, unless the system forbids it.
        if libc.unshare(_NEW_NETWORK) != 0:
            libc.unshare(_NEW_USER | _NEW_NETWORK)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)  # last: a change of rights takes it back
        _let_parent_end()
        _narrow_files(scratch)


class Processor:
    """The time of the processor that a look may still use; beyond it the kernel ends the process."""

    def __init__(self) -> None:
        self._end = 0.0

    def begin_look(self, seconds: float) -> None:
        """Each look has its own time."""
        self._end = self._used() + seconds
        self._allow_until(self._end)

    def begin_page(self) -> None:
        """Within it each page has its own: one that never ends is told at once from many that take long together."""
        self._allow_until(min(self._end, self._used() + get_settings().page_seconds))

    def _used(self) -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def _allow_until(self, used: float) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1, hard))


def in_force() -> dict[str, bool]:
    """Which measures hold in this process; each is tried."""
    return {
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY,
        "processor": resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY,
        "core_dumps": resource.getrlimit(resource.RLIMIT_CORE)[0] == 0,
        "writing": not _may_write(),
        "foreign_files": not _may_look(get_settings().home.absolute()),
        "network": not _may_send(),
    }


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _let_parent_end() -> None:
    """The process that readers come from ends with its owner, unless somebody else holds this open, as readers do."""
    held = getattr(forkserver, "_forkserver")._forkserver_alive_fd  # noqa: B009  there is no public way
    if held is not None:
        os.close(held)


def _narrow_files(scratch: Path) -> None:
    from landlockpy import AccessFS, Ruleset, supported  # noqa: PLC0415  Linux alone has it

    if not supported():
        return
    look = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    with Ruleset() as rules:
        for folder in dict.fromkeys(_to_be_read()):
            with suppress(OSError):  # what this system has not got needs no leave
                rules.allow_path(folder, look & rules.handled_fs if folder.is_dir() else AccessFS.READ_FILE)
        for device in _DEVICES:
            with suppress(OSError):
                rules.allow_path(device, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        rules.allow_path(scratch, rules.handled_fs)
        rules.restrict()


def _to_be_read() -> Iterator[Path]:
    """Programs, libraries and our own data; no place where customers' files or keys lie."""
    yield from map(Path, _SYSTEM)
    yield from map(Path, (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()))
    yield from _where_libraries_lie()
    for room in _OUR_ROOMS:
        found = importlib.util.find_spec(room)
        yield from map(Path, (found.submodule_search_locations or ()) if found else ())
    settings = get_settings()
    own = (
        *(settings.forms_dir, settings.terms_dir, settings.lexicon_dir),
        *(settings.tessdata_dir, settings.trust_dir),
    )
    yield from (folder for folder in own if folder is not None)


def _where_libraries_lie() -> Iterator[Path]:
    """Where Python looks for them, as a file of the installation may tell; no folder in which our state lies, too."""
    home = get_settings().home.resolve()
    for folder in map(Path, filter(None, sys.path)):
        if not home.is_relative_to(folder.resolve()) and folder.resolve() != Path.cwd():
            yield folder


def _may_write() -> bool:
    try:
        with tempfile.TemporaryFile(dir="/tmp"):  # nosec B108  # tried on purpose: a confined process may not
            return True
    except OSError:
        return False


def _may_look(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        return _may_look(folder.parent)
    except OSError:
        return False
    return True


def _may_send() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_NO_ADDRESS)  # looks for a way there; nothing is sent
        except OSError:
            return False
    return True
