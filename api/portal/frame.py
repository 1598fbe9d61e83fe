"""The frame that all pages of an account share, and where those arrive who may not see what they asked for."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.bodies import READING
from api.pages import page, wants_page
from api.portal.access import (
    NOT_HERE,
    NOT_HERE_TITLE,
    AnswerNeededError,
    NoNumberError,
    OtherNumberError,
    SignedIn,
    SignInNeededError,
    VouchingNeededError,
)
from api.portal.addresses import (
    ACCOUNT,
    BILLS,
    HOME,
    NOTICES,
    NUMBERS,
    PAY,
    QUESTIONS,
    SIGN_IN,
    TERMS,
    USAGE,
    VISITS,
    VOUCHING,
)
from api.problems import ApiProblem
from api.question_input import sent_form
from api.security import ACCOUNT_API
from database.engine import reading
from portal.views import Permission, Scope, View, places_of

_NAVIGATION: Final = (
    (HOME, "Przegląd", Permission.SEE),
    (BILLS, "Faktury", Permission.SEE),
    (PAY, "Zapłać", Permission.SEE),
    (USAGE, "Zużycie", Permission.SEE),
    (READING, "Odczyt", Permission.ACT),
    (VISITS, "Wnioski", Permission.ACT),
    (QUESTIONS, "Pytania", Permission.ACT),
    (NOTICES, "Powiadomienia", None),
    (ACCOUNT, "Konto", None),
)
_TO_VOUCHING: Final = (VOUCHING, "Potwierdź, że to Ty", None)
"""Address, name, and what it takes with the number looked at; nothing for what belongs to the account itself."""
_KEPT: Final = ("kind", "faktura", "sprawa", "key")
"""Beside what was written: fields of its form."""
SCOPES: Final = {
    Scope.SEE: "oglądanie faktur, salda i zużycia",
    Scope.ACT: "oglądanie, a także odczyty, wnioski i pytania",
    Scope.EINVOICES: "oglądanie, odczyty, wnioski, pytania i formularze e-faktur",
}
"""What an authority is for, in Polish."""


def install(app: FastAPI) -> None:
    """Make those who are not signed in, or not known, arrive at the page for it; programs get 401 or 403."""

    @app.exception_handler(SignInNeededError)
    async def to_sign_in(request: Request, needed: SignInNeededError) -> Response:
        if not wants_page(request):
            advice = "Sesja się skończyła. Zaloguj się jeszcze raz."
            return ApiProblem(401, advice, title="Zaloguj się").response(request)
        kept = await _text_kept(request)
        return RedirectResponse(_led_back(SIGN_IN, needed.after), 303) if kept is None else kept

    @app.exception_handler(AnswerNeededError)
    async def to_answer(request: Request, needed: AnswerNeededError) -> Response:
        if not wants_page(request):
            advice = f"Odpowiedz, czy go akceptujesz: na stronie {TERMS} albo pod adresem {ACCOUNT_API}/terms/answer."
            return ApiProblem(403, advice, title="Nowy Regulamin").response(request)
        return RedirectResponse(_led_back(TERMS, needed.after), 303)

    @app.exception_handler(NoNumberError)
    async def to_numbers(request: Request, _none: NoNumberError) -> Response:
        if not wants_page(request):
            advice = "Nikt nie daje Ci teraz pełnomocnictwa, więc to konto nie pokazuje żadnego numeru klienta."
            return ApiProblem(403, advice, title="Nie ma numeru klienta").response(request)
        return RedirectResponse(NUMBERS, 303)

    @app.exception_handler(OtherNumberError)
    async def to_other_number(request: Request, found: OtherNumberError) -> Response:
        if not wants_page(request):
            return ApiProblem(404, NOT_HERE, title=NOT_HERE_TITLE).response(request)
        return await run_in_threadpool(_offer, request, found)

    @app.exception_handler(VouchingNeededError)
    async def to_vouching(request: Request, _needed: VouchingNeededError) -> Response:
        if not wants_page(request):
            advice = f"Potwierdź, że to Twoje konto: na stronie {VOUCHING} albo pod adresami {ACCOUNT_API}/vouching."
            return ApiProblem(403, advice, title="Potwierdź, że to Ty").response(request)
        return RedirectResponse(VOUCHING, 303)


async def _text_kept(request: Request) -> Response | None:
    """What somebody wrote while his session ended, given back to be sent again; None where he wrote nothing."""
    if request.method != "POST" or not request.url.path.startswith(QUESTIONS):
        return None
    try:
        async with sent_form(request) as form:
            typed, kept = form.text("text"), [(name, form.text(name)) for name in _KEPT]
    except ApiProblem:  # a body that breaks off, or is too much
        return None
    if not typed.strip():
        return None
    told = {"action": request.url.path, "kept": kept, "typed": typed}
    return account_page(request, None, "portal/session_over.html", status=401, **told)


def account_page(
    request: Request, owner: SignedIn | None, template: str, *, status: int = 200, **context: Any
) -> Response:
    """A page of the account in its frame; ``owner`` is None only where nobody is signed in."""
    here = request.url.path
    switch = _switch(owner) if owner and len(owner.views) > 1 else []
    navigation = [
        (address, name, address == here)
        for address, name, needed in (_NAVIGATION if owner is None or owner.vouched else (_TO_VOUCHING, *_NAVIGATION))
        if owner and (needed is None or owner.may(needed)) and not (address == NOTICES and _tells_nothing(owner))
    ]
    frame = {"owner": owner, "account_navigation": navigation, "switch": switch, "scopes": SCOPES}
    return page(request, template, status=status, **frame, **context)


def _tells_nothing(owner: SignedIn) -> bool:
    """Whether there is nothing to be told of: notices are about the account's own numbers."""
    return owner.is_agent and not any(view.may(Permission.OWN) for view in owner.views)


def _switch(owner: SignedIn) -> list[tuple[View, str]]:
    """All that the account may look at, each with its address."""
    with reading() as session:
        places = places_of(session, [view.customer_no for view in owner.views if view.may(Permission.SEE)])
    return [(view, places.get(view.customer_no, "")) for view in owner.views]


def _offer(request: Request, found: OtherNumberError) -> Response:
    with reading() as session:
        places = places_of(session, [found.view.customer_no])
    place = places.get(found.view.customer_no, "")
    return account_page(
        request, found.owner, "portal/other_number.html", other=found.view, place=place, after=found.after
    )


def _led_back(page: str, after: str) -> str:
    return page if after == HOME else f"{page}?{urlencode({'dalej': after})}"
