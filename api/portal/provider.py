"""Customers who sign in at a provider of identities, there and back, and the account bound to it by its owner."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access import openid
from access.devices import Whose
from access.lockout import TooManyTriesError, count_departure, settle_departure
from access.openid import CancelledError, Client, Identity, ProviderError, UnreachableError
from access.passwords import LONGEST
from api.cookies import cookie_of, drop_cookie, give_cookie, loses_cookies
from api.portal.access import (
    Holder,
    HolderPosted,
    SignedIn,
    SignInNeededError,
    browser_name,
    give_session,
    local_address,
    signed_in,
)
from api.portal.addresses import ACCOUNT, HOME, SIGN_IN
from api.portal.frame import account_page
from api.portal.own_data import unproven
from api.portal.sign_in import sign_in_page
from api.problems import ApiProblem
from api.security import client_key
from database.engine import reading, transaction
from environment.settings import get_settings
from portal.identities import RETURN, Away, bind, come_back, enter, is_bound, provider, send_away, unbind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
log = structlog.get_logger("api")

BINDING: Final = f"{ACCOUNT}/dostawca"
_COOKIE: Final = "ebok_dostawca_konta"
_PATH: Final = "/ebok"
_LATE: Final = "To logowanie zaczęło się w innym oknie, trwało za długo albo już się skończyło. Zacznij jeszcze raz."
_OTHERS: Final = (
    "Nie połączyliśmy kont: to konto u dostawcy jest już połączone z innym kontem eBOK albo nie potwierdza tożsamości "
    "wystarczająco mocno."
)


@router.post(f"{SIGN_IN}/dostawca")
def leave(request: Request, dalej: str = Form(HOME)) -> Response:
    """Send the browser to the provider."""
    after = local_address(dalej)
    if get_settings().account_oidc_issuer is None:
        return RedirectResponse(SIGN_IN, 303)
    if loses_cookies(request) or not _is_here(request):
        elsewhere = f"Otwórz tę stronę pod adresem {get_settings().public_url} i zacznij jeszcze raz."
        return sign_in_page(request, after, refusal=elsewhere, status=409)
    try:
        return _sent_away(request, None, after)
    except TooManyTriesError as error:
        return sign_in_page(request, after, refusal=_wait(error), status=429)
    except ProviderError as error:
        return sign_in_page(request, after, refusal=_told(error), status=_status(error))


@router.get(RETURN)
def come(request: Request) -> Response:
    """Back from the provider: to a session of ours, or with the account bound."""
    mark = cookie_of(request, _COOKIE)
    away = None
    if mark:
        with transaction() as session:
            away = come_back(session, mark)
    if away is None:
        return _dropped(sign_in_page(request, HOME, refusal=_LATE, status=409))
    try:
        identity = openid.finish(_client(), away.begun, dict(request.query_params))
    except ProviderError as error:
        return _dropped(sign_in_page(request, away.after, refusal=_told(error), status=_status(error)))
    return _dropped(_bound(request, away, identity) if away.customer_no else _entered(request, away, identity))


@router.get(BINDING)
def show(request: Request, owner: Holder) -> Response:
    """Whether the account is bound, and how to change it."""
    return _page(request, owner)


@router.post(BINDING)
def begin(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Send the browser to the provider, so that the account is bound to who comes back; after the password."""
    if wrong := unproven(request, owner, form):
        return _page(request, owner, error=wrong)
    try:
        return _sent_away(request, owner, BINDING)
    except TooManyTriesError as error:
        return _page(request, owner, refusal=_wait(error))
    except ProviderError as error:
        return _page(request, owner, refusal=_told(error))


@router.post(f"{BINDING}/rozlacz")
def end(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Bind the account to nobody any more, after the password."""
    if wrong := unproven(request, owner, form):
        return _page(request, owner, error=wrong)
    with transaction() as session:
        unbind(session, owner.home_no)
    return RedirectResponse(f"{BINDING}?rozlaczono=1", 303)


def _sent_away(request: Request, owner: SignedIn | None, after: str) -> Response:
    """By a page, as forms of ours may lead to no other site; TooManyTriesError, ProviderError."""
    with transaction() as session:
        count_departure(session, client_key(request), Whose.CUSTOMER)
    begun = openid.begin(_client())
    with transaction() as session:
        mark = send_away(session, Away(begun, after, owner.home_no if owner else ""))
    name = get_settings().account_oidc_name
    answer = account_page(request, owner, "portal/to_provider.html", address=begun.address, name=name)
    give_cookie(answer, _COOKIE, mark, _PATH)
    return answer


def _entered(request: Request, away: Away, identity: Identity) -> Response:
    with transaction() as session:
        entered = enter(session, identity, browser_name(request))
        if entered is not None:
            settle_departure(session, client_key(request), Whose.CUSTOMER)
    if entered is None:
        name = get_settings().account_oidc_name
        told = (
            "Wiemy już, kim jesteś, ale nie wiemy, które konto eBOK jest Twoje. Masz je? Zaloguj się hasłem i połącz "
            f"z nim logowanie przez {name}: zapytamy o to zaraz po zalogowaniu. Nie masz? Zgłoś się do eBOK, odnośnik "
            "jest niżej."
        )
        return sign_in_page(request, BINDING, refusal=told, status=403)
    answer = RedirectResponse(away.after, 303)
    give_session(answer, entered.token, entered.login)
    return answer


def _bound(request: Request, away: Away, identity: Identity) -> Response:
    """For who has left while he was signed in to this very account, and is still."""
    try:
        owner = signed_in(request)
    except SignInNeededError:
        return sign_in_page(request, BINDING, refusal=_LATE, status=409)
    if owner.home_no != away.customer_no:
        return _page(request, owner, refusal=_LATE)
    with transaction() as session:
        done = bind(session, owner.home_no, identity)
        if done:
            settle_departure(session, client_key(request), Whose.CUSTOMER)
    return RedirectResponse(f"{BINDING}?polaczono=1", 303) if done else _page(request, owner, refusal=_OTHERS)


def _client() -> Client:
    client = provider()
    if client is None:
        raise UnreachableError("not_set")
    return client


def _is_here(request: Request) -> bool:
    """Whether the request came to the address that the provider leads back to."""
    return request.headers.get("host", "").lower() == urlsplit(get_settings().public_url).netloc.lower()


def _wait(error: TooManyTriesError) -> str:
    return f"Za dużo prób. Odczekaj {error.minutes} minut albo zaloguj się hasłem."


def _told(error: ProviderError) -> str:
    """The reason and the remedy; the log gets the code alone, which holds nothing of what was sent."""
    name = get_settings().account_oidc_name
    if isinstance(error, CancelledError) and error.code == "access_denied":
        return f"Logowanie przez {name} zostało przerwane. Spróbuj jeszcze raz albo zaloguj się hasłem."
    log.warning("customers_provider_refused", kind=type(error).__name__, code=error.code)
    if isinstance(error, UnreachableError | CancelledError):
        return f"Teraz nie można zalogować się przez {name}. Spróbuj za kilka minut albo zaloguj się hasłem."
    return (
        f"Odpowiedź, która przyszła przez {name}, nie pasuje do tego logowania, więc nikogo nie wpuściliśmy. Zacznij "
        "od nowa."
    )


def _status(error: ProviderError) -> int:
    return 503 if isinstance(error, UnreachableError) else 403


def _page(request: Request, owner: SignedIn, *, error: str | None = None, refusal: str | None = None) -> Response:
    settings = get_settings()
    if settings.account_oidc_issuer is None:
        raise ApiProblem(404, "Nie ma tu innego logowania niż hasłem i kluczem dostępu.")
    with reading() as session:
        bound = is_bound(session, owner.home_no)
    wrong = error is not None or refusal is not None
    return account_page(
        request,
        owner,
        "portal/provider.html",
        status=422 if wrong else 200,
        name=settings.account_oidc_name,
        bound=bound,
        error=error,
        refusal=refusal,
        faulty=wrong,
        done="polaczono" in request.query_params,
        undone="rozlaczono" in request.query_params,
        longest=LONGEST,
    )


def _dropped(answer: Response) -> Response:
    drop_cookie(answer, _COOKIE, _PATH)
    return answer
