"""Outages of water: written, shown with what it says and whom it reaches, told, and told to be over."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from api.desk.access import OUTAGES, Announcer, Posted, SignedIn, desk_page, text_of
from api.desk.queue import names_of_staff
from api.desk.wording import actor_name
from api.problems import ApiProblem
from database.engine import Session, reading, transaction
from environment import clock
from notices import outages
from notices.kinds import NoticeKind
from notices.outages import OutageError
from notices.places import streets
from notices.tables import Outage

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_FIELDS: Final = ("street", "first_house", "last_house", "parity", "begins_at", "ends_at", "remark")
_DONE: Final = {
    "usunieto": "Usunięte. Nikt niczego nie dostał.",
    "wyslano": "Powiadomienia idą do klientów. Stan widać niżej, po odświeżeniu strony.",
}


@router.get(OUTAGES)
def overview(request: Request, clerk: Announcer, zrobione: str = "") -> Response:
    """The form for a new one, and the last ones."""
    return _overview(request, clerk, done=_DONE.get(zrobione))


@router.post(OUTAGES)
def write(request: Request, clerk: Announcer, form: Posted) -> Response:
    """Write one, and show what it would say and whom it would reach."""
    typed = {name: text_of(form, name) for name in _FIELDS}
    try:
        with transaction() as session:
            number = outages.write(session, **typed, by=clerk.actor)
    except OutageError as error:
        return _overview(request, clerk, status=422, typed=typed, faults={error.field: error.message})
    return RedirectResponse(f"{OUTAGES}/{number}", 303)


@router.get(OUTAGES + "/{number}")
def show(request: Request, clerk: Announcer, number: int, zrobione: str = "") -> Response:
    """What it says, whom it reaches, and how far it has got."""
    return _page(request, clerk, number, done=_DONE.get(zrobione))


@router.post(OUTAGES + "/{number}/wyslij")
def send(request: Request, clerk: Announcer, number: int, form: Posted) -> Response:
    """Tell it; pressed once more it goes on where it was interrupted."""
    try:
        with transaction() as session:
            _known(session, number)
            outages.announce(session, number, clerk.actor)
    except OutageError as error:
        return _page(request, clerk, number, status=409, fault=error.message)
    return _telling(number)


@router.post(OUTAGES + "/{number}/przywrocono")
def restore(clerk: Announcer, number: int, form: Posted) -> Response:
    """Water is back."""
    with transaction() as session:
        _known(session, number)
        outages.restore(session, number, clerk.actor)
    return _telling(number)


@router.post(OUTAGES + "/{number}/usun")
def discard(clerk: Announcer, number: int, form: Posted) -> Response:
    """Delete one that nobody was told of."""
    with transaction() as session:
        _known(session, number)
        outages.discard(session, number, clerk.actor)
    return RedirectResponse(f"{OUTAGES}?zrobione=usunieto", 303)


def _telling(number: int) -> Response:
    """The answer first, then the work: a town has thousands of customers."""
    return RedirectResponse(
        f"{OUTAGES}/{number}?zrobione=wyslano", 303, background=BackgroundTask(outages.tell_of, number)
    )


def _known(session: Session, number: int) -> Outage:
    outage = outages.found(session, number)
    if outage is None:
        raise ApiProblem(404, "Nie ma takiej przerwy. Wróć do listy.", title="Nie ma takiej przerwy")
    return outage


def _overview(
    request: Request,
    clerk: SignedIn,
    *,
    status: int = 200,
    done: str | None = None,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    with reading() as session:
        known, last = streets(session), outages.newest(session)
    return desk_page(
        request,
        clerk,
        "desk/outages.html",
        status=status,
        done=done,
        streets=known,
        listed=[(one, outages.place_of(one), outages.time_of(one)) for one in last],
        now=clock.now(),
        typed=typed or {"parity": "all"},
        faults=faults or {},
        faulty=bool(faults),
    )


def _page(request: Request, clerk: SignedIn, number: int, *, status: int = 200, **context: Any) -> Response:
    with reading() as session:
        outage = _known(session, number)
        reach, told, names = outages.reach(session, outage), outages.told(session, number), names_of_staff(session)
    return desk_page(
        request,
        clerk,
        "desk/outage.html",
        status=status,
        outage=outage,
        place=outages.place_of(outage),
        time=outages.time_of(outage),
        reach=reach,
        told=told,
        texts=outages.texts(outage, NoticeKind.OUTAGE),
        over=outage.ends_at <= clock.now(),
        who=actor_name(outage.by, names),
        **{"done": None, "fault": None, **context},
    )
