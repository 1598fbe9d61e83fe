"""Who may see a page of an account.

A page says by its annotation what it takes: ``owner: Owner`` is whoever looks at a customer number of his own,
``Seeing``, ``Acting`` and ``Einvoicing`` also who was given authority to do that with somebody else's, ``Holder`` the
owner of the account itself (login, password, devices), whatever number he looks at. All that a page shows of a customer
it asks for by ``owner.customer_no``, the number looked at, and by nothing that the browser says. Whoever is not known
to be the customer yet (``portal.vouching``) may do nothing with his number, and is a ``Holder`` all the same.

What changes anything is a POST with the hidden field ``csrf``; it asks for ``form: Posted``. The field is another one
for each customer number, so that a page left open in another tab does nothing to the number looked at since. What is
done to the account itself asks for ``form: HolderPosted``, for which any page of the session will do.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Path, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from access.devices import DAYS, Whose, device_mark
from api.browsers import browser_of
from api.cookies import cookie_of, drop_begun_forms, drop_cookie, give_cookie
from api.pages import wants_page
from api.portal.addresses import (
    HOME,
)
from api.problems import ApiProblem
from api.session_forms import posted, within
from audit.trail import note_view
from confirmations.message import OF_NUMBER, number_mark
from customers.agents import is_agent
from database.encryption import digest
from database.engine import Session, reading, transaction
from forms.catalogue import current_forms
from portal.senders import senders
from portal.sessions import OpenSession, TooManyTriesError, begin_session, note_use, who
from portal.terms import NewTerms
from portal.views import Permission, View, actor_of

COOKIE: Final = "ebok_konto"
_DEVICE: Final = "ebok_urzadzenie_konta"
_PATH: Final = "/"
"""The API of the account knows the session too."""
BETWEEN: Final = "."
"""Between the secret of a session and what binds a form to the number that it is about."""
NOT_HERE: Final = (
    "Ten odnośnik dotyczy numeru klienta, którego nie ma na tym koncie. Może numer usunięto z konta albo "
    "pełnomocnictwo się skończyło."
)
NOT_HERE_TITLE: Final = "Nie ma tu takiego numeru klienta"
_NOT_GIVEN: Final = (
    "Ten numer klienta należy do kogoś innego. Pełnomocnictwo, które masz, tego nie obejmuje. Jeśli jest Ci to "
    "potrzebne, poproś tego klienta o szersze."
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and the customer number that he looks at, one of ``views``.

    ``home_no`` is the one that the account was opened for, ``vouched`` whether he is known to be that customer.
    ``terms`` is a new Regulamin that he has not accepted yet. ``secret`` is that of the session.
    """

    account_id: int
    home_no: str
    views: tuple[View, ...]
    view: View
    terms: NewTerms | None
    login: str = field(repr=False)
    secret: str = field(repr=False)
    vouched: bool

    @property
    def customer_no(self) -> str:
        """The customer number looked at."""
        return self.view.customer_no

    @property
    def actor(self) -> str:
        """Who acts with the number looked at, as the audit has it."""
        return actor_of(self.home_no, self.view)

    @property
    def is_agent(self) -> bool:
        """Whether it is the account of somebody who is no customer himself, or was none when he opened it."""
        return is_agent(self.home_no)

    @property
    def has_no_number(self) -> bool:
        """Whether he is no customer, and nobody gives him authority."""
        return self.is_agent and self.customer_no == self.home_no

    @property
    def csrf(self) -> str:
        """What forms carry: of this session, and about this number."""
        return f"{self.secret}{BETWEEN}{digest('account-form', self.secret, self.customer_no)}"

    def view_of(self, number: str | None) -> View | None:
        """How he may look at that number; None where he may not."""
        return next((one for one in self.views if one.customer_no == number), None)

    def senders(self, session: Session, authorities: Iterable[int | None]) -> Mapping[int | None, str | None]:
        """Who sent something about the number looked at, by his authority, for whoever looks (``portal.senders``)."""
        owns = self.may(Permission.OWN)
        return senders(session, authorities, customer_no=self.customer_no, account=self.account_id, owns=owns)

    def may(self, permission: Permission) -> bool:
        """Whether he may do that with the number he looks at."""
        return self.view.may(permission)


RowNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""The number of a row in an address: no larger than a database has."""


class SignInNeededError(Exception):
    """Nobody is signed in: to the page for it, and from there to ``after``."""

    def __init__(self, after: str) -> None:
        super().__init__("sign in")
        self.after = after


class AnswerNeededError(Exception):
    """A new Regulamin is to be answered first: to the page that asks, and from there to ``after``."""

    def __init__(self, after: str) -> None:
        super().__init__("answer")
        self.after = after


class NoNumberError(Exception):
    """Who acts for customers and is none himself has nobody's number to look at: to the page that says so."""


class OtherNumberError(Exception):
    """What is asked for belongs to another number that ``owner`` may look at: to the page that offers to change to it.

    ``after`` is where it is shown then.
    """

    def __init__(self, owner: SignedIn, view: View, after: str) -> None:
        super().__init__("other number")
        self.owner, self.view, self.after = owner, view, after


class VouchingNeededError(Exception):
    """Who is signed in is not known to be the customer: to the page where he shows it."""


def local_address(address: str) -> str:
    """The address when it is one of the account's pages, else the first of them."""
    return within(HOME, address)


def as_signed_in(found: OpenSession) -> SignedIn:
    """Whoever has that session."""
    of_session = (found.login, found.csrf, found.vouched)
    return SignedIn(found.account_id, found.home_no, found.views, found.view, found.terms, *of_session)


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
            return as_signed_in(found)
    raise SignInNeededError(_after(request))


def signed_in_here(request: Request) -> SignedIn | None:
    """Who is signed in; None where nobody is."""
    try:
        return signed_in(request)
    except SignInNeededError:
        return None


def authority_of(sender: SignedIn | None, number: str | None, begun: int | None = None) -> int | None:
    """By which authority somebody sends what is said to be of that customer; None where by none, or nobody knows whose.

    Of the numbers that he may look at it is the one that was typed, whichever he looks at. Where that is none of them,
    or is not known yet, as in a picture, it is as it was ``begun``, or as he looks.
    """
    if sender is None:
        return begun
    view = sender.view_of(number)
    return (begun or sender.view.authority) if view is None else view.authority


Holder = Annotated[SignedIn, Depends(signed_in)]


def require(permission: Permission, *, answered: bool = True) -> Callable[[Request, SignedIn], SignedIn]:
    """A dependency that lets in who may do that with the number he looks at; ApiProblem 403 for others.

    Whoever is not known to be the customer is led to where he shows it. ``answered``: a new Regulamin comes first. A
    browser is led to it once, a program stopped when its time is over.
    """

    def allowed(request: Request, owner: Holder) -> SignedIn:
        _require_number(request, owner, permission)
        if owner.customer_no == owner.home_no and not owner.vouched:
            raise VouchingNeededError
        if owner.has_no_number:
            raise NoNumberError
        terms = owner.terms if answered else None
        if terms is not None and (terms.overdue or (terms.holds and wants_page(request))):
            raise AnswerNeededError(_after(request))
        if not owner.may(permission):
            raise ApiProblem(403, _NOT_GIVEN, title="Pełnomocnictwo tego nie obejmuje")
        if owner.view.authority is not None:  # of his own the sign-in tells
            note_view(actor=owner.actor, action="viewed", subject=f"customer:{owner.customer_no}", daily=True)
        return owner

    return allowed


def offer_other(
    request: Request, owner: SignedIn, permission: Permission, has: Callable[[Session, View], bool]
) -> None:
    """Offer to change to that of his numbers which has what was asked for and not found; nothing where none has.

    ``has`` tells whether a number has it. Only numbers with which he may do that are asked, so that of anybody else's
    he learns nothing.
    """
    if request.method != "GET":
        return
    others = [view for view in owner.views if view is not owner.view and view.may(permission)]
    with reading() as session:
        found = next((view for view in others if has(session, view)), None)
    if found is not None:
        raise OtherNumberError(owner, found, _shown_then(request))


def _require_number(request: Request, owner: SignedIn, permission: Permission) -> None:
    """Where the address names the number that a message was about, show no other; ApiProblem 404 for a strange one."""
    named = request.query_params.get(OF_NUMBER)
    if named is None or request.method != "GET":
        return
    of_it = [one for one in owner.views if hmac.compare_digest(number_mark(one.customer_no).encode(), named.encode())]
    if not of_it or not (of_it[0].may(permission) or of_it[0] is owner.view):
        raise ApiProblem(404, NOT_HERE, title=NOT_HERE_TITLE)
    if of_it[0] is not owner.view:
        raise OtherNumberError(owner, of_it[0], _shown_then(request))


Owner = Annotated[SignedIn, Depends(require(Permission.OWN))]
Seeing = Annotated[SignedIn, Depends(require(Permission.SEE))]
Acting = Annotated[SignedIn, Depends(require(Permission.ACT))]
Einvoicing = Annotated[SignedIn, Depends(require(Permission.EINVOICES))]


async def check_csrf(request: Request, owner: Holder) -> FormData:
    """The fields of a POST that came from a page about the number looked at; ApiProblem 403 otherwise."""
    return await posted(request, owner.csrf)


async def check_secret(request: Request, owner: Holder) -> FormData:
    """The fields of a POST that came from any page of this session; ApiProblem 403 otherwise."""
    return await posted(request, owner.secret, lambda told: told.partition(BETWEEN)[0])


Posted = Annotated[FormData, Depends(check_csrf)]
HolderPosted = Annotated[FormData, Depends(check_secret)]


def _after(request: Request) -> str:
    """Where to go on once somebody has signed in or answered: to the page that was asked for."""
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return local_address(here) if request.method == "GET" else HOME


def _shown_then(request: Request) -> str:
    """The page that was asked for, once the number of its address is the one looked at."""
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != OF_NUMBER])
    return local_address(f"{request.url.path}?{query}" if query else request.url.path)


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
    """Take the session's cookie out of a browser, and what it kept of the pages and of forms begun there."""
    drop_cookie(response, COOKIE, _PATH)
    drop_begun_forms(response, *(form.code for form in current_forms()))
    response.headers["Clear-Site-Data"] = '"cache"'


def retry_after(error: TooManyTriesError) -> dict[str, str]:
    """The header that tells programs how long to wait."""
    return {"Retry-After": str(error.minutes * 60)}


def forget_browser(response: Response) -> None:
    """Have a browser forget all that it keeps of us: sessions, that it is known, cases and forms, what was typed."""
    drop_token(response)
    drop_cookie(response, _DEVICE, _PATH)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def device_mark_of(request: Request) -> str:
    """What the browser kept of an earlier sign-in, '' when nothing."""
    return cookie_of(request, _DEVICE)
