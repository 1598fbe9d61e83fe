"""A staff member's own account: the second factor, and where the account is signed in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.passwords import LONGEST
from access.second_factor import address_for_app, is_required_of, offer, recovery_codes_left
from access.sessions import Owed, visits
from api.desk.access import (
    PASSWORD,
    SECOND_FACTOR,
    SESSIONS,
    AnyStaff,
    FurtherSignInError,
    Owner,
    Posted,
    SignedIn,
    desk_page,
    text_of,
    token_of,
    visitor,
)
from api.qr_code import qr_code
from database.engine import reading, transaction
from review import staff_accounts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_WRONG: Final = (
    "Ten kod nie pasuje do klucza. Wpisz ten, który aplikacja pokazuje teraz: sześć cyfr, zmienia się co pół minuty."
)
_ENDED: Final = {"jedno": "Zalogowanie jest zakończone.", "inne": "Wszystkie inne zalogowania są zakończone."}


@router.get(SECOND_FACTOR)
def show_second_factor(request: Request, person: Owner) -> Response:
    """How the second factor stands; the page to set it up where there is none, or another is wanted."""
    _password_first(person)
    with reading() as session:
        left = recovery_codes_left(session, person.login)
    if not person.has_second_factor or "nowy" in request.query_params:
        return _offer(request, person)
    few = "malo" in request.query_params
    return desk_page(request, person, "desk/second_factor.html", left=left, few=few)


@router.post(SECOND_FACTOR)
def set_up(request: Request, person: Owner, form: Posted) -> Response:
    """Take it into force when the code is right. The answer shows the recovery codes, once."""
    _password_first(person)
    typed = text_of(form, "kod")[:LONGEST]
    with transaction() as session:
        codes = staff_accounts.set_up_second_factor(session, person.login, token_of(request), typed)
    if codes is None:
        return _offer(request, person, error=_WRONG, status=422)
    return _codes(request, codes, heading="Drugi składnik jest włączony")


@router.post(f"{SECOND_FACTOR}/kody")
def make_codes(request: Request, person: AnyStaff, form: Posted) -> Response:
    """Other recovery codes. The answer shows them, once."""
    if not person.has_second_factor:
        return RedirectResponse(SECOND_FACTOR, 303)
    with transaction() as session:
        codes = staff_accounts.new_recovery_codes(session, person.login)
    return _codes(request, codes, heading="Nowe kody zapasowe")


@router.get(SESSIONS)
def show_sessions(request: Request, person: AnyStaff) -> Response:
    """Where this account is signed in."""
    with reading() as session:
        found = visits(session, person.login, token_of(request))
    done = _ENDED.get(request.query_params.get("zakonczone", ""))
    return desk_page(request, person, "desk/sessions.html", visits=found, done=done)


@router.post(f"{SESSIONS}/inne/zakoncz")
def end_others(request: Request, person: AnyStaff, form: Posted) -> Response:
    """End all but the one that asks."""
    with transaction() as session:
        staff_accounts.end_other_visits(session, person.login, token_of(request))
    return RedirectResponse(f"{SESSIONS}?zakonczone=inne", 303)


@router.post(SESSIONS + "/{number}/zakoncz")
def end_one(request: Request, person: AnyStaff, number: int, form: Posted) -> Response:
    """End one of them; of others' accounts none can be named."""
    with transaction() as session:
        staff_accounts.end_visit(session, person.login, number)
    return RedirectResponse(f"{SESSIONS}?zakonczone=jedno", 303)


def _password_first(person: SignedIn) -> None:
    """A second factor beside a password that somebody else knows would be set up by either of them."""
    if person.owed is Owed.PASSWORD:
        raise FurtherSignInError(person.owed, PASSWORD)


def _offer(request: Request, person: SignedIn, *, error: str | None = None, status: int = 200) -> Response:
    with transaction() as session:
        secret = offer(session, token_of(request))
    return desk_page(
        request,
        person,
        "desk/second_factor_offer.html",
        status=status,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        code=qr_code(address_for_app(secret, person.login)),
        required=is_required_of(person.role),
        error=error,
        faulty=error is not None,
    )


def _codes(request: Request, codes: list[str], *, heading: str) -> Response:
    """The page with the codes; who set up the second factor may go on to all pages from here."""
    return desk_page(request, visitor(request), "desk/recovery_codes.html", codes=codes, heading=heading)
