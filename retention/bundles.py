"""What all erasers share: they work in bundles, each in its own transaction, and skip what is still in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

SIZE: Final = 100
"""Rows in one transaction: SQLite lets nobody else write meanwhile."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one step did: ``last`` is the number of the last row looked at, None when there are no more."""

    erased: int
    at_work: int = 0
    last: int | None = None


Rows = Callable[[Session, datetime, int], Bundle]
"""Erases what ended before a moment, of rows with higher numbers than that; in the caller's transaction."""
Files = Callable[[datetime], Iterator[Path]]
"""The files that are older than a moment and nobody needs."""
