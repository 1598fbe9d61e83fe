"""Faults of the machine's disks and memory, told from those of a file: any other file would meet them as well."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


def is_full(fault: BaseException | None) -> bool:
    """Whether a disk has no room left, whoever met it: a file, or the database (as its driver or our engine tells)."""
    if getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return True
    if isinstance(fault, OSError):
        return fault.errno in _FULL
    cause = getattr(fault, "orig", None)
    return isinstance(cause, BaseException) and is_full(cause)


def is_read_only(fault: BaseException) -> bool:
    """Whether a disk lets nobody write."""
    return isinstance(fault, OSError) and fault.errno == errno.EROFS


def is_of_machine(fault: BaseException) -> bool:
    """Whether any other file would have met the fault as well."""
    return is_full(fault) or is_read_only(fault) or is_scarce(fault)


def is_scarce(fault: BaseException) -> bool:
    """Whether memory or open files ran out."""
    return isinstance(fault, OSError) and fault.errno in _SCARCE
