"""Signing in and out: password, second factor, and choosing a new password (``provider`` signs in without ours)."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.lockout import TooManyTriesError
from access.passwords import LONGEST, hashed
from access.second_factor import Given, recovery_codes_left
from access.sessions import FirstPasswordOverError, Owed, begin_code, begin_sign_in, who
from access.staff import StaffError, list_staff
from api.browsers import browser_of
from api.cookies import loses_cookies
from api.desk.access import (
    CODE,
    HOME,
    PASSWORD,
    SECOND_FACTOR,
    SIGN_IN,
    Owner,
    Posted,
    SignedIn,
    SignInNeededError,
    Visitor,
    desk_page,
    device_mark_of,
    drop_token,
    know_device,
    local_address,
    set_token,
    text_of,
    token_of,
    visitor,
)
from api.desk.offer import Refusal, offered
from api.security import client_key
from database.engine import reading, transaction
from environment.settings import get_settings
from review import staff_accounts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_WRONG: Final = "Login albo hasło jest niepoprawne. Sprawdź, czy nie jest włączony Caps Lock, i spróbuj jeszcze raz."
_FEW_CODES: Final = 3
"""Recovery codes left at which others should be made."""
_WRONG_CODE: Final = (
    "Ten kod jest niepoprawny albo był już użyty. Poczekaj, aż aplikacja pokaże następny, i wpisz go. Jeśli żaden nie "
    "działa, sprawdź, czy telefon ma dobrą godzinę."
)


def too_many(error: TooManyTriesError) -> str:
    """How long to wait after too many wrong tries, and who can help at once."""
    wait = f"{error.minutes} minut" if error.minutes < 120 else f"{error.minutes // 60} godziny"
    return (
        f"Za dużo nieudanych prób. Odczekaj {wait} i spróbuj jeszcze raz albo poproś administratora, żeby odblokował "
        "logowanie."
    )


@router.get(SIGN_IN)
def ask(request: Request, dalej: str = HOME) -> Response:
    """The page to sign in; those who are signed in go on."""
    after = local_address(dalej)
    try:
        visitor(request)
    except SignInNeededError:
        return sign_in_page(request, after)
    return RedirectResponse(after, 303)


@router.post(SIGN_IN)
def sign_in(
    request: Request,
    login: str = Form(""),
    haslo: str = Form(""),
    dalej: str = Form(HOME),
    zakoncz: str = Form(""),
) -> Response:
    """Compare the password; the answer is the same for a login that does not exist."""
    after = local_address(dalej)
    if loses_cookies(request):
        return sign_in_page(request, after, login=login, status=403)
    try:
        with transaction() as session:
            attempt = begin_sign_in(session, login, client_key(request), device_mark_of(request))
    except TooManyTriesError as error:
        return sign_in_page(request, after, login=login, error=too_many(error), status=429)
    right, owed, token, wrong = attempt.is_right(haslo), None, None, _WRONG
    browser = browser_of(request.headers.get("user-agent", ""))
    with transaction() as session:
        try:
            token = (
                staff_accounts.sign_in(session, attempt, browser=browser, ends_others=bool(zakoncz)) if right else None
            )
        except FirstPasswordOverError as error:
            wrong = error.message
        if token is None:
            staff_accounts.note_failed_sign_in(session, attempt.login)
        else:
            found = who(session, token)
            owed = found.owed if found else None
    if token is None:
        return sign_in_page(request, after, login=login, error=wrong, status=422)
    answer = RedirectResponse(after, 303)
    set_token(answer, token)
    if owed is not Owed.CODE:
        know_device(answer, attempt.login)
    return answer


@router.get(CODE)
def ask_code(request: Request, person: Visitor, dalej: str = HOME) -> Response:
    """The page for the second factor; who owes none goes on."""
    after = local_address(dalej)
    return _code_page(request, person, after) if person.owed is Owed.CODE else RedirectResponse(after, 303)


@router.post(CODE)
def give_code(request: Request, person: Visitor, form: Posted) -> Response:
    """Compare the code of the app, or a recovery code; each counts once."""
    after = local_address(text_of(form, "dalej"))
    if person.owed is not Owed.CODE:
        return RedirectResponse(after, 303)
    try:
        with transaction() as session:
            counted = begin_code(session, person.login, client_key(request), device_mark_of(request))
    except TooManyTriesError as error:
        return _code_page(request, person, after, error=too_many(error), status=429)
    with transaction() as session:
        given = staff_accounts.verify_code(session, person.login, token_of(request), text_of(form, "kod")[:LONGEST])
        if given is not None:
            counted.settle(session)
        left = recovery_codes_left(session, person.login)
    if given is None:
        return _code_page(request, person, after, error=_WRONG_CODE, status=422)
    few = given is Given.RECOVERY_CODE and left <= _FEW_CODES
    answer = RedirectResponse(f"{SECOND_FACTOR}?malo=1" if few else after, 303)
    know_device(answer, person.login)
    return answer


@router.post("/biuro/wyloguj")
def sign_out(request: Request, person: Visitor, form: Posted) -> Response:
    """End the session on the server too, and have the browser forget the pictures of papers that it kept."""
    with transaction() as session:
        staff_accounts.sign_out(session, person.login, token_of(request))
    answer = RedirectResponse(f"{SIGN_IN}?wylogowano={'dostawca' if person.by_provider else '1'}", 303)
    drop_token(answer)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get(PASSWORD)
def ask_password(request: Request, person: Owner) -> Response:
    """The page to choose a password."""
    return desk_page(request, person, "desk/password.html", problems={}, done="zmieniono" in request.query_params)


@router.post(PASSWORD)
def choose_password(request: Request, person: Owner, form: Posted) -> Response:
    """Take a new password; all other sessions of the account end."""
    if not person.has_password:
        return RedirectResponse(PASSWORD, 303)
    present, wanted = text_of(form, "obecne"), text_of(form, "nowe")
    problems: dict[str, str] = {}
    try:
        with transaction() as session:
            attempt = begin_sign_in(session, person.login, client_key(request), device_mark_of(request))
    except TooManyTriesError as error:
        problems["obecne"] = too_many(error)
    else:
        if attempt.is_right(present):
            with transaction() as session:
                attempt.counted.settle(session)
        else:
            problems["obecne"] = "To nie jest obecne hasło."
    if wanted == present:
        problems["nowe"] = "Nowe hasło musi być inne niż obecne."
    try:
        staff_accounts.require_good_password(wanted, person.login, person.name)
    except StaffError as error:
        problems["nowe"] = error.message
    if wanted != text_of(form, "powtorzone"):
        problems["powtorzone"] = "Oba wpisane hasła muszą być takie same."
    if problems:
        return desk_page(request, person, "desk/password.html", status=422, problems=problems, faulty=True)
    kept = hashed(wanted)
    with transaction() as session:
        staff_accounts.choose_password(session, person.login, kept, token_of(request))
    return RedirectResponse(HOME if person.owed is Owed.PASSWORD else f"{PASSWORD}?zmieniono=1", 303)


def _code_page(
    request: Request, person: SignedIn, after: str, *, error: str | None = None, status: int = 200
) -> Response:
    return desk_page(
        request, person, "desk/code.html", status=status, after=after, error=error, faulty=error is not None
    )


def sign_in_page(
    request: Request,
    after: str,
    *,
    login: str = "",
    error: str | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """The page to sign in; ``error`` is about the password, ``refusal`` about the provider of identities.

    Over http it says instead why nobody could: the browser would keep no session, and come back here without a word.
    """
    with reading() as session:
        somebody = bool(list_staff(session))
    return desk_page(
        request,
        None,
        "desk/sign_in.html",
        status=status,
        after=after,
        login=login[:LONGEST],
        error=error,
        refusal=refusal,
        faulty=error is not None or refusal is not None,
        signed_out=request.query_params.get("wylogowano"),
        somebody=somebody,
        provider=offered(),
        elsewhere=get_settings().staff_url if loses_cookies(request) else None,
    )
