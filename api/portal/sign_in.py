"""Signing in to an account by e-mail and password, and out again.

Whether an address has an account is never told: the answer to a wrong one is the same, after the same time.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.passwords import LONGEST
from api.answer_time import not_before_floor
from api.cookies import loses_cookies
from api.pages import page
from api.portal.access import (
    Holder,
    HolderPosted,
    SignInNeededError,
    browser_name,
    device_mark_of,
    drop_token,
    forget_browser,
    give_session,
    local_address,
    signed_in,
    token_of,
)
from api.portal.addresses import FORGET, HOME, SIGN_IN
from api.portal.frame import account_page
from api.security import client_key
from database.engine import transaction
from environment.settings import get_settings
from forms.kinds import Email
from portal import passkeys, sessions
from portal.entering import enter
from portal.sessions import TooManyTriesError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

WRONG: Final = (
    "Adres e-mail albo hasło jest niepoprawne. Sprawdź, czy nie jest włączony Caps Lock, i spróbuj jeszcze raz."
)


@router.get(SIGN_IN)
def ask(request: Request, dalej: str = HOME) -> Response:
    """The page to sign in; who is signed in goes on."""
    after = local_address(dalej)
    try:
        signed_in(request)
    except SignInNeededError:
        return sign_in_page(request, after)
    return RedirectResponse(after, 303)


@router.post(SIGN_IN)
async def sign_in(  # nosec B107  # fields left empty
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    dalej: Annotated[str, Form()] = HOME,
) -> Response:
    """Compare the password; the answer is the same for an address that has no account."""
    async with not_before_floor():
        return await run_in_threadpool(_sign_in, request, email, password, local_address(dalej))


@router.post(FORGET)
def forget(request: Request) -> Response:
    """Sign out, and have this browser forget all that it keeps of us; for whoever asks, signed in or not."""
    with transaction() as session:
        sessions.sign_out(session, token_of(request))
    answer = page(request, "portal/forgotten.html", days=get_settings().draft_days, mood="good")
    forget_browser(answer)
    return answer


@router.post("/ebok/wyloguj")
def sign_out(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """End the session on the server too."""
    with transaction() as session:
        sessions.sign_out(session, token_of(request))
    answer = RedirectResponse(f"{SIGN_IN}?wylogowano=1", 303)
    drop_token(answer)
    return answer


def _sign_in(request: Request, email: str, password: str, after: str) -> Response:
    if loses_cookies(request):
        return sign_in_page(request, after, status=403)
    try:
        entered = enter(
            email,
            password,
            client=client_key(request),
            device_mark=device_mark_of(request),
            browser=browser_name(request),
        )
    except TooManyTriesError as error:
        told = f"Za dużo nieudanych prób. Odczekaj {error.minutes} minut albo wybierz nowe hasło: to działa od razu."
        return sign_in_page(request, after, email=email, error=told, status=429)
    if entered is None:
        return sign_in_page(request, after, email=email, error=WRONG, status=422)
    answer = RedirectResponse(after, 303)
    give_session(answer, entered.token, entered.login)
    return answer


def sign_in_page(
    request: Request,
    after: str,
    *,
    email: str = "",
    error: str | None = None,
    refusal: str | None = None,
    status: int = 200,
) -> Response:
    """The page to sign in; over http it says instead why nobody could: the browser would keep no session.

    ``error`` is of what was typed, ``refusal`` of another way to come in.
    """
    return account_page(
        request,
        None,
        "portal/sign_in.html",
        status=status,
        after=after,
        email=email[: Email().max_length],
        error=error,
        refusal=refusal,
        faulty=error is not None or refusal is not None,
        passkeys=passkeys.here() is not None,
        provider=get_settings().account_oidc_name if get_settings().account_oidc_issuer else None,
        signed_out="wylogowano" in request.query_params,
        longest=LONGEST,
        elsewhere=get_settings().account_url if loses_cookies(request) else None,
    )
