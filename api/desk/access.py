"""Who may see a page of the desk, and the frame that all of them share.

A page says by its annotation who may see it: ``clerk: Decider`` is somebody with ``Right.DECIDE``, ``Reader``
and so on likewise, ``AnyStaff`` anybody who is signed in, for what belongs to the own account. It draws
itself with ``desk_page``. What changes anything is a POST with the hidden field ``csrf`` (``{{ clerk.csrf }}``) or the
header ``X-CSRF-Token``; it asks for ``form: Posted`` and gets its fields::

    @router.post("/biuro/konta")
    def add(request: Request, clerk: Administrator, form: Posted) -> Response: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.devices import DAYS, device_mark
from access.roles import Right, Role
from access.sessions import Owed, note_use, who
from alarms.keeping import outages
from api.cookies import cookie_of, drop_cookie, give_cookie
from api.pages import page, wants_page
from api.problems import ApiProblem
from api.session_forms import posted, within
from database.engine import reading, transaction
from documents.loading import UnknownDocumentError
from documents.tracking import TrackingError, normalise_tracking

COOKIE: Final = "ebok_biuro"
_DEVICE: Final = "ebok_urzadzenie"
HOME: Final = "/biuro/"
MAILROOM: Final = "/biuro/kancelaria"
CREW: Final = "/biuro/ekipa"
VISITS: Final = "/biuro/wnioski"
WHO: Final = "/biuro/kto"
QUESTIONS: Final = "/biuro/pytania"
ENGINE: Final = "/biuro/przebiegi"
OVERVIEW: Final = "/biuro/przeglad"
SIGN_IN: Final = "/biuro/logowanie"
PASSWORD: Final = "/biuro/haslo"
AWAY: Final = "/biuro/logowanie/dostawca"
CODE: Final = "/biuro/kod"
SECOND_FACTOR: Final = "/biuro/drugi-skladnik"
SESSIONS: Final = "/biuro/zalogowania"
_PATH: Final = "/biuro"
_OF_ONE_DOCUMENT: Final = re.compile(r"/biuro/sprawy/[^/]+")

ROLES: Final = {
    Role.MAILROOM: "kancelaria",
    Role.CREW: "ekipa w terenie",
    Role.CLERK: "pracownik biura",
    Role.MANAGER: "kierownictwo (niczego nie rozstrzyga)",
    Role.SUPERVISOR: "kierownik",
    Role.ADMINISTRATOR: "administrator",
}
"""The roles in Polish."""
OUTAGES: Final = "/biuro/przerwy"
_NAVIGATION: Final = (
    (HOME, "Kolejka", Right.DECIDE),
    (QUESTIONS, "Pytania", Right.DECIDE),
    (OVERVIEW, "Przegląd", Right.REPORT),
    ("/biuro/raport", "Raport", Right.REPORT),
    ("/biuro/szukaj", "Szukaj", Right.READ_CASES),
    ("/biuro/kontrola", "Druga kontrola", Right.DECIDE),
    ("/biuro/tolerancja", "Jakość odczytu", Right.TOLERATE),
    ("/biuro/do-wyjasnienia", "Do wyjaśnienia", Right.DECIDE),
    ("/biuro/konta-klientow", "Konta klientów", Right.DECIDE),
    (OUTAGES, "Brak wody", Right.ANNOUNCE),
    (VISITS, "Wnioski", Right.DECIDE),
    ("/biuro/odczyty", "Odczyty", Right.DECIDE),
    (MAILROOM, "Kancelaria", Right.SCANS),
    (CREW, "Ekipa", Right.FIELD_WORK),
    ("/biuro/konta", "Konta", Right.ACCOUNTS),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks. ``login`` is the clerk's name in the register, ``csrf`` the secret that forms of this session carry."""

    login: str
    name: str
    role: Role
    csrf: str = field(repr=False)
    owed: Owed | None = None
    has_second_factor: bool = False
    has_password: bool = True
    by_provider: bool = False

    @property
    def actor(self) -> str:
        """How what this person does is noted."""
        return f"clerk:{self.login}"

    def may(self, right: Right) -> bool:
        """Whether this person has that right."""
        return right in self.role.rights

    @property
    def start(self) -> str:
        """The first page of this person's work."""
        if self.may(Right.DECIDE):
            return HOME
        if self.may(Right.REPORT):
            return OVERVIEW
        return CREW if self.may(Right.FIELD_WORK) else MAILROOM


class SignInNeededError(Exception):
    """Nobody is signed in: to the page for it, and from there to ``after``."""

    def __init__(self, after: str) -> None:
        super().__init__("sign in")
        self.after = after


class FurtherSignInError(Exception):
    """Something of one's own comes first: the second factor, another password; then on to ``after``."""

    def __init__(self, owed: Owed, after: str) -> None:
        super().__init__(owed)
        self.owed = owed
        self.after = after


def install(app: FastAPI) -> None:
    """Make those who are not signed in arrive at the page for it; programs get 401."""

    @app.exception_handler(SignInNeededError)
    async def to_sign_in(request: Request, needed: SignInNeededError) -> Response:
        if not wants_page(request):
            return ApiProblem(401, "Sesja się skończyła. Zaloguj się jeszcze raz.", title="Zaloguj się").response(
                request
            )
        return RedirectResponse(_led_back(SIGN_IN, needed.after), 303)

    @app.exception_handler(FurtherSignInError)
    async def to_step(request: Request, needed: FurtherSignInError) -> Response:
        if needed.owed is Owed.CODE:
            return RedirectResponse(_led_back(CODE, needed.after), 303)
        return RedirectResponse(PASSWORD if needed.owed is Owed.PASSWORD else SECOND_FACTOR, 303)

    @app.exception_handler(UnknownDocumentError)
    async def tell_unknown(request: Request, unknown: UnknownDocumentError) -> Response:
        return _no_such_document().response(request)


def tracking_of(typed: str) -> str:
    """A tracking number as it is written; ApiProblem 404 for what can be none.

    Whether there is such a document finds out who loads it: UnknownDocumentError is told as the same.
    """
    try:
        return normalise_tracking(typed)
    except TrackingError as error:
        raise _no_such_document() from error


def local_address(address: str) -> str:
    """The address when it is one of the desk, else the desk's first page."""
    return within(HOME, address)


def visitor(request: Request) -> SignedIn:
    """Who asks, even before the second factor is given; SignInNeededError when nobody is signed in."""
    token = cookie_of(request, COOKIE)
    if token:
        with reading() as session:
            found = who(session, token)
        if found is not None:
            if found.unnoted and not _looks_by_itself(request, found.member.role):
                with transaction() as session:
                    note_use(session, token)
            person = found.member
            return SignedIn(
                person.login,
                person.name,
                person.role,
                found.csrf,
                found.owed,
                person.has_second_factor,
                person.way.has_password,
                found.by_provider,
            )
    raise SignInNeededError(_after(request))


Visitor = Annotated[SignedIn, Depends(visitor)]


def owner(request: Request, person: Visitor) -> SignedIn:
    """Who asks, the second factor given where there is one: may change what belongs to the own account."""
    if person.owed is Owed.CODE:
        raise FurtherSignInError(person.owed, _after(request))
    return person


Owner = Annotated[SignedIn, Depends(owner)]


def signed_in(request: Request, person: Visitor) -> SignedIn:
    """Who asks, with a password of their own and the second factor that the role requires."""
    if person.owed is not None:
        raise FurtherSignInError(person.owed, _after(request))
    return person


AnyStaff = Annotated[SignedIn, Depends(signed_in)]


def require(right: Right) -> Callable[[SignedIn], SignedIn]:
    """A dependency that lets in only those who have that right; ApiProblem 403 for others."""

    def allowed(clerk: AnyStaff) -> SignedIn:
        if not clerk.may(right):
            advice = (
                f"Twoje konto ma rolę „{ROLES[clerk.role]}”, a ta strona jest dla kogoś innego. Jeśli jest Ci "
                "potrzebna, poproś administratora o inną rolę."
            )
            raise ApiProblem(403, advice, title="Brak dostępu")
        return clerk

    return allowed


Mailroom = Annotated[SignedIn, Depends(require(Right.SCANS))]
FieldWorker = Annotated[SignedIn, Depends(require(Right.FIELD_WORK))]
Decider = Annotated[SignedIn, Depends(require(Right.DECIDE))]
Reader = Annotated[SignedIn, Depends(require(Right.READ_CASES))]
Manager = Annotated[SignedIn, Depends(require(Right.REPORT))]
Announcer = Annotated[SignedIn, Depends(require(Right.ANNOUNCE))]
Tolerator = Annotated[SignedIn, Depends(require(Right.TOLERATE))]
EngineViewer = Annotated[SignedIn, Depends(require(Right.ENGINE))]
Administrator = Annotated[SignedIn, Depends(require(Right.ACCOUNTS))]


async def check_csrf(request: Request, person: Visitor) -> FormData:
    """The fields of a POST that came from a page of this session; ApiProblem 403 otherwise."""
    return await posted(request, person.csrf)


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
    inside = clerk is not None and not clerk.owed
    navigation = _navigation(request, clerk) if clerk is not None and inside else []
    told = {"navigation": navigation, "outages": _outages() if inside else []}
    return page(request, template, status=status, clerk=clerk, roles=ROLES, **told, **context)


def set_token(response: Response, token: str) -> None:
    """Give a browser its session; the cookie goes when the browser is closed."""
    give_cookie(response, COOKIE, token, _PATH)


def token_of(request: Request) -> str:
    """The token of the session that asks."""
    return cookie_of(request, COOKIE)


def drop_token(response: Response) -> None:
    """Take the session's cookie out of a browser."""
    drop_cookie(response, COOKIE, _PATH)


def device_mark_of(request: Request) -> str:
    """What the browser kept of an earlier sign-in, '' when nothing."""
    return cookie_of(request, _DEVICE)


def know_device(response: Response, login: str) -> None:
    """Have the browser keep that this account was signed in on it."""
    give_cookie(response, _DEVICE, device_mark(login), _PATH, max_age=DAYS * 86_400)


def text_of(form: FormData, name: str) -> str:
    """What was typed in a field, '' when it was not sent."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _looks_by_itself(request: Request, role: Role) -> bool:
    """Whether a script asks and nobody is known to sit there: that keeps no session alive which opens customers' data.

    A page that shows nothing of customers may be left open all day. The engine's pages ask for news all the time: only
    that one of them is opened tells of a person.
    """
    if request.url.path == WHO:
        return request.headers.get("sec-fetch-mode") != "navigate"
    return request.headers.get("x-looks-by-itself") is not None and Right.READ_CASES in role.rights


def _outages() -> list[dict[str, Any]]:
    """Troubles that concern everybody, said above every page while they last."""
    with reading() as session:
        return outages(session)


def _navigation(request: Request, clerk: SignedIn) -> list[tuple[str, str, bool]]:
    """Address, name and whether it is the page shown."""
    here = request.url.path
    return [(address, name, address == here) for address, name, right in _NAVIGATION if clerk.may(right)]


def _led_back(page: str, after: str) -> str:
    return page if after == HOME else f"{page}?{urlencode({'dalej': after})}"


def _after(request: Request) -> str:
    """Where to go on after signing in: the page itself, or the document that a button belonged to."""
    path = request.url.path
    if request.method == "GET":
        return local_address(f"{path}?{request.url.query}" if request.url.query else path)
    found = _OF_ONE_DOCUMENT.match(path)
    return local_address(found[0]) if found else HOME


def _no_such_document() -> ApiProblem:
    return ApiProblem(404, "Nie ma sprawy o tym numerze. Sprawdź go.", title="Nie ma takiej sprawy")
