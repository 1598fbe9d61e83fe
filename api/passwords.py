"""Choosing a password for an account that has none, or whose password was forgotten: ask for a link, use it.

Whether an address has an account is never told: the answer is the same after the same time, and what is true goes to
the mailbox.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from access import tries
from access.passwords import hashed
from api.answer_time import not_before_floor
from api.choosing import ChoicePage, choice_page, chosen
from api.links import TooManyLinksError
from api.pages import page
from api.portal.access import enter, give_session
from api.security import client_key
from confirmations.account_messages import compose_password_link, compose_password_set
from confirmations.allowance import has_room
from confirmations.composing import compose_link_again
from customers.passwords import PasswordLinkError, PasswordWay, ask, check, choose, is_proven
from customers.proofs import Renewal
from database.engine import reading, transaction
from environment.settings import get_settings
from forms.kinds import Email

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_MINUTES: Final = 60
_DAY: Final = 24 * 60
_MOST_OF_CLIENT: Final = 20
_STATUS: Final = {"unknown": 404, "used": 409}
_EMAIL: Final = Email()


@router.get("/haslo")
def ask_for_link(request: Request) -> Response:
    """The page that asks for the login."""
    return page(request, "links/forgotten.html", typed="", fault=None)


@router.post("/haslo")
async def send_link(request: Request, email: Annotated[str, Form()] = "") -> Response:
    """Send the link, where there is an account."""
    typed = email[: _EMAIL.max_length + 1]
    parsed = _EMAIL.parse(typed)
    if parsed.fault or not isinstance(parsed.value, str):
        told = parsed.fault.message if parsed.fault else "Wpisz adres e-mail, który jest Twoim loginem."
        return page(request, "links/forgotten.html", status=422, typed=typed, fault=told, faulty=True)
    try:
        async with not_before_floor():
            await run_in_threadpool(_send, parsed.value, client_key(request))
    except TooManyLinksError:
        sentence = "Z tego miejsca poproszono już o wiele odnośników. Spróbuj za godzinę."
        return page(request, "links/too_many.html", status=429, sentence=sentence, mood="warn")
    return _to("/haslo/wyslano")


@router.get("/haslo/wyslano")
def tell_sent(request: Request) -> Response:
    """The same for every address."""
    return page(request, "links/sent.html")


@router.get("/haslo/gotowe")
def tell_done(request: Request) -> Response:
    """What the button brought about."""
    return page(request, "links/password_done.html", mood="good")


@router.get("/haslo/{token}")
def open_link(request: Request, token: str) -> Response:
    """The page that a link opens; opening changes nothing."""
    try:
        with reading() as session:
            way = check(session, token)
    except PasswordLinkError as error:
        return _refused(request, error)
    return choice_page(request, _choice(way))


@router.post("/haslo/{token}")
def use_link(  # nosec B107  # a field left empty
    request: Request,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """The button on that page."""
    try:
        with reading() as session:
            way = check(session, token)
        if faults := chosen(password, again, login=way.login):
            return choice_page(request, _choice(way), faults)
        password_hash = hashed(password)  # slow by design: never inside a transaction
        with transaction() as session:
            compose_password_set(session, choose(session, token, password_hash), token)
            tries.forget(session, _asked_for(way.login))  # who used them up before is not to keep him out again
            entered = enter(session, request, way.customer_no)
    except PasswordLinkError as error:
        return _refused(request, error)
    answer = _to("/haslo/gotowe")
    if entered is not None:
        give_session(answer, entered, way.login)
    return answer


def _send(login: str, client: str) -> None:
    """Put the message into the outbox, where there is an account and hour and day leave room; TooManyLinksError.

    Anybody may ask for anybody. Where the day leaves none, the links that were sent go on working. What strangers had
    sent to a mailbox by other ways takes no room from the owner of an account that works.
    """
    asked, account, settings = f"password asked:{client}", _asked_for(login), get_settings()
    with transaction() as session:
        if not tries.allowed(session, asked, most=_MOST_OF_CLIENT, minutes=_MINUTES):
            raise TooManyLinksError
        if (
            tries.allowed(session, account, most=settings.links_per_hour, minutes=_MINUTES)
            and tries.allowed(session, account, most=settings.password_links_per_day, minutes=_DAY)
            and (is_proven(session, login) or has_room(session, login))
        ):
            way = ask(session, login)
            if isinstance(way, Renewal):
                compose_link_again(session, way)
            elif way is not None:
                compose_password_link(session, way)
            tries.note_wrong(session, account)
        tries.note_wrong(session, asked)


def _asked_for(login: str) -> str:
    """What links to the password of that account are counted as."""
    return f"password:{login}"


def _choice(way: PasswordWay) -> ChoicePage:
    return ChoicePage(
        login=way.login,
        introduction="Wybierz nowe hasło do swojego konta w eBOK. Poprzednie przestanie działać.",
        button="Zapisuję hasło",
        closing="To nie Ty prosisz o nowe hasło? Zamknij tę stronę. Nic się nie zmieni.",
    )


def _refused(request: Request, error: PasswordLinkError) -> Response:
    return page(
        request,
        "links/password_refused.html",
        status=_STATUS.get(error.code, 410),
        error=error,
        mood="good" if error.code == "used" else "warn",
    )


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)
