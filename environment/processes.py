"""Processes of this machine, told apart from later ones with the same number."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_ENDED: Final = ("Z", "X", "x")


def born(pid: int) -> str | None:
    """When a process was started, in the kernel's count; None when there is none. Tells a reused number.

    One that has ended and that its parent has not asked after yet is none.
    """
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if facts[0] in _ENDED else facts[19]
    except (OSError, IndexError):
        return None
