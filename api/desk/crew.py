"""The crew's pages, for a telephone in the field: where to go, what came of it, and the calendar to subscribe to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access import calendars
from access.crews import crew_of, crews
from api.desk.access import CREW, FieldWorker, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.visits import REPORTS, day_of, kinds, take
from api.problems import ApiProblem
from audit.trail import note_view, record
from customers.visits import LONGEST_NOTE, Report
from database.engine import reading, transaction
from environment.clock import today
from environment.settings import get_settings
from portal.visits import FORMS
from review import visits
from review.decisions import RefusedError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

CALENDAR: Final = f"{CREW}/kalendarz"
_DAYS: Final = 14
_PAST: Final = timedelta(days=14)
_SAVED: Final = {**{one.value: told for one, told in REPORTS.items()}, visits.GIVE: "ta wizyta jest Wasza"}
_WEEKDAYS: Final = ("pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.")


@router.get(CREW)
def show(
    request: Request, clerk: FieldWorker, *, dzien: str = "", rodzaj: str = "", ekipa: str = "", zapisano: str = ""
) -> Response:
    """Where to go on a day, today where none is named; who belongs to no crew may choose one."""
    return _page(request, clerk, day_of(dzien) or today(), rodzaj, ekipa, saved=zapisano)


@router.get(CALENDAR)
def show_calendar(request: Request, clerk: FieldWorker) -> Response:
    """Whether there is an address, and how to get one."""
    return _calendar_page(request, clerk)


@router.post(CALENDAR)
def change_calendar(request: Request, clerk: FieldWorker, form: Posted) -> Response:
    """A new address, shown once, or none any more."""
    ends = text_of(form, "co") == "koniec"
    with transaction() as session:
        if ends:
            calendars.end(session, clerk.login)
        token = None if ends else calendars.renew(session, clerk.login)
        action = "calendar_ended" if ends else "calendar_address_made"
        record(session, actor=clerk.actor, action=action, subject=f"staff:{clerk.login}")
    return _calendar_page(request, clerk, token=token, ended=ends)


@router.post(f"{CREW}/{{tracking}}")
def report(request: Request, clerk: FieldWorker, tracking: str, form: Posted) -> Response:
    """What came of a visit; sent twice over a bad network it is one."""
    number, day, kind = tracking_of(tracking), day_of(text_of(form, "na")) or today(), text_of(form, "rodzaj")
    shown = text_of(form, "pokazana")
    with reading() as session:
        own = crew_of(session, clerk.login)
    takes = own is not None and text_of(form, "co") == visits.GIVE
    giving = visits.Giving(own, text_of(form, "ekipa_byla") or None) if takes else None
    steps = (*Report, visits.GIVE) if takes else tuple(Report)
    try:
        take(number, clerk, form, only=steps, crew=own, giving=giving)
    except RefusedError as error:
        return _page(request, clerk, day, kind, shown, problem=error.problems[0].message)
    query = {"dzien": day.isoformat(), "rodzaj": kind, "ekipa": shown, "zapisano": text_of(form, "co")}
    return RedirectResponse(f"{CREW}?{urlencode({name: value for name, value in query.items() if value})}", 303)


@router.get("/kalendarz/{token}.ics")
def give_calendar(token: str, rodzaj: str = "") -> Response:
    """The calendar, for whoever has its address; 404 for any other."""
    with reading() as session:
        address, found = calendars.opened_by(session, token), None
        if address is not None:
            kind, crew = rodzaj if rodzaj in FORMS else None, crew_of(session, address.login)
            found = visits.calendar_visits(session, today() - _PAST, kind, crew)
    if address is None or found is None:
        raise ApiProblem(404, "Ten adres kalendarza już nie działa. Zrób nowy na stronie ekipy.", title="Nie ma tu nic")
    from review.crew_calendar import as_calendar  # noqa: PLC0415  brings icalendar, for which no other page has a use

    calendars.note_look(address)
    return Response(
        as_calendar(found),
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "no-store", "Content-Disposition": 'inline; filename="wizyty.ics"'},
    )


def _page(
    request: Request,
    clerk: SignedIn,
    day: date,
    kind: str,
    wanted: str,
    *,
    saved: str = "",
    problem: str | None = None,
) -> Response:
    form, first = kind if kind in FORMS else None, today()
    with reading() as session:
        known, own = crews(session), crew_of(session, clerk.login)
        crew = own or (wanted if wanted in known else None)
        found = visits.crew_day(session, day, form, crew)
        counts = visits.days_with_work(session, first, first + timedelta(days=_DAYS), form, crew)
    note_view(actor=clerk.actor, action="viewed", subject="crew_day")
    days = sorted({first, day, *counts})
    return desk_page(
        request,
        clerk,
        "desk/crew.html",
        status=422 if problem else 200,
        found=found,
        day=day,
        days=[(one, _WEEKDAYS[one.weekday()], counts.get(one, 0)) for one in days],
        today=first,
        kind=form or "",
        kinds=kinds(),
        own=own,
        crew=crew or "",
        crews=known,
        take=visits.GIVE,
        reports=REPORTS,
        longest_note=LONGEST_NOTE,
        saved=_SAVED.get(saved),
        problem=problem,
        faulty=problem is not None,
    )


def _calendar_page(request: Request, clerk: SignedIn, *, token: str | None = None, ended: bool = False) -> Response:
    with reading() as session:
        made_at = calendars.made_at(session, clerk.login)
    address = None if token is None else f"{get_settings().public_url.rstrip('/')}/kalendarz/{token}.ics"
    return desk_page(
        request, clerk, "desk/crew_calendar.html", made_at=made_at, address=address, ended=ended, kinds=kinds()
    )
