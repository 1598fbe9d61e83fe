"""Readings that customers reported: doubtful ones first, each with its photo beside it, to be accepted or rejected."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.desk.access import Decider, Posted, SignedIn, desk_page, text_of
from api.problems import ApiProblem
from audit.trail import note_view
from billing.metering.deciding import DecidedError, accept, photo_of, readings_at_desk, reject
from billing.metering.tables import ReadingSource, ReadingState
from customers.acting import agents_in_words
from database.engine import reading, transaction
from documents.originals import OriginalError, chunks_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/biuro/odczyty"
_LONGEST: Final = 300
_DONE: Final = {
    "przyjety": "Odczyt jest przyjęty i pójdzie do rozliczeń z najbliższym eksportem.",
    "odrzucony": "Odczyt jest odrzucony, a klient dostanie wiadomość z powodem.",
    "bez-wiadomosci": "Odczyt jest odrzucony. Klient nie podał telefonu ani nie ma konta: zadzwoń do niego.",
    "za-pozno": "Ktoś już rozstrzygnął ten odczyt albo klient podał inny.",
}
_NO_REASON: Final = "Napisz, dlaczego odczyt jest odrzucony. Klient przeczyta te słowa."
_STATES: Final = {
    ReadingState.WAITING: "czeka na decyzję",
    ReadingState.ACCEPTED: "przyjęty",
    ReadingState.EXPORTED: "przekazany do rozliczeń",
    ReadingState.REJECTED: "odrzucony",
    ReadingState.REPLACED: "zastąpiony",
}
_WAYS: Final = {ReadingSource.ACCOUNT: "konto", ReadingSource.WEB: "strona", ReadingSource.SMS: "SMS"}


@router.get(ADDRESS)
def show(request: Request, clerk: Decider, wynik: str = "") -> Response:
    """What waits, and what was reported lately."""
    return _page(request, clerk, told=_DONE.get(wynik))


@router.post(f"{ADDRESS}/{{number}}")
def decide(request: Request, clerk: Decider, number: str, form: Posted) -> Response:
    """Accept or reject, as the pressed button says."""
    reason = text_of(form, "powod").strip()[:_LONGEST]
    rejects = text_of(form, "co") == "odrzuc"
    if rejects and not reason:
        return _page(request, clerk, status=422, about=number)
    try:
        with transaction() as session:
            if rejects:
                result = "odrzucony" if reject(session, number, clerk.actor, reason) else "bez-wiadomosci"
            else:
                accept(session, number, clerk.actor)
                result = "przyjety"
    except DecidedError:
        result = "za-pozno"
    return RedirectResponse(f"{ADDRESS}?wynik={result}", 303)


@router.get(f"{ADDRESS}/{{number}}/zdjecie.jpg")
def photo(clerk: Decider, number: str) -> Response:
    """The photo of the meter, as a reader process has drawn it."""
    with reading() as session:
        sha256 = photo_of(session, number)
    try:
        content = None if sha256 is None else chunks_of(sha256)
    except OriginalError:
        content = None
    if content is None:
        raise ApiProblem(404, "Nie ma zdjęcia tego odczytu.", title="Nie ma zdjęcia")
    note_view(actor=clerk.actor, action="pictures_viewed", subject=number)
    return StreamingResponse(content, media_type="image/jpeg")


def _page(
    request: Request, clerk: SignedIn, *, status: int = 200, told: str | None = None, about: str | None = None
) -> Response:
    with reading() as session:
        found = readings_at_desk(session)
        rows = [*(one.row for one in found.waiting), *found.others]
        agents = agents_in_words(session, [one.authority for one in rows])
    note_view(actor=clerk.actor, action="viewed", subject="readings")
    return desk_page(
        request,
        clerk,
        "desk/readings.html",
        status=status,
        found=found,
        agents=agents,
        told=told,
        about=about,
        no_reason=_NO_REASON,
        faulty=about is not None,
        states=_STATES,
        ways=_WAYS,
        longest=_LONGEST,
    )
