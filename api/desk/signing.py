"""Signing in and out, and a password of one's own."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.passwords import LONGEST, hashed
from access.sessions import TooManyTriesError, begin_sign_in, settle
from access.staff import StaffError, list_staff
from api.desk.access import (
    COOKIE,
    HOME,
    PASSWORD,
    SIGN_IN,
    Posted,
    SignInNeededError,
    Visitor,
    desk_page,
    drop_token,
    local_address,
    set_token,
    text_of,
    visitor,
)
from api.security import client_key
from database.engine import transaction
from database.settings import get_settings
from review import accounts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_WRONG: Final = "Login albo hasło jest niepoprawne. Sprawdź, czy nie jest włączony Caps Lock, i spróbuj jeszcze raz."
_TOO_MANY: Final = (
    "Za dużo nieudanych prób. Odczekaj {minutes} minut i spróbuj jeszcze raz albo poproś administratora o nowe hasło."
)


@router.get(SIGN_IN)
def ask(request: Request, dalej: str = HOME) -> Response:
    """The page to sign in; those who are signed in go on."""
    after = local_address(dalej)
    try:
        visitor(request)
    except SignInNeededError:
        return _sign_in_page(request, after)
    return RedirectResponse(after, 303)


@router.post(SIGN_IN)
def sign_in(request: Request, login: str = Form(""), haslo: str = Form(""), dalej: str = Form(HOME)) -> Response:
    """Compare the password; the answer is the same for a login that does not exist."""
    after = local_address(dalej)
    try:
        with transaction() as session:
            attempt = begin_sign_in(session, login, client_key(request))
    except TooManyTriesError:
        told = _TOO_MANY.format(minutes=get_settings().sign_in_minutes)
        return _sign_in_page(request, after, login=login, error=told, status=429)
    right = attempt.is_right(haslo)
    with transaction() as session:
        token = accounts.sign_in(session, attempt) if right else None
        if token is None:
            accounts.note_failed_sign_in(session, attempt.login)
    if token is None:
        return _sign_in_page(request, after, login=login, error=_WRONG, status=422)
    answer = RedirectResponse(after, 303)
    set_token(answer, token)
    return answer


@router.post("/biuro/wyloguj")
def sign_out(request: Request, person: Visitor, form: Posted) -> Response:
    """End the session on the server too."""
    with transaction() as session:
        accounts.sign_out(session, person.login, request.cookies[COOKIE])
    answer = RedirectResponse(f"{SIGN_IN}?wylogowano=1", 303)
    drop_token(answer)
    return answer


@router.get(PASSWORD)
def ask_password(request: Request, person: Visitor) -> Response:
    """The page to choose a password."""
    return desk_page(request, person, "desk/password.html", problems={}, done="zmieniono" in request.query_params)


@router.post(PASSWORD)
def choose_password(request: Request, person: Visitor, form: Posted) -> Response:
    """Take a new password; all other sessions of the account end."""
    present, wanted = text_of(form, "obecne"), text_of(form, "nowe")
    problems: dict[str, str] = {}
    try:
        with transaction() as session:
            attempt = begin_sign_in(session, person.login, client_key(request))
    except TooManyTriesError:
        problems["obecne"] = _TOO_MANY.format(minutes=get_settings().sign_in_minutes)
    else:
        if attempt.is_right(present):
            with transaction() as session:
                settle(session, attempt)
        else:
            problems["obecne"] = "To nie jest obecne hasło."
    if wanted == present:
        problems["nowe"] = "Nowe hasło musi być inne niż obecne."
    try:
        accounts.require_good_password(wanted, person.login, person.name)
    except StaffError as error:
        problems["nowe"] = error.message
    if wanted != text_of(form, "powtorzone"):
        problems["powtorzone"] = "Oba wpisane hasła muszą być takie same."
    if problems:
        return desk_page(request, person, "desk/password.html", status=422, problems=problems, faulty=True)
    kept = hashed(wanted)
    with transaction() as session:
        accounts.choose_password(session, person.login, kept, request.cookies[COOKIE])
    return RedirectResponse(HOME if person.must_change_password else f"{PASSWORD}?zmieniono=1", 303)


def _sign_in_page(
    request: Request, after: str, *, login: str = "", error: str | None = None, status: int = 200
) -> Response:
    with transaction() as session:
        somebody = bool(list_staff(session))
    return desk_page(
        request,
        None,
        "desk/sign_in.html",
        status=status,
        after=after,
        login=login[:LONGEST],
        error=error,
        faulty=error is not None,
        signed_out="wylogowano" in request.query_params,
        somebody=somebody,
    )
