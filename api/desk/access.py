"""Who may see a page of the desk, and the frame that all of them share.

A page asks for ``clerk: Clerk`` (or ``Administrator``) and draws itself with ``desk_page``. What
changes anything is a POST with the hidden field ``csrf`` (``{{ clerk.csrf }}``) or the header ``X-CSRF-Token``; it asks
for ``form: Posted`` and gets its fields::

    @router.post("/biuro/konta")
    def add(request: Request, clerk: Administrator, form: Posted) -> Response: ...
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.sessions import who
from access.staff import Role
from api.pages import page, wants_page
from api.problems import ApiProblem
from database.engine import transaction
from database.settings import get_settings

COOKIE: Final = "ebok_biuro"
HOME: Final = "/biuro/"
SIGN_IN: Final = "/biuro/logowanie"
PASSWORD: Final = "/biuro/haslo"  # noqa: S105  an address
_OF_ONE_DOCUMENT: Final = re.compile(r"/biuro/sprawy/[^/]+")
_LOCAL: Final = re.compile(r"/biuro/[\x21-\x5b\x5d-\x7e]*")

ROLES: Final = {Role.CLERK: "pracownik biura", Role.SUPERVISOR: "kierownik", Role.ADMINISTRATOR: "administrator"}
"""The roles in Polish."""
_NAVIGATION: Final = (
    (HOME, "Kolejka", Role.CLERK),
    ("/biuro/szukaj", "Szukaj", Role.CLERK),
    ("/biuro/kontrola", "Druga kontrola", Role.CLERK),
    ("/biuro/do-wyjasnienia", "Do wyjaśnienia", Role.CLERK),
    ("/biuro/konta", "Konta", Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks. ``login`` is the clerk's name in the register, ``csrf`` the secret that forms of this session carry."""

    login: str
    name: str
    role: Role
    csrf: str = field(repr=False)
    must_change_password: bool = False

    @property
    def actor(self) -> str:
        """How what this person does is noted."""
        return f"clerk:{self.login}"

    def may(self, role: Role) -> bool:
        """Whether this person may do what that role may."""
        return self.role.includes(role)


class SignInNeededError(Exception):
    """Nobody is signed in: to the page for it, and from there to ``after``."""

    def __init__(self, after: str) -> None:
        super().__init__("sign in")
        self.after = after


class PasswordChangeNeededError(Exception):
    """The password was given by somebody else: another comes first."""


def install(app: FastAPI) -> None:
    """Make those who are not signed in arrive at the page for it; programs get 401."""

    @app.exception_handler(SignInNeededError)
    async def to_sign_in(request: Request, needed: SignInNeededError) -> Response:
        if not wants_page(request):
            return ApiProblem(401, "Sesja się skończyła. Zaloguj się jeszcze raz.", title="Zaloguj się").response(
                request
            )
        query = "" if needed.after == HOME else f"?{urlencode({'dalej': needed.after})}"
        return RedirectResponse(SIGN_IN + query, 303)

    @app.exception_handler(PasswordChangeNeededError)
    async def to_password(request: Request, _: PasswordChangeNeededError) -> Response:
        return RedirectResponse(PASSWORD, 303)


def local_address(address: str) -> str:
    """The address when it is one of the desk, else the desk's first page."""
    return address if _LOCAL.fullmatch(address) else HOME


def visitor(request: Request) -> SignedIn:
    """Who asks, even before the first password is changed; SignInNeededError when nobody is signed in."""
    token = request.cookies.get(COOKIE)
    if token:
        with transaction() as session:
            found = who(session, token)
        if found is not None:
            person = found.member
            return SignedIn(person.login, person.name, person.role, found.csrf, person.must_change_password)
    raise SignInNeededError(_after(request))


Visitor = Annotated[SignedIn, Depends(visitor)]


def signed_in(person: Visitor) -> SignedIn:
    """Who asks, with a password of their own."""
    if person.must_change_password:
        raise PasswordChangeNeededError
    return person


Clerk = Annotated[SignedIn, Depends(signed_in)]


def require(role: Role) -> Callable[[SignedIn], SignedIn]:
    """A dependency that lets in only those who may do what that role may."""

    def allowed(clerk: Clerk) -> SignedIn:
        if not clerk.may(role):
            raise ApiProblem(403, f"Do tej strony ma dostęp {ROLES[role]}.", title="Brak dostępu")
        return clerk

    return allowed


Administrator = Annotated[SignedIn, Depends(require(Role.ADMINISTRATOR))]


async def check_csrf(request: Request, person: Visitor) -> FormData:
    """The fields of a POST that came from a page of this session; ApiProblem 403 otherwise."""
    form = await request.form()
    told = request.headers.get("x-csrf-token") or form.get("csrf")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), person.csrf.encode()):
        raise ApiProblem(
            403,
            "Strona była otwarta przed ostatnim zalogowaniem. Wróć do niej, odśwież ją i zrób to jeszcze raz.",
            title="Strona jest nieaktualna",
        )
    return form


Posted = Annotated[FormData, Depends(check_csrf)]


class AnsweredRoute(APIRoute):
    """A route whose forms a script sends without leaving the page: where it would be led on to is told, not gone to.

    The answer is then 204 with that address in ``Location``, since a script cannot see where a redirection leads.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, its redirections told to scripts."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await handle(request)
            if response.status_code == 303 and request.headers.get("x-requested-with") == "fetch":
                return Response(status_code=204, headers={"Location": response.headers["location"]})
            return response

        return answered


def desk_page(
    request: Request, clerk: SignedIn | None, template: str, *, status: int = 200, **context: Any
) -> Response:
    """A page of the desk in its frame; ``clerk`` is None only where nobody is signed in."""
    navigation = [] if clerk is None or clerk.must_change_password else _navigation(request, clerk)
    return page(request, template, status=status, clerk=clerk, navigation=navigation, roles=ROLES, **context)


def set_token(response: Response, token: str) -> None:
    """Give a browser its session; the cookie goes when the browser is closed."""
    response.set_cookie(
        COOKIE,
        token,
        path="/biuro",
        secure=get_settings().public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def drop_token(response: Response) -> None:
    """Take the session's cookie out of a browser."""
    response.delete_cookie(COOKIE, path="/biuro")


def text_of(form: FormData, name: str) -> str:
    """What was typed in a field, '' when it was not sent."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _navigation(request: Request, clerk: SignedIn) -> list[tuple[str, str, bool]]:
    """Address, name and whether it is the page shown."""
    here = request.url.path
    return [(address, name, address == here) for address, name, role in _NAVIGATION if clerk.may(role)]


def _after(request: Request) -> str:
    """Where to go on after signing in: the page itself, or the document that a button belonged to."""
    path = request.url.path
    if request.method == "GET":
        return local_address(f"{path}?{request.url.query}" if request.url.query else path)
    found = _OF_ONE_DOCUMENT.match(path)
    return local_address(found[0]) if found else HOME
