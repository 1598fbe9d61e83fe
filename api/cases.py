"""The page of a case: for its sender, and for whoever knows its number and a second secret.

Nothing is told to others, not even whether a case of that number exists: a wrong number and a wrong secret get the same
answer after the same time, and only so many tries.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from access.lockout import TooManyTriesError, count_secret
from api.answer_time import not_before_floor
from api.case_access import Access, access_of, actor_of_case, grant
from api.case_view import CaseView, case_view, receipt_of
from api.case_wording import STEPS
from api.pages import page
from api.progress import MINUTES, TOO_MANY
from api.security import client_key
from audit.trail import record_view
from confirmations.receipt import draw_receipt
from customers.second_secret import is_secret, knows_secret
from customers.visits import LONGEST_NOTE
from database.engine import reading, transaction
from documents.loading import UnknownDocumentError
from documents.tracking import TrackingError, normalise_tracking
from forms.fields import WISHED_DAY
from forms.kinds import Postcode
from portal.visits import AnswerRefusedError, answer, answer_in

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_MISSING_NUMBER: Final = "Wpisz numer sprawy, na przykład K7M4-PX9A."
_MISSING_PROOF: Final = f"Wpisz adres e-mail albo kod pocztowy, {Postcode.hint}."
_WRONG: Final = (
    "Nie znaleźliśmy sprawy o tym numerze z takim adresem e-mail albo kodem pocztowym. Porównaj numer z "
    "potwierdzeniem. Jeśli dokument dotarł do nas niedawno, spróbuj później: mogliśmy go jeszcze nie odczytać."
)


class _Tried(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    TOO_OFTEN = "too_often"


@router.get("/sprawa")
def ask(request: Request) -> Response:
    """Where a number and the secret are typed."""
    return _entry(request)


@router.post("/sprawa")
async def enter(
    request: Request, tracking: Annotated[str, Form()] = "", secret: Annotated[str, Form()] = ""
) -> Response:
    """Open the case to this browser when both are right."""
    faults = {}
    number = None
    try:
        number = normalise_tracking(tracking) if tracking.strip() else None
        if number is None:
            faults["tracking"] = _MISSING_NUMBER
    except TrackingError as error:
        faults["tracking"] = str(error)
    if not is_secret(secret):
        faults["secret"] = _MISSING_PROOF
    if number is None or faults:
        return _entry(request, tracking, faults, status=422)
    async with not_before_floor():
        tried = await run_in_threadpool(_try, number, secret, client_key(request))
    match tried:
        case _Tried.RIGHT:
            answer = RedirectResponse(f"/sprawa/{number}", 303)
            if access_of(request, number) is None:
                grant(answer, number, Access.VISITOR)
            return answer
        case _Tried.TOO_OFTEN:
            refused = _entry(request, tracking, {"": TOO_MANY}, status=429)
            refused.headers["Retry-After"] = str(MINUTES * 60)
            return refused
        case _:
            return _entry(request, tracking, {"": _WRONG}, status=422)


@router.get("/sprawa/{tracking}/potwierdzenie.pdf")
def download(request: Request, tracking: str) -> Response:
    """The receipt as PDF."""
    view = _seen(request, tracking)
    if view is None:
        return RedirectResponse("/sprawa", 303)
    name = f"potwierdzenie-{view.tracking}.pdf"
    return Response(
        draw_receipt(receipt_of(view)),
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/sprawa/{typed:path}")
def show(request: Request, typed: str) -> Response:
    """The case, or where its secret is asked for; every message and letter gives this address."""
    try:
        number = normalise_tracking(typed)
    except TrackingError as error:
        return _entry(request, "", {"tracking": str(error)}, status=404)
    if typed != number:
        return RedirectResponse(f"/sprawa/{number}", 303)
    view = _seen(request, number)
    if view is None:
        return _entry(request, number)
    answer = _case_page(request, view)
    if view.access is Access.SENDER:
        for part in view.further_parts:
            grant(answer, part.tracking)
    return answer


@router.post("/sprawa/{tracking}/wizyta")
async def answer_visit(request: Request, tracking: str) -> Response:
    """What the customer says to the day of a visit, where the page of the case is open to him."""
    form = await request.form()
    return await run_in_threadpool(_answer_visit, request, tracking, form)


def _answer_visit(request: Request, tracking: str, form: FormData) -> Response:
    view, problem = _seen(request, tracking), None
    if view is None or view.visit is None:
        return RedirectResponse("/sprawa", 303)
    try:
        with transaction() as session:
            answer(session, view.tracking, None, actor_of_case(request, view.tracking), **answer_in(form))
    except AnswerRefusedError as error:
        problem = str(error)
    if problem is None or (view := _seen(request, tracking)) is None:
        return RedirectResponse(f"/sprawa/{tracking}", 303)
    return _case_page(request, view, problem=problem, status=422)


def _case_page(request: Request, view: CaseView, *, problem: str | None = None, status: int = 200) -> Response:
    return page(
        request,
        "case.html",
        status=status,
        case=view,
        steps=STEPS,
        mood=view.mood,
        problem=problem,
        faulty=problem is not None,
        day_attributes=WISHED_DAY.kind.html_attributes(),
        longest_note=LONGEST_NOTE,
    )


def _seen(request: Request, tracking: str) -> CaseView | None:
    """The case as this browser may see it; None where it may not, or there is none."""
    access = access_of(request, tracking)
    if access is None:
        return None
    try:
        with reading() as session:
            return case_view(session, tracking, access)
    except UnknownDocumentError:
        return None


def _try(number: str, secret: str, client: str) -> _Tried:
    """One try, counted before it is looked at; a number that no case has takes the same way as any other."""
    try:
        with transaction() as session:
            counted = count_secret(session, "case", number, client, minutes=MINUTES)
    except TooManyTriesError:
        return _Tried.TOO_OFTEN
    with transaction() as session:
        if not knows_secret(session, number, secret):
            return _Tried.WRONG
        counted.settle(session)
        record_view(session, actor="unknown", action="viewed", subject=number)
    return _Tried.RIGHT


def _entry(
    request: Request, tracking: str = "", faults: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    """The page that asks for number and secret; what was typed as secret is not shown again."""
    return page(
        request,
        "case_entry.html",
        status=status,
        tracking=tracking[:40],
        faults=faults or {},
        faulty=bool(faults),
        minutes=MINUTES,
    )
