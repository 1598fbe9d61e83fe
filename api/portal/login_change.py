"""Another e-mail address for an account: asked for with the password, counted once its owner has used a link.

Whether an address is the login of somebody else is never told: the answer is the same, after the same time.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.passwords import LONGEST
from api.answer_time import not_before_floor
from api.pages import message_page, page
from api.portal.access import Holder, HolderPosted, SignedIn
from api.portal.addresses import ACCOUNT
from api.portal.frame import account_page
from api.portal.own_data import unproven
from customers import logins
from customers.logins import LoginLinkError
from database.engine import reading, transaction
from forms.kinds import Email
from portal import login_change

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

CHANGE: Final = f"{ACCOUNT}/e-mail"
_LINK: Final = "/ebok/e-mail/{token}"
_LONGEST: Final = Email().max_length
_DONE: Final = (
    "Od teraz logujesz się nowym adresem e-mail i tym samym hasłem. Poprzedni adres powiadomiliśmy o zmianie."
)
NO_LINK: Final = (
    "Ten odnośnik nie działa: był już użyty, stracił ważność, wysłaliśmy nowszy albo skopiowano go nie w całości. "
    "Zaloguj się i podaj adres jeszcze raz."
)


@router.get(CHANGE)
def ask(request: Request, owner: Holder) -> Response:
    """The page that asks for the new address."""
    return _page(request, owner)


@router.post(CHANGE)
async def send_link(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Send a link to the new address."""
    typed = str(form.get("email") or "")[: _LONGEST + 1]
    email, fault = login_change.new_address(owner.login, typed)
    faults = {"email": fault} if fault else {}
    async with not_before_floor():
        if error := await run_in_threadpool(unproven, request, owner, form):
            faults["password"] = error
        if faults:
            return _page(request, owner, typed=typed, faults=faults)
        await run_in_threadpool(send_link_to, owner, email)
    return RedirectResponse(f"{CHANGE}/wyslano", 303)


@router.get(f"{CHANGE}/wyslano")
def tell_sent(request: Request, owner: Holder) -> Response:
    """The same for every address."""
    return account_page(request, owner, "portal/login_sent.html")


@router.get("/ebok/e-mail")
def open_cut_link(request: Request) -> Response:
    """A link of which a mail program has left the beginning only."""
    return _refused(request, LoginLinkError())


@router.get(_LINK)
def open_link(request: Request, token: str) -> Response:
    """The page that the link opens; opening changes nothing."""
    try:
        with reading() as session:
            found = logins.check(session, token)
    except LoginLinkError as error:
        return _refused(request, error)
    return page(request, "portal/login_question.html", email=found.after)


@router.post(_LINK)
def use_link(request: Request, token: str) -> Response:
    """The button on that page."""
    try:
        with transaction() as session:
            login_change.use_link(session, token)
    except LoginLinkError as error:
        return _refused(request, error)
    onward = ("/ebok/", "Przejdź do swojego konta")
    return message_page(request, 200, "Nowy adres jest potwierdzony", [_DONE], mood="good", onward=onward)


def send_link_to(owner: SignedIn, email: str) -> None:
    """Have the link sent; the answer does not tell whether it was."""
    with transaction() as session:
        login_change.send_link(session, owner.home_no, email)


def _refused(request: Request, error: LoginLinkError) -> Response:
    if error.done:
        onward = ("/ebok/", "Przejdź do swojego konta")
        return message_page(request, 409, "Ten odnośnik został już użyty", [_DONE], mood="good", onward=onward)
    return message_page(
        request, 410, "Ten odnośnik nie działa", [NO_LINK], mood="warn", onward=(CHANGE, "Podaj adres jeszcze raz")
    )


def _page(request: Request, owner: SignedIn, *, typed: str = "", faults: dict[str, str] | None = None) -> Response:
    return account_page(
        request,
        owner,
        "portal/login_change.html",
        status=422 if faults else 200,
        typed=typed,
        faults=faults or {},
        faulty=bool(faults),
        longest=LONGEST,
    )
