"""The kind for a day that somebody wishes for: a working day to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from environment.clock import today as local_today
from environment.settings import get_settings
from environment.working_days import is_working_day, working_day_after
from forms.kinds.base import Fault, Told, Value
from forms.kinds.dates import Date

_FAR: Final = timedelta(days=366)
"""Nobody wishes for a day that is further ahead: the year is wrong, or was misread."""


@dataclass(frozen=True)
class WishedDay(Date):
    """A day wished for. Which days can be had at all is told to whoever types one; paper is answered by the office."""

    name: ClassVar[str] = "wished_day"
    told: ClassVar[Told] = Told.AT_LABEL

    def example(self) -> Value:
        """The first day that can be had."""
        return _earliest(local_today()).isoformat()

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a day that exists and is not years ahead; one that is over was wished for all the same."""
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return super().fault(value, today)
        if day.year < 2000 or day > today + _FAR:
            return Fault("bad_date", "Sprawdź rok w dacie.")
        return None

    def untimely(self, value: str, today: date) -> Fault | None:
        """Neither too soon nor too far, and on a working day."""
        day, first, last = date.fromisoformat(value), _earliest(today), _latest(today)
        if day < first:
            return Fault("too_soon", f"Najbliższy możliwy dzień to {first:%d.%m.%Y}.")
        if day > last:
            return Fault("too_far", f"Ostatni możliwy dzień to {last:%d.%m.%Y}.")
        if not is_working_day(day):
            return Fault("no_working_day", "W ten dzień nie pracujemy. Wybierz inny.")
        return None

    def html_attributes(self) -> dict[str, str]:
        """The browser's own date picker, with the first and the last day that can be had."""
        today = local_today()
        return {
            **super().html_attributes(),
            "min": _earliest(today).isoformat(),
            "max": _latest(today).isoformat(),
        }


def _earliest(today: date) -> date:
    return working_day_after(today, get_settings().visit_notice_days)


def _latest(today: date) -> date:
    return today + timedelta(days=get_settings().visit_horizon_days)
