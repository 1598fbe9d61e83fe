"""The link of an invitation: taken up in the account that has its address for a login; who has none opens one here.

Nothing of the customer is told before somebody is signed in with that address.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.passwords import hashed
from api.choosing import ChoicePage, choice_page, chosen
from api.cookies import loses_cookies
from api.pages import message_page
from api.portal.access import (
    SignedIn,
    SignInNeededError,
    check_secret,
    enter,
    give_session,
    signed_in_here,
    token_of,
)
from api.portal.addresses import HOME
from api.portal.frame import account_page
from api.portal.sign_in import sign_in_page
from database.engine import reading, transaction
from portal.authorities import InvitationError, offered, take_up
from portal.invited import Invited, invited, open_account, terms_today
from portal.sessions import look_at

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LINK: Final = "/ebok/pelnomocnictwo/{token}"
_ONWARD: Final = (HOME, "Przejdź do swojego konta")
NO_LINK: Final = (
    "Ten odnośnik nie działa: był już użyty, stracił ważność albo pełnomocnictwo wycofano. Poproś o nowe tego, "
    "kto je daje."
)
ELSEWHERE: Final = (
    "To zaproszenie wysłaliśmy na inny adres e-mail niż ten, którym się tu logujesz. Wyloguj się i zaloguj na konto, "
    "którego loginem jest tamten adres, a potem kliknij odnośnik jeszcze raz."
)
_NOT_ACCEPTED: Final = "Bez akceptacji Regulaminu nie można założyć konta."
_NEWER: Final = "Regulamin właśnie się zmienił. Przeczytaj nowy i zaznacz jeszcze raz, że go akceptujesz."


@router.get(_LINK)
def open_link(request: Request, token: str) -> Response:
    """The page that the link opens; opening changes nothing."""
    try:
        owner = signed_in_here(request)
        if owner is None:
            return _page_of_newcomer(request, _newcomer(token))
        with reading() as session:
            found = offered(session, token, owner.account_id, owner.login)
    except InvitationError as error:
        return _refused(request, error)
    return account_page(request, owner, "portal/authority_question.html", found=found)


@router.post(_LINK)
async def use_link(request: Request, token: str) -> Response:
    """The button on that page; the number is looked at from then on. Who has no account gets one, then that page."""
    owner = await run_in_threadpool(signed_in_here, request)
    if owner is None:
        return await run_in_threadpool(_opened, request, token, await request.form())
    await check_secret(request, owner)
    return await run_in_threadpool(_taken_up, request, owner, token)


def _newcomer(token: str) -> Invited:
    """Who has no account yet; InvitationError, and SignInNeededError for who has one."""
    with reading() as session:
        found = invited(session, token)
    if found.has_account:
        raise SignInNeededError(_LINK.format(token=token))
    return found


def _opened(request: Request, token: str, form: FormData) -> Response:
    try:
        found, terms = _newcomer(token), terms_today()
        if loses_cookies(request):
            return sign_in_page(request, HOME, status=403)
        password, again = (str(form.get(name) or "") for name in ("password", "again"))
        faults = dict(chosen(password, again, login=found.email))
        if form.get("accept_terms") is None:
            faults["accept_terms"] = _NOT_ACCEPTED
        elif form.get("wersja") != terms.version:
            faults["accept_terms"] = _NEWER
        if faults:
            return _page_of_newcomer(request, found, faults)
        password_hash = hashed(password)  # slow by design: never inside a transaction
        with transaction() as session:
            entered = enter(session, request, open_account(session, token, password_hash, terms.version))
    except InvitationError as error:
        with suppress(InvitationError):
            _newcomer(token)  # the other click of a double one has opened the account: its owner is asked to sign in
        return _refused(request, error)
    answer = RedirectResponse(_LINK.format(token=token), 303)
    if entered is not None:
        give_session(answer, entered, found.email)
    return answer


def _taken_up(request: Request, owner: SignedIn, token: str) -> Response:
    try:
        with transaction() as session:
            number = take_up(session, token, owner.account_id, owner.login)
            look_at(session, token_of(request), number)
    except InvitationError as error:
        return _refused(request, error)
    return RedirectResponse(HOME, 303)


def _page_of_newcomer(request: Request, found: Invited, faults: Mapping[str, str] | None = None) -> Response:
    choice = ChoicePage(
        login=found.email,
        introduction="Nasz klient daje Ci pełnomocnictwo do swojego numeru w eBOK. Nie masz jeszcze konta, więc załóż "
        "je tutaj. Potem zobaczysz, kto daje Ci pełnomocnictwo i do czego, i zdecydujesz, czy je przyjmujesz.",
        button="Zakładam konto",
        closing="Nie chcesz konta? Zamknij tę stronę. Nic się nie stanie.",
        terms=terms_today(),
        title="Załóż konto w eBOK",
    )
    return choice_page(request, choice, faults)


def _refused(request: Request, error: InvitationError) -> Response:
    if error.elsewhere:
        return message_page(request, 403, "Zaloguj się na inne konto", [ELSEWHERE], mood="warn", onward=_ONWARD)
    return message_page(request, 410, "Ten odnośnik nie działa", [NO_LINK], mood="warn", onward=_ONWARD)
