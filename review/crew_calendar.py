"""The visits of a crew as a calendar (RFC 5545): of a customer no more than where and what for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from icalendar import Calendar, Event

from customers.visit_view import Visit
from customers.visits import Part, VisitState, hours_of
from database.encryption import digest
from environment.settings import get_settings

_REFRESH = timedelta(minutes=30)


def as_calendar(visits: Iterable[Visit]) -> bytes:
    """The calendar of these visits; what its events are known by tells nothing of their cases."""
    settings, calendar = get_settings(), Calendar()
    calendar.add("prodid", "-//ebok//crew//PL")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{settings.company_short}: wizyty")
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for visit in visits:
        if visit.day is not None:
            calendar.add_component(_event(visit))
    return bytes(calendar.to_ical())


def _event(visit: Visit) -> Event:
    event = Event()
    event.add("uid", f"{digest('crew-calendar event', visit.tracking)[:32]}@ebok")
    event.add("dtstamp", visit.since)
    event.add("last-modified", visit.since)
    event.add("sequence", visit.step)
    done = "Zrobione: " if visit.state is VisitState.DONE else ""
    event.add("summary", f"{done}{visit.works}")
    event.add("location", visit.place)
    event.add("status", "CONFIRMED")
    assert visit.day is not None
    if visit.part in (None, Part.DAY):
        event.add("dtstart", visit.day)
        event.add("dtend", visit.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        begin, end = (_instant(visit, hour) for hour in hours_of(visit.part or Part.DAY))
        event.add("dtstart", begin)
        event.add("dtend", end)
    return event


def _instant(visit: Visit, hour: int) -> datetime:
    """That hour of its day by the clock of the company, as UTC, which every telephone understands."""
    assert visit.day is not None
    midnight = datetime.combine(visit.day, time(), tzinfo=get_settings().zone)
    return (midnight.replace(hour=hour) if hour < 24 else midnight + timedelta(days=1)).astimezone(UTC)
