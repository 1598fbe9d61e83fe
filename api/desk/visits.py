"""Requests for a visit at the desk: what waits for whom, and what the office says of the day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.crews import crews
from api.desk.access import VISITS, Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.problems import ApiProblem
from audit.trail import note_view
from customers.acting import agents_in_words
from customers.visit_view import hours_in_words
from customers.visits import LONGEST_NOTE, Part, Report, UnknownVisitError, VisitState
from database.engine import reading, transaction
from documents.loading import authorities_of
from environment.clock import today
from forms.catalogue import form_by_code
from forms.form import Problem
from forms.kinds import Date
from portal.visits import FORMS
from review import visits
from review.decisions import RefusedError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

STATES: Final = {
    VisitState.ASKED: "czeka na biuro",
    VisitState.PROPOSED: "czeka na klienta",
    VisitState.AGREED: "umówione",
    VisitState.DONE: "wykonane",
    VisitState.CANCELLED: "odwołane",
}
REPORTS: Final = {
    Report.DONE: "wykonane",
    Report.NOBODY: "nikogo nie było",
    Report.IMPOSSIBLE: "nie dało się wykonać",
}
_DONE: Final = {
    "propose": "Zaproponowano dzień. Klient dostanie wiadomość.",
    "accept": "Wizyta jest umówiona. Klient dostanie wiadomość.",
    visits.GIVE: "Zapisane, która ekipa jedzie.",
    "cancel": "Wizyta jest odwołana. Klient dostanie wiadomość.",
    Report.DONE.value: "Zapisane: wykonane. Klient dostanie wiadomość.",
    Report.NOBODY.value: "Zapisane. Klient dostanie wiadomość.",
    Report.IMPOSSIBLE.value: "Zapisane. Klient dostanie wiadomość.",
}
_MOST_AT_ONCE: Final = 500
_TOO_MANY_TICKED: Final = f"Zaznacz najwyżej {_MOST_AT_ONCE} wizyt naraz."
_NOTHING_TICKED: Final = "Zaznacz wizyty, które chcesz dać ekipie."
_NO_CREW_CHOSEN: Final = "Wybierz ekipę."
_LATE: Final = "Pozostałe są zapisane. Te zmienił właśnie ktoś inny, zobacz je jeszcze raz: {}."
_NONE: Final = "Nie ma wniosku o wizytę w sprawie o tym numerze."


@router.get(VISITS)
def show(
    request: Request, clerk: Decider, *, rodzaj: str = "", dzien: str = "", ekipa: str = "", zrobione: str = ""
) -> Response:
    """All that waits, by whom it waits for; of one kind, one day or one crew where asked for."""
    return _list(request, clerk, rodzaj=rodzaj, dzien=dzien, ekipa=ekipa, told=_DONE.get(zrobione))


def _list(
    request: Request,
    clerk: SignedIn,
    *,
    rodzaj: str,
    dzien: str,
    ekipa: str,
    told: str | None = None,
    wrong: str | None = None,
    ticked: Collection[str] = (),
    typed: str = "",
) -> Response:
    day = day_of(dzien)
    with reading() as session:
        known = crews(session)
        crew = ekipa if ekipa in (*known, visits.UNGIVEN) else None
        found = visits.office_visits(session, rodzaj if rodzaj in FORMS else None, day, crew)
        asked = authorities_of(session, [visit.tracking for visit in found.all])
        agents = agents_in_words(session, asked.values(), of_whom=True)
    note_view(actor=clerk.actor, action="viewed", subject="visits")
    return desk_page(
        request,
        clerk,
        "desk/visits.html",
        status=422 if wrong else 200,
        found=found,
        asked={tracking: agents[number] for tracking, number in asked.items() if number is not None},
        kinds=kinds(),
        kind=rodzaj,
        day=day,
        crew=crew,
        crews=known,
        ungiven=visits.UNGIVEN,
        states=STATES,
        reports=REPORTS,
        told=told,
        wrong=wrong,
        faulty=wrong is not None,
        ticked=ticked,
        typed=typed,
    )


@router.post(VISITS)
def give_many(request: Request, clerk: Decider, form: Posted) -> Response:
    """Give all that is ticked to one crew, or to none; the list stays as it was chosen."""
    chosen = dict(_ticked(one) for one in form.getlist("wizyta") if isinstance(one, str))
    crew, shown = text_of(form, "daj"), {name: text_of(form, name) for name in ("rodzaj", "dzien", "ekipa")}
    wrong = _NOTHING_TICKED if not chosen else _NO_CREW_CHOSEN if not crew else None
    if len(chosen) > _MOST_AT_ONCE:
        wrong = _TOO_MANY_TICKED
    if wrong is None:
        try:
            with transaction() as session:
                late = visits.give_many(session, clerk.actor, chosen, None if crew == visits.UNGIVEN else crew)
        except RefusedError as error:
            wrong = error.problems[0].message
        else:
            if not late:
                query = {name: value for name, value in shown.items() if value}
                return RedirectResponse(f"{VISITS}?{urlencode({**query, 'zrobione': visits.GIVE})}", 303)
            wrong = _LATE.format(", ".join(late))
    return _list(request, clerk, **shown, wrong=wrong, ticked=chosen, typed=crew)


@router.get(f"{VISITS}/{{tracking}}")
def show_one(request: Request, clerk: Decider, tracking: str) -> Response:
    """One request, with what can be said of it."""
    return _one(request, clerk, tracking_of(tracking))


@router.post(f"{VISITS}/{{tracking}}")
def decide(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """What the pressed button says."""
    number = tracking_of(tracking)
    try:
        take(number, clerk, form, giving=_giving(form))
    except RefusedError as error:
        return _one(request, clerk, number, problems=error.problems, typed=form)
    return RedirectResponse(f"{VISITS}?{urlencode({'zrobione': text_of(form, 'co')})}", 303)


def take(
    tracking: str,
    person: SignedIn,
    form: FormData,
    *,
    giving: visits.Giving | None,
    only: tuple[str, ...] = (),
    crew: str | None = None,
) -> None:
    """Carry out what a page of office or crew sent, of these steps only; RefusedError where it cannot be so.

    ``giving`` says to which crew it goes with that, ``crew`` is that of who sends it from the field.
    """
    what, seen = text_of(form, "co"), text_of(form, "krok")
    if only and what not in only:
        raise RefusedError([Problem(None, "unknown_step", "Wybierz jeden z przycisków na stronie.")])
    try:
        with transaction() as session:
            visits.decide(
                session,
                tracking,
                person.actor,
                what=what,
                seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 7 else -1,
                day=text_of(form, "dzien"),
                part=text_of(form, "pora"),
                note=text_of(form, "uwagi"),
                giving=giving,
                crew=crew,
            )
    except UnknownVisitError as error:
        raise unknown() from error


def _ticked(sent: str) -> tuple[str, str | None]:
    """A visit as a box of the list names it: its case, and the crew that it had on the page."""
    tracking, _, crew = sent.partition(" ")
    return tracking, crew or None


def _giving(form: FormData) -> visits.Giving | None:
    """To which crew the visit goes; None where the page did not ask."""
    if "ekipa" not in form:
        return None
    return visits.Giving(text_of(form, "ekipa") or None, text_of(form, "ekipa_byla") or None)


def unknown() -> ApiProblem:
    """What is answered where there is no such request."""
    return ApiProblem(404, _NONE, title="Nie ma takiego wniosku")


def day_of(typed: str) -> date | None:
    """A day in an address; None for anything else."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def kinds() -> list[tuple[str, str]]:
    """Code and title of the forms that ask for a visit."""
    return [(code, form_by_code(code).title) for code in FORMS]


def _one(
    request: Request,
    clerk: SignedIn,
    tracking: str,
    *,
    problems: tuple[Problem, ...] = (),
    typed: FormData | None = None,
) -> Response:
    with reading() as session:
        visit, known = visits.one_visit(session, tracking), crews(session)
        if visit is None:
            raise unknown()
        asked = authorities_of(session, [tracking])[tracking]
        agents = agents_in_words(session, [asked, visit.authority], of_whom=True)
    note_view(actor=clerk.actor, action="opened", subject=tracking)
    wished = visit.wished_on if visit.wished_on and visit.wished_on >= today() else None
    return desk_page(
        request,
        clerk,
        "desk/visit.html",
        status=422 if problems else 200,
        visit=visit,
        asked=agents.get(asked) if asked else None,
        said=agents.get(visit.authority) if visit.authority else None,
        crews=known,
        typed_crew=text_of(typed, "ekipa") if typed is not None else (visit.crew or ""),
        states=STATES,
        reports=REPORTS,
        parts=[(part.value, hours_in_words(part.value)) for part in Part],
        typed_day=text_of(typed, "dzien") if typed is not None else (wished or ""),
        today=today(),
        hint=Date.hint,
        longest_note=LONGEST_NOTE,
        problems=problems,
        faulty=bool(problems),
    )
