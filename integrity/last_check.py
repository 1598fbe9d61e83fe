"""How much the check of the last night found: for who needs the number alone, and not all that is compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from integrity.tables import DifferenceFound, NightlyCheck


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When the last check ended, and how many differences it found."""

    at: datetime
    number: int


def last_check(session: Session) -> LastCheck | None:
    """The last one; None before the first."""
    last = session.get(NightlyCheck, 1)
    if last is None:
        return None
    return LastCheck(last.ended_at, session.scalar(select(func.count()).select_from(DifferenceFound)) or 0)
