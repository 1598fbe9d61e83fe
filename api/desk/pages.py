"""The pages of one document: turned, split off, joined, and read as another form."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, QueryParams
from starlette.responses import RedirectResponse, Response

from api.case_wording import STATES
from api.desk.access import AnsweredRoute, Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.documents import refused
from api.desk.queue import at_desk, document_address, titles
from audit.trail import note_view
from database.engine import reading, transaction
from documents.tracking import TrackingError, normalise_tracking
from forms.catalogue import current_forms
from forms.form import Problem
from review import pages, rereading
from review.decisions import RefusedError
from review.queue import Clerk, DeskConflictError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=AnsweredRoute)

_BY_ITSELF: Final = "rozpoznaj"
"""Stands for no form in particular: the machine finds out."""
_DONE: Final = {
    "wydzielono": "Zaznaczone strony są teraz osobną sprawą. Czeka ona w kolejce.",
    "dolaczono": "Strony są dołączone, a tamta sprawa zamknięta.",
    "obrocono": "Strona jest obrócona i tak już zostanie.",
}
_NOT_CHOSEN: Final = Problem("form", "missing", "Wybierz formularz.")
_NOT_NAMED: Final = Problem("other", "missing", "Wybierz sprawę z listy albo wpisz jej numer.")


@router.get("/biuro/sprawy/{tracking}/strony")
def show(request: Request, clerk: Decider, tracking: str, stan: str = "", sprawa: str = "") -> Response:
    """All pages, and what can be done with them by who holds the document."""
    return _page(request, clerk, tracking_of(tracking), told=_DONE.get(stan), about=_number(sprawa))


@router.post("/biuro/sprawy/{tracking}/strony")
def change(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """What the pressed button says: turn, split off, join, choose a form."""
    number, person, seen = tracking_of(tracking), at_desk(clerk), text_of(form, "widziano")
    try:
        return RedirectResponse(_changed(number, person, seen, form), 303)
    except DeskConflictError as conflict:
        if conflict.code != "changed":
            return refused(request, clerk, number, conflict, form)
        return _page(request, clerk, number, status=409, warned=conflict.message, sent=form)
    except RefusedError as error:
        return _page(request, clerk, number, status=422, problems=error.problems, sent=form)


def _changed(number: str, person: Clerk, seen: str, form: FormData) -> str:
    """Do it; gives the address to go on to."""
    after = f"{document_address(number)}/strony"
    if turning := text_of(form, "obroc"):
        page, quarter_turns = _turning(turning)
        with transaction() as session:
            pages.rotate(session, number, person, page=page, quarter_turns=quarter_turns)
        ticked = "".join(f"&strona={one}" for one in _ticked(form))
        return f"{after}?stan=obrocono{ticked}#strona-{page}"
    match text_of(form, "co"):
        case "wydziel":
            with transaction() as session:
                child = pages.split(session, number, person, seen=seen, pages=_ticked(form))
            return f"{after}?stan=wydzielono&sprawa={child}"
        case "polacz":
            with transaction() as session:
                pages.join(session, number, person, seen=seen, other=_other(form))
            return f"{after}?stan=dolaczono"
        case "odczytaj":
            _read(number, person, seen, text_of(form, "jako"))
            return document_address(number)
    return after


def _read(number: str, person: Clerk, seen: str, chosen: str) -> None:
    """Read the pages again, between two transactions: it takes seconds."""
    if not chosen:
        raise RefusedError([_NOT_CHOSEN])
    code = None if chosen == _BY_ITSELF else chosen
    with transaction() as session:
        wanted = rereading.to_read(session, number, person, seen=seen, form_code=code)
    reading = rereading.read_again(wanted)
    with transaction() as session:
        rereading.take_reading(session, number, person, seen=seen, wanted=wanted, reading=reading)


def _page(
    request: Request,
    clerk: SignedIn,
    number: str,
    *,
    status: int = 200,
    told: str | None = None,
    about: str | None = None,
    warned: str | None = None,
    problems: tuple[Problem, ...] = (),
    sent: FormData | None = None,
) -> Response:
    with reading() as session:
        lying = pages.pages_of(session, number, at_desk(clerk))
    note_view(actor=clerk.actor, action="viewed", subject=number)
    return desk_page(
        request,
        clerk,
        "desk/pages.html",
        status=status,
        lying=lying,
        forms=current_forms(),
        titles=titles(),
        states=STATES,
        by_itself=_BY_ITSELF,
        told=told,
        about=about,
        warned=warned,
        problems=problems,
        faulty=bool(problems),
        ticked=set(_ticked(sent if sent is not None else request.query_params)),
        chosen=text_of(sent, "jako") if sent is not None else "",
        other=text_of(sent, "numer") if sent is not None else "",
        joining=text_of(sent, "inna") if sent is not None else "",
    )


def _turning(text: str) -> tuple[int, int]:
    """Page and quarter turns of '3:1'."""
    page, _, quarters = text.partition(":")
    if not (page.isdecimal() and quarters in ("1", "2", "3")):
        raise RefusedError([Problem("pages", "unknown_page", "Nie ma takiej strony.")])
    return int(page[:6]), int(quarters)


def _ticked(form: FormData | QueryParams) -> list[int]:
    return [int(page[:6]) for page in form.getlist("strona") if isinstance(page, str) and page.isdecimal()]


def _other(form: FormData) -> str:
    typed = text_of(form, "numer").strip() or text_of(form, "inna")
    if not typed:
        raise RefusedError([_NOT_NAMED])
    try:
        return normalise_tracking(typed)
    except TrackingError as error:
        raise RefusedError([Problem("other", "bad_tracking", str(error))]) from error


def _number(typed: str) -> str | None:
    try:
        return normalise_tracking(typed) if typed else None
    except TrackingError:
        return None
