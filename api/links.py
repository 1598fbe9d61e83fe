"""Links that prove an e-mail address, as pages: opened, used, sent again.

Opening a link changes nothing, since mail scanners open links too; only a button (a POST) does. A link whose time has
run out, or that a newer one replaced, offers to send a new one, always to the address that it went to itself: once the
address of a case was corrected, who holds a link to the one before can bring nothing about any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.background import BackgroundTask
from starlette.responses import Response

from access import tries
from access.passwords import hashed
from api.answer_time import not_before_floor
from api.case_access import actor_of_case, granted
from api.choosing import ChoicePage, choice_page, chosen
from api.link_wording import heading, onward, since, status_of
from api.pages import message_page, page
from api.portal.access import enter, give_session
from confirmations.allowance import has_room
from confirmations.composing import compose_proof
from customers.effects import proving_for
from customers.links import Link, link_of_case, link_of_token, note_opening
from customers.proofs import ProofError
from customers.proving import prove
from database.engine import DatabaseUnreachableError, reading, transaction
from documents.tracking import TrackingError, normalise_tracking
from environment.settings import get_settings
from forms.kinds import Email
from portal.views import OWNER
from review.history import send_link_again

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_MINUTES: Final = 60
_RENEWED: Final = ("waiting", "expired", "replaced")
"""States of a link instead of which another is sent."""
_TOO_MANY: Final = "Wysłaliśmy już kilka odnośników. Otwórz ten z ostatniej wiadomości albo spróbuj za godzinę."
_TOO_MANY_TODAY: Final = (
    "Wysłaliśmy dziś na ten adres już kilka wiadomości. Otwórz ostatnią z nich albo poproś o odnośnik jutro."
)


class TooManyLinksError(Exception):
    """As many links as an hour or a day allows were sent already; the text is Polish, for the page."""


@router.get("/potwierdzenie")
def open_cut_link(request: Request) -> Response:
    """A link of which a mail program has left the beginning only."""
    return _refused(request, ProofError("unknown"))


@router.get("/potwierdzenie/{token}")
def open_link(request: Request, token: str) -> Response:
    """The page that a link opens."""
    try:
        with reading() as session:
            link = link_of_token(session, token)
    except ProofError as error:
        return _refused(request, error)
    if link.state != "waiting":
        shown = _spent(request, link, f"/potwierdzenie/{token}/nowy")
    elif link.password:
        shown = choice_page(request, _choice(link))
    else:
        shown = page(request, "links/question.html", wording=proving_for(link.purpose).page, link=link)
    shown.background = BackgroundTask(_note_opening, token)  # after the answer: who opens a link waits for no writer
    return shown


@router.post("/potwierdzenie/{token}")
def use_link(  # nosec B107  # a field left empty
    request: Request,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """The button on that page; for an account with the chosen password."""
    try:
        with reading() as session:
            link = link_of_token(session, token)
        password_hash = None
        if link.state == "waiting" and link.password:
            if faults := chosen(password, again, login=link.email):
                return choice_page(request, _choice(link), faults)
            password_hash = hashed(password)  # slow by design: never inside a transaction
        with transaction() as session:
            done = prove(session, token, password_hash)
            compose_proof(session, done)
            entered = enter(session, request, done.customer_no) if done.password_set else None
    except ProofError as error:
        return _refused(request, error) if error.code == "unknown" else _to(f"/potwierdzenie/{token}")
    answer = _to(f"/potwierdzenie/{token}/gotowe")
    if entered is not None:
        give_session(answer, entered, done.email)
    return answer


@router.get("/potwierdzenie/{token}/gotowe")
def tell_done(request: Request, token: str) -> Response:
    """What the button brought about."""
    try:
        with reading() as session:
            link = link_of_token(session, token)
    except ProofError as error:
        return _refused(request, error)
    if link.state != "used" or not link.in_force:
        return _to(f"/potwierdzenie/{token}")
    return page(request, "links/done.html", wording=proving_for(link.purpose).page, link=link, mood="good")


@router.post("/potwierdzenie/{token}/nowy")
async def send_again(request: Request, token: str) -> Response:
    """A new link instead of one that does not work any more; the old one's page tells of it."""
    try:
        async with not_before_floor():
            await run_in_threadpool(_send_instead, token)
    except TooManyLinksError as error:
        return _too_many(request, str(error))
    except ProofError as error:
        return _refused(request, error)
    return _to(f"/potwierdzenie/{token}")


@router.get("/sprawa/{tracking}/odnosnik")
def tell_of_case(request: Request, tracking: str) -> Response:
    """Where the link of a case is, for who may see the case."""
    link = _link_of_granted(request, tracking)
    if link is None or link.state == "used":
        return _to(f"/sprawa/{tracking}")
    return _spent(request, link, f"/sprawa/{link.tracking}/odnosnik")


@router.post("/sprawa/{tracking}/odnosnik")
async def send_again_for_case(request: Request, tracking: str) -> Response:
    """A new link for a case whose address is not proven yet, for who may see the case."""
    async with not_before_floor():
        return await run_in_threadpool(_sent_for_case, request, tracking)


def _note_opening(token: str) -> None:
    """Note that the page was opened, which proves nothing; where the database is busy it stays unnoted."""
    with suppress(DatabaseUnreachableError), transaction() as session:
        note_opening(session, token)


def _sent_for_case(request: Request, tracking: str) -> Response:
    link = _link_of_granted(request, tracking)
    if link is None:
        return _to(f"/sprawa/{tracking}")
    try:
        _send(link.tracking, actor=actor_of_case(request, link.tracking))
    except TooManyLinksError as error:
        return _too_many(request, str(error))
    except ProofError:
        return _to(f"/sprawa/{link.tracking}")
    return _to(f"/sprawa/{link.tracking}/odnosnik")


def _send_instead(token: str) -> None:
    """Send another link instead of that one; ProofError, or TooManyLinksError."""
    with reading() as session:
        tracking = link_of_token(session, token).tracking
    _send(tracking, token)


def _send(tracking: str, instead_of: str | None = None, actor: str = OWNER) -> None:
    """Renew the link and put its message into the outbox; ProofError, or TooManyLinksError.

    ``instead_of`` is the token of somebody of whom nothing is known but that he holds it; ``actor`` is who asks.
    """
    key = f"link:{tracking}"
    with transaction() as session:
        if instead_of is not None:
            held = link_of_token(session, instead_of)
            if not held.renewable or held.state not in _RENEWED:
                raise ProofError("replaced" if held.state in _RENEWED else held.state)
        if not tries.allowed(session, key, most=get_settings().links_per_hour, minutes=_MINUTES):
            raise TooManyLinksError(_TOO_MANY)
        link = link_of_case(session, tracking)
        if link is not None and not has_room(session, link.email):
            raise TooManyLinksError(_TOO_MANY_TODAY)
        send_link_again(session, tracking, actor)
        tries.note_wrong(session, key)


def _link_of_granted(request: Request, typed: str) -> Link | None:
    """The newest link of a case that this browser may see; None where it may not, or there is nothing to prove."""
    try:
        tracking = normalise_tracking(typed)
    except TrackingError:
        return None
    if not granted(request, tracking):
        return None
    with reading() as session:
        return link_of_case(session, tracking)


def _choice(link: Link) -> ChoicePage:
    wording = proving_for(link.purpose).page
    return ChoicePage(
        login=link.email,
        introduction=wording.question,
        button=wording.button,
        closing="To nie Ty zgłaszasz się do eBOK? Zamknij tę stronę. Bez potwierdzenia konto nie zacznie działać.",
        tracking=link.tracking,
    )


def _spent(request: Request, link: Link, renewal: str) -> Response:
    """The page of a link that cannot be used: why, and how to get one that works."""
    if link.state == "used":
        told = {"link": link, "heading": heading("used"), "sentences": since(link)}
        return page(request, "links/used.html", status=status_of("used"), **told, mood="good")
    if link.state not in _RENEWED or not link.renewable:
        return _refused(request, ProofError(link.state))
    sent = link.newest_at is not None and link.state in ("replaced", "waiting")
    return page(
        request,
        "links/again.html",
        status=200 if link.state == "waiting" else status_of(link.state),
        link=link,
        sent=sent,
        masked=Email().masked(link.email),
        renewal=renewal,
        mood="good" if sent else "warn",
    )


def _too_many(request: Request, sentence: str) -> Response:
    return page(request, "links/too_many.html", status=429, sentence=sentence, mood="warn")


def _refused(request: Request, error: ProofError) -> Response:
    told, way = [error.message], onward(error.code)
    return message_page(request, status_of(error.code), heading(error.code), told, mood="warn", onward=way)


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)
