"""The one clock: UTC instants, Polish local days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from environment.settings import get_settings


def now() -> datetime:
    """The present instant, with time zone UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime) -> date:
    """The day of an instant where the company is."""
    return instant.astimezone(get_settings().zone).date()


def local_time(instant: datetime) -> str:
    """An instant by the clock of the company, as people write it: '29.11.2026 14:05'."""
    return f"{instant.astimezone(get_settings().zone):%d.%m.%Y %H:%M}"


def today() -> date:
    """The present day where the company is."""
    return local_day(now())


def last_day(ends: datetime) -> date:
    """The last whole day there before an instant: up to it people are told that what ends then still holds."""
    return local_day(ends) - timedelta(days=1)


def midnight(day: date | None = None) -> datetime:
    """The instant at which a day begins there, the present one where none is named.

    The days of the change of clocks have 23 or 25 hours.
    """
    return datetime.combine(day or today(), time(), tzinfo=get_settings().zone).astimezone(UTC)
