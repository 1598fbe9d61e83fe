"""What `ebok doctor` tells of one thing that it tried."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: its stable code, what it is and its remedy (Polish)."""

    code: str
    holds: bool
    message: str
    remedy: str | None = None
