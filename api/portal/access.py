"""Who may see a page of an account, and the frame that all of them share.

A page says by its annotation that it is for whoever is signed in: ``owner: Owner``. All that it shows it asks for by
``owner.customer_no`` and by nothing that the browser says. What changes anything is a POST with the hidden field
``csrf``; it asks for ``form: Posted``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.devices import DAYS, Whose, device_mark
from api.browsers import browser_of
from api.cookies import cookie_of, drop_cookie, give_cookie
from api.pages import page, wants_page
from api.problems import ApiProblem
from api.session_forms import posted, within
from database.engine import Session, reading, transaction
from portal.sessions import begin_session, note_use, who

HOME: Final = "/ebok/"
SIGN_IN: Final = "/ebok/zaloguj"
ACCOUNT: Final = "/ebok/konto"
COOKIE: Final = "ebok_konto"
_DEVICE: Final = "ebok_urzadzenie_konta"
_PATH: Final = "/ebok"
BILLS: Final = "/ebok/faktury"
BILL: Final = "/ebok/faktura"
PAY: Final = "/ebok/zaplac"
USAGE: Final = "/ebok/zuzycie"
_NAVIGATION: Final = (
    (HOME, "Przegląd"),
    (BILLS, "Faktury"),
    (PAY, "Zapłać"),
    (USAGE, "Zużycie"),
    (ACCOUNT, "Konto"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks; ``csrf`` is the secret that forms of this session carry."""

    customer_no: str
    login: str = field(repr=False)
    csrf: str = field(repr=False)


class SignInNeededError(Exception):
    """Nobody is signed in: to the page for it, and from there to ``after``."""

    def __init__(self, after: str) -> None:
        super().__init__("sign in")
        self.after = after


def install(app: FastAPI) -> None:
    """Make those who are not signed in arrive at the page for it; programs get 401."""

    @app.exception_handler(SignInNeededError)
    async def to_sign_in(request: Request, needed: SignInNeededError) -> Response:
        if not wants_page(request):
            advice = "Sesja się skończyła. Zaloguj się jeszcze raz."
            return ApiProblem(401, advice, title="Zaloguj się").response(request)
        asked = "" if needed.after == HOME else f"?{urlencode({'dalej': needed.after})}"
        return RedirectResponse(f"{SIGN_IN}{asked}", 303)


def local_address(address: str) -> str:
    """The address when it is one of the account's pages, else the first of them."""
    return within(HOME, address)


def signed_in(request: Request) -> SignedIn:
    """Who asks; SignInNeededError when nobody is signed in."""
    token = token_of(request)
    if token:
        with reading() as session:
            found = who(session, token)
        if found is not None:
            if found.unnoted:
                with transaction() as session:
                    note_use(session, token)
            return SignedIn(found.customer_no, found.login, found.csrf)
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    raise SignInNeededError(local_address(here) if request.method == "GET" else HOME)


Owner = Annotated[SignedIn, Depends(signed_in)]


async def check_csrf(request: Request, owner: Owner) -> FormData:
    """The fields of a POST that came from a page of this session; ApiProblem 403 otherwise."""
    return await posted(request, owner.csrf)


Posted = Annotated[FormData, Depends(check_csrf)]


def account_page(
    request: Request, owner: SignedIn | None, template: str, *, status: int = 200, **context: Any
) -> Response:
    """A page of the account in its frame; ``owner`` is None only where nobody is signed in."""
    here = request.url.path
    navigation = [(address, name, address == here) for address, name in _NAVIGATION] if owner else []
    return page(request, template, status=status, owner=owner, account_navigation=navigation, **context)


def browser_name(request: Request) -> str:
    """What its owner will know this browser by."""
    return browser_of(request.headers.get("user-agent", ""))


def enter(session: Session, request: Request, customer_no: str) -> str | None:
    """Sign in whoever has just chosen the password of this customer's account by a link; gives the token."""
    return begin_session(session, customer_no, browser_name(request))


def give_session(response: Response, token: str, login: str) -> None:
    """Give a browser its session, which goes when it is closed, and have it keep that the account is known here."""
    give_cookie(response, COOKIE, token, _PATH)
    give_cookie(response, _DEVICE, device_mark(login, Whose.CUSTOMER), _PATH, max_age=DAYS * 86_400)


def token_of(request: Request) -> str:
    """The token of the session that asks."""
    return cookie_of(request, COOKIE)


def drop_token(response: Response) -> None:
    """Take the session's cookie out of a browser, and what it kept of the pages."""
    drop_cookie(response, COOKIE, _PATH)
    response.headers["Clear-Site-Data"] = '"cache"'


def device_mark_of(request: Request) -> str:
    """What the browser kept of an earlier sign-in, '' when nothing."""
    return cookie_of(request, _DEVICE)
