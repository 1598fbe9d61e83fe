"""Passkeys of an account: signing in with one, adding one, taking one away. What weighs asks for the password."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import RedirectResponse, Response

from access.devices import Whose
from access.lockout import TooManyTriesError, count_departure, settle_departure
from access.passkeys import LONGEST_ANSWER, PasskeyError, Site
from access.passwords import LONGEST
from api.cookies import loses_cookies
from api.portal.access import (
    ACCOUNT,
    HOME,
    SIGN_IN,
    Holder,
    HolderPosted,
    SignedIn,
    account_page,
    browser_name,
    give_session,
    local_address,
)
from api.portal.own_data import unproven
from api.portal.sign_in import sign_in_page
from api.problems import ApiProblem
from api.security import client_key
from database.engine import reading, transaction
from portal import passkeys
from portal.passkeys import LONGEST_NAME, MOST, OwnPasskey, here, passkeys_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

KEYS: Final = f"{ACCOUNT}/klucze"
_ONE: Final = KEYS + "/{number}/usun"
_UNNAMED: Final = "klucz"
_NOT_TAKEN: Final = (
    "Klucz nie został dodany: odpowiedź urządzenia przyszła za późno albo się nie zgadza. Zacznij od nowa."
)
_UNKNOWN: Final = (
    "Ten klucz nie jest dodany do żadnego konta, został usunięty albo trwało to za długo. Spróbuj jeszcze raz albo "
    "zaloguj się hasłem."
)


@router.post(f"{SIGN_IN}/klucz/pytanie")
def ask(request: Request) -> Response:
    """What the browser is asked in which somebody wishes to come in with a passkey."""
    site = _site()
    try:
        with transaction() as session:
            count_departure(session, client_key(request), Whose.CUSTOMER)
            return JSONResponse(passkeys.question(session, site))
    except TooManyTriesError as error:
        raise ApiProblem(429, f"Odczekaj {error.minutes} minut.") from error


@router.post(f"{SIGN_IN}/klucz")
def enter(request: Request, odpowiedz: str = Form(""), dalej: str = Form(HOME)) -> Response:
    """Whoever answers with a passkey of an account is signed in to it."""
    site, after = _site(), local_address(dalej)
    if loses_cookies(request):
        return sign_in_page(request, after, status=403)
    with transaction() as session:
        entered = passkeys.sign_in(session, site, odpowiedz, browser_name(request))
        if entered is not None:
            settle_departure(session, client_key(request), Whose.CUSTOMER)
    if entered is None:
        return sign_in_page(request, after, refusal=_UNKNOWN, status=422)
    answer = RedirectResponse(after, 303)
    give_session(answer, entered.token, entered.login)
    return answer


@router.get(KEYS)
def show(request: Request, owner: Holder) -> Response:
    """The passkeys, and how to add one."""
    return _page(request, owner)


@router.post(KEYS)
def begin(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Have the browser make a passkey, after the password."""
    site, name = _site(), str(form.get("nazwa") or "").strip()[:LONGEST_NAME]
    if error := unproven(request, owner, form):
        return _page(request, owner, error=error, typed=name)
    try:
        with transaction() as session:
            offer = passkeys.offer(session, site, owner.home_no, name or _UNNAMED)
    except PasskeyError:
        return RedirectResponse(KEYS, 303)
    return _page(request, owner, offer=offer)


@router.post(f"{KEYS}/nowy")
def add(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Take the passkey that the browser made."""
    site, told = _site(), str(form.get("odpowiedz") or "")[: LONGEST_ANSWER + 1]
    with transaction() as session:
        taken = passkeys.add(session, site, owner.home_no, told)
    if not taken:
        return _page(request, owner, refusal=_NOT_TAKEN)
    return RedirectResponse(f"{KEYS}?dodano=1", 303)


@router.get(_ONE)
def ask_to_remove(request: Request, owner: Holder, number: int) -> Response:
    """What removing means."""
    return _removal(request, owner, _his(owner, number))


@router.post(_ONE)
def remove(request: Request, owner: Holder, number: int, form: HolderPosted) -> Response:
    """Take a passkey away, after the password."""
    passkey = _his(owner, number)
    if error := unproven(request, owner, form):
        return _removal(request, owner, passkey, error=error)
    with transaction() as session:
        passkeys.remove(session, owner.home_no, passkey.number)
    return RedirectResponse(f"{KEYS}?usunieto=1", 303)


def _site() -> Site:
    site = here()
    if site is None:
        raise ApiProblem(404, "Klucze dostępu działają tylko pod adresem, który zaczyna się od https://.")
    return site


def _his(owner: SignedIn, number: int) -> OwnPasskey:
    with reading() as session:
        found = next((one for one in passkeys_of(session, owner.home_no) if one.number == number), None)
    if found is None:
        raise ApiProblem(404, "Nie ma tu takiego klucza.", title="Nie ma takiego klucza")
    return found


def _removal(request: Request, owner: SignedIn, passkey: OwnPasskey, *, error: str | None = None) -> Response:
    return account_page(
        request,
        owner,
        "portal/passkey_removal.html",
        status=422 if error else 200,
        passkey=passkey,
        error=error,
        faulty=error is not None,
        longest=LONGEST,
    )


def _page(
    request: Request,
    owner: SignedIn,
    *,
    error: str | None = None,
    refusal: str | None = None,
    offer: dict[str, Any] | None = None,
    typed: str = "",
) -> Response:
    with reading() as session:
        found = passkeys_of(session, owner.home_no)
    wrong = error is not None or refusal is not None
    return account_page(
        request,
        owner,
        "portal/passkeys.html",
        status=422 if wrong else 200,
        passkeys=found,
        offered=here() is not None,
        full=len(found) >= MOST,
        offer=offer,
        error=error,
        refusal=refusal,
        faulty=wrong,
        typed=typed,
        added="dodano" in request.query_params,
        removed="usunieto" in request.query_params,
        longest=LONGEST,
        longest_name=LONGEST_NAME,
    )
