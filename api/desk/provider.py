"""Signing in at the identity provider: there and back."""

from __future__ import annotations

from typing import Final

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access import openid
from access.identities import RETURN, Away, come_back, provider, send_away
from access.lockout import TooManyTriesError, count_departure, settle_departure
from access.openid import CancelledError, Identity, ProviderError, UnreachableError
from access.sessions import Owed, who
from api.browsers import browser_of
from api.cookies import cookie_of, drop_cookie, give_cookie
from api.desk import offer
from api.desk.access import AWAY, HOME, SIGN_IN, desk_page, know_device, local_address, set_token
from api.desk.sign_in import sign_in_page, too_many
from api.security import client_key
from database.engine import transaction
from environment.settings import get_settings
from review import staff_accounts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
log = structlog.get_logger("api")

_COOKIE: Final = "ebok_dostawca"
_PATH: Final = "/biuro"


@router.post(AWAY)
def leave(request: Request, dalej: str = Form(HOME), zakoncz: str = Form("")) -> Response:
    """Send the browser to the provider: by a page, as forms of ours may lead to no other site."""
    after = local_address(dalej)
    if get_settings().oidc_issuer is None:
        return RedirectResponse(SIGN_IN, 303)
    if not offer.is_desk(request.headers.get("host", "")):
        return sign_in_page(request, after, refusal=offer.elsewhere(), status=409)
    try:
        with transaction() as session:
            count_departure(session, client_key(request))
    except TooManyTriesError as error:
        return sign_in_page(request, after, refusal=offer.Refusal(too_many(error)), status=429)
    try:
        client = provider()
        if client is None:
            return RedirectResponse(SIGN_IN, 303)
        begun = openid.begin(client)
    except ProviderError as error:
        return _refused(request, after, error)
    with transaction() as session:
        mark = send_away(session, Away(begun, after, bool(zakoncz)))
    answer = desk_page(request, None, "desk/to_provider.html", address=begun.address, name=get_settings().oidc_name)
    give_cookie(answer, _COOKIE, mark, _PATH)
    return answer


@router.get(RETURN)
def come(request: Request) -> Response:
    """Back from the provider: whoever it let in and whose account is open to it gets a session of ours."""
    mark = cookie_of(request, _COOKIE)
    away = None
    if mark:
        with transaction() as session:
            away = come_back(session, mark)
    if away is None:
        return _dropped(sign_in_page(request, HOME, refusal=offer.late(), status=409))
    try:
        client = provider()
        if client is None:
            return _dropped(RedirectResponse(SIGN_IN, 303))
        identity = openid.finish(client, away.begun, dict(request.query_params))
    except ProviderError as error:
        return _dropped(_refused(request, away.after, error))
    return _dropped(_entered(request, away, identity))


def _entered(request: Request, away: Away, identity: Identity) -> Response:
    browser = browser_of(request.headers.get("user-agent", ""))
    with transaction() as session:
        entered = staff_accounts.enter(session, identity, browser=browser, ends_others=away.ends_others)
        found = None if entered.token is None else who(session, entered.token)
        if found is not None:
            settle_departure(session, client_key(request))
    if found is None or entered.token is None:
        return sign_in_page(request, away.after, refusal=offer.unknown(identity.subject), status=403)
    answer = RedirectResponse(away.after, 303)
    set_token(answer, entered.token)
    if found.owed is not Owed.CODE:
        know_device(answer, found.member.login)
    return answer


def _refused(request: Request, after: str, error: ProviderError) -> Response:
    """Tell the person; the log gets the code alone, which holds nothing of what was sent."""
    expected = isinstance(error, CancelledError) and error.code == "access_denied"
    if not expected:
        log.warning("provider_refused", kind=type(error).__name__, code=error.code)
    status = 503 if isinstance(error, UnreachableError) else 403
    return sign_in_page(request, after, refusal=offer.told(error), status=status)


def _dropped(answer: Response) -> Response:
    drop_cookie(answer, _COOKIE, _PATH)
    return answer
