"""Processes of this machine, told apart from later ones with the same number."""

from __future__ import annotations

from pathlib import Path


def born(pid: int) -> str | None:
    """When a process was started, in the kernel's count; None when there is none. Tells a reused number."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
