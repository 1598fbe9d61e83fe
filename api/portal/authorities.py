"""Who acts for a customer: given by the customer himself, and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from access.passwords import LONGEST as LONGEST_PASSWORD
from api.portal.access import Owner, Posted, SignedIn
from api.portal.addresses import AUTHORITIES
from api.portal.frame import account_page
from api.portal.own_data import unproven
from database.engine import reading, transaction
from environment.clock import today
from forms.kinds import Email
from portal.authorities import LONGEST, AuthorityError, agent_address, give_by_owner, given, withdraw
from portal.views import OWNER, Scope

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LONGEST_ADDRESS: Final = Email().max_length
_DIGITS: Final = 10
_TOLD: Final = {
    "dane": "Zaproszenie wysłaliśmy. Pełnomocnictwo zacznie działać, gdy ta osoba je przyjmie.",
    "wycofane": "Pełnomocnictwo jest wycofane. Ta osoba nie widzi już tego numeru.",
}


@router.get(AUTHORITIES)
def show(request: Request, owner: Owner) -> Response:
    """Who acts for the customer looked at, and a form to give authority."""
    return _page(request, owner, told=_TOLD.get(next(iter(request.query_params), "")))


@router.post(AUTHORITIES)
def add(request: Request, owner: Owner, form: Posted) -> Response:
    """Give authority; the link goes to the address that is given, whether it has an account or not."""
    typed = typed_of(form)
    faults = faults_of(typed)
    if error := unproven(request, owner, form):
        faults["password"] = error
    if faults:
        return _page(request, owner, typed=typed, faults=faults)
    email, number = email_of(typed), owner.customer_no
    try:
        with transaction() as session:
            give_by_owner(session, number, email, Scope(typed["scope"]), date.fromisoformat(typed["until"]))
    except AuthorityError as error:
        return _page(request, owner, typed=typed, faults={error.field: error.message})
    return RedirectResponse(f"{AUTHORITIES}?dane", 303)


@router.post(f"{AUTHORITIES}/wycofaj")
def end(owner: Owner, form: Posted) -> Response:
    """Withdraw authority over the number looked at; over others' none can be named."""
    wanted = str(form.get("pelnomocnictwo") or "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < _DIGITS:
        with transaction() as session:
            withdraw(session, owner.customer_no, int(wanted), OWNER)
    return RedirectResponse(f"{AUTHORITIES}?wycofane", 303)


def typed_of(form: FormData) -> dict[str, str]:
    """What was typed of an authority."""
    return {name: str(form.get(name) or "").strip()[:_LONGEST_ADDRESS] for name in ("email", "scope", "until")}


def faults_of(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with it, by field."""
    _, fault = agent_address(typed["email"])
    faults = {"email": fault} if fault else {}
    if typed["scope"] not in list(Scope):
        faults["scope"] = "Wybierz, co pełnomocnik będzie mógł robić."
    try:
        date.fromisoformat(typed["until"])
    except ValueError:
        faults["until"] = "Wybierz ostatni dzień pełnomocnictwa, na przykład 2027-06-30."
    return faults


def email_of(typed: Mapping[str, str]) -> str:
    """The address typed, as addresses are written everywhere."""
    return agent_address(typed["email"])[0]


def _page(
    request: Request,
    owner: SignedIn,
    *,
    typed: Mapping[str, str] | None = None,
    faults: dict[str, str] | None = None,
    told: str | None = None,
) -> Response:
    with reading() as session:
        found = given(session, owner.customer_no)
    return account_page(
        request,
        owner,
        "portal/authorities.html",
        status=422 if faults else 200,
        given=found,
        typed=typed or {},
        faults=faults or {},
        faulty=bool(faults),
        told=told,
        first=today(),
        last=today() + LONGEST,
        longest=LONGEST_PASSWORD,
    )
