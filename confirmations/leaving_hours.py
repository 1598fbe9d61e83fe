"""The hours in which notices leave, by the clock of the company: nobody is woken by one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from environment.settings import get_settings

_ON_ITS_WAY: Final = timedelta(minutes=1)
"""What leaves takes no longer: so much before the last hour nothing is begun any more."""


def may_leave(at: datetime) -> bool:
    """Whether a notice may begin to leave at that moment."""
    settings = get_settings()
    hour, later = (moment.astimezone(settings.zone).hour for moment in (at, at + _ON_ITS_WAY))
    return all(settings.notices_not_before <= each < settings.notices_not_after for each in (hour, later))


def opens_at(at: datetime) -> datetime:
    """The first moment from then on at which notices may leave."""
    if may_leave(at):
        return at
    settings = get_settings()
    day = at.astimezone(settings.zone).date()
    begins = datetime.combine(day, time(settings.notices_not_before), settings.zone)
    if begins <= at:
        begins = datetime.combine(day + timedelta(days=1), time(settings.notices_not_before), settings.zone)
    return begins.astimezone(at.tzinfo)


def have_left_since(at: datetime, while_open: timedelta) -> bool:
    """Whether notices could leave all that time up to then."""
    return may_leave(at) and may_leave(at - while_open)
