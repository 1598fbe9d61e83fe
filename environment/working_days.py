"""Days on which the company works: neither Saturdays, Sundays nor the holidays of Poland."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def is_working_day(day: date) -> bool:
    """Whether somebody works on that day."""
    return day.weekday() < 5 and day not in _holidays()


def working_day_after(day: date, more: int) -> date:
    """The first working day with that many working days between ``day`` and it; with 0 the next one."""
    found = day
    for _ in range(more + 1):
        found += timedelta(days=1)
        while not is_working_day(found):
            found += timedelta(days=1)
    return found


@cache
def _holidays() -> HolidayBase:
    """Those of each year are added as it is asked for."""
    from holidays import country_holidays  # noqa: PLC0415  loads slowly, and most processes ask for no day

    return country_holidays("PL")
