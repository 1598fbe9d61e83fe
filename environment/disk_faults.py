"""Faults of the machine's disks and memory, told from those of a file: any other file would meet them as well."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_CAUSES: Final = {
    errno.EACCES: "brak uprawnień",
    errno.EPERM: "brak uprawnień",
    errno.EROFS: "dysk jest tylko do odczytu",
    errno.ENOSPC: "brak miejsca na dysku",
    errno.EDQUOT: "brak miejsca na dysku",
    errno.EEXIST: "w tym miejscu jest plik, a nie folder",
    errno.ENOTDIR: "w tym miejscu jest plik, a nie folder",
    errno.EISDIR: "w tym miejscu jest folder, a nie plik",
    errno.ENOENT: "nie ma takiego miejsca",
}
_PRIMARY: Final = 0xFF
"""Of a code of SQLite, which tells more in its other bits."""
_NO_ROOM: Final = "53100"
"""What PostgreSQL calls a full disk."""
_SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


def is_full(fault: BaseException | None) -> bool:
    """Whether a disk has no room left, whoever met it: a file, or the database (as its driver or our engine tells)."""
    return _is(fault, _FULL, sqlite3.SQLITE_FULL, _NO_ROOM)


def is_read_only(fault: BaseException | None) -> bool:
    """Whether a disk lets nobody write, whoever met it."""
    return _is(fault, frozenset({errno.EROFS}), sqlite3.SQLITE_READONLY)


def is_of_machine(fault: BaseException) -> bool:
    """Whether any other file would have met the fault as well."""
    return is_full(fault) or is_read_only(fault) or is_scarce(fault)


def is_scarce(fault: BaseException) -> bool:
    """Whether memory or open files ran out."""
    return isinstance(fault, OSError) and fault.errno in _SCARCE


def cause_of(error: OSError) -> str:
    """Why the system refused, in Polish where it is a usual reason."""
    return _CAUSES.get(error.errno or 0, error.strerror or "błąd systemu")


def _is(fault: BaseException | None, numbers: frozenset[int], code: int, state: str = "") -> bool:
    """Whether a fault is one of these of the system, that one of SQLite, or of PostgreSQL with that state."""
    if getattr(fault, "sqlite_errorcode", 0) & _PRIMARY == code or (state and getattr(fault, "sqlstate", "") == state):
        return True
    if isinstance(fault, OSError):
        return fault.errno in numbers
    cause = getattr(fault, "orig", None)
    return isinstance(cause, BaseException) and _is(cause, numbers, code, state)
