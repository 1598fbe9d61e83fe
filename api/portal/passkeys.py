"""Passkeys of an account: signing in with one, adding, renaming, taking away. What weighs asks for the password."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import RedirectResponse, Response

from access.lockout import TooManyTriesError
from access.passkeys import LONGEST_ANSWER, PasskeyError, Site
from access.passwords import LONGEST
from api.cookies import loses_cookies
from api.portal.access import Holder, HolderPosted, RowNumber, SignedIn, browser_name, give_session, local_address
from api.portal.addresses import ACCOUNT, HOME, SIGN_IN
from api.portal.frame import account_page
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
_NAME: Final = KEYS + "/{number}/nazwa"
NOT_TAKEN: Final = (
    "Klucz nie został dodany: odpowiedź urządzenia przyszła za późno albo się nie zgadza. Zacznij od nowa."
)
UNKNOWN: Final = (
    "Ten klucz nie jest dodany do żadnego konta, został usunięty albo trwało to za długo. Spróbuj jeszcze raz albo "
    "zaloguj się hasłem."
)


@router.post(f"{SIGN_IN}/klucz/pytanie")
def ask(request: Request) -> Response:
    """What the browser is asked in which somebody wishes to come in with a passkey."""
    site = site_here()
    try:
        with transaction() as session:
            return JSONResponse(passkeys.question(session, site, client_key(request)))
    except TooManyTriesError as error:
        raise ApiProblem(429, f"Odczekaj {error.minutes} minut.") from error


@router.post(f"{SIGN_IN}/klucz")
def enter(request: Request, odpowiedz: str = Form(""), dalej: str = Form(HOME)) -> Response:
    """Whoever answers with a passkey of an account is signed in to it."""
    site, after = site_here(), local_address(dalej)
    if loses_cookies(request):
        return sign_in_page(request, after, status=403)
    with transaction() as session:
        entered = passkeys.sign_in(session, site, odpowiedz, browser_name(request), client_key(request))
    if entered is None:
        return sign_in_page(request, after, refusal=UNKNOWN, status=422)
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
    site, name = site_here(), str(form.get("nazwa") or "").strip()[:LONGEST_NAME]
    if error := unproven(request, owner, form):
        return _page(request, owner, error=error, typed=name)
    try:
        with transaction() as session:
            offer = passkeys.offer(session, site, owner.home_no, name)
    except PasskeyError:
        return RedirectResponse(KEYS, 303)
    return _page(request, owner, offer=offer)


@router.post(f"{KEYS}/nowy")
def add(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Take the passkey that the browser made."""
    site, told = site_here(), str(form.get("odpowiedz") or "")[: LONGEST_ANSWER + 1]
    with transaction() as session:
        taken = passkeys.add(session, site, owner.home_no, told)
    if not taken:
        return _page(request, owner, refusal=NOT_TAKEN)
    return RedirectResponse(f"{KEYS}?dodano=1", 303)


@router.get(_ONE)
def ask_to_remove(request: Request, owner: Holder, number: RowNumber) -> Response:
    """What removing means."""
    return _removal(request, owner, own_passkey(owner, number))


@router.post(_ONE)
def remove(request: Request, owner: Holder, number: RowNumber, form: HolderPosted) -> Response:
    """Take a passkey away, after the password."""
    passkey = own_passkey(owner, number)
    if error := unproven(request, owner, form):
        return _removal(request, owner, passkey, error=error)
    with transaction() as session:
        passkeys.remove(session, owner.home_no, passkey.number)
    return RedirectResponse(f"{KEYS}?usunieto=1", 303)


@router.get(_NAME)
def ask_for_name(request: Request, owner: Holder, number: RowNumber) -> Response:
    """What it is called now, and a field for another name."""
    passkey = own_passkey(owner, number)
    return account_page(request, owner, "portal/passkey_name.html", passkey=passkey, longest_name=LONGEST_NAME)


@router.post(_NAME)
def rename(owner: Holder, number: RowNumber, form: HolderPosted) -> Response:
    """Give a passkey another name; it lets in whoever it did before."""
    passkey, name = own_passkey(owner, number), str(form.get("nazwa") or "")
    with transaction() as session:
        passkeys.rename(session, owner.home_no, passkey.number, name)
    return RedirectResponse(f"{KEYS}?nazwano=1", 303)


def site_here() -> Site:
    """Where passkeys count; ApiProblem 404 where browsers make none."""
    site = here()
    if site is None:
        raise ApiProblem(404, "Klucze dostępu działają tylko pod adresem, który zaczyna się od https://.")
    return site


def own_passkey(owner: SignedIn, number: int) -> OwnPasskey:
    """One of his passkeys; ApiProblem 404."""
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
        renamed="nazwano" in request.query_params,
        added="dodano" in request.query_params,
        removed="usunieto" in request.query_params,
        longest=LONGEST,
        longest_name=LONGEST_NAME,
    )
