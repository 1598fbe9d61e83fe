"""Who acts for a customer, as JSON: given, listed, withdrawn, and taken up by the link in the other's account."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import Request
from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, ChangingOwner, new_router
from api.account.password import TOO_MANY, PasswordOnceMore, require_password
from api.account.session import AccountVisit, visit_of
from api.account.tokens import LinkToken
from api.portal.access import Owner, RowNumber, signed_in, token_of
from api.portal.invitations import ELSEWHERE, NO_LINK
from api.problems import ApiProblem, answers
from database.engine import reading, transaction
from forms.form import Problem
from portal.authorities import (
    AuthorityError,
    Given,
    InvitationError,
    TooManyAuthoritiesError,
    agent_address,
    give_by_owner,
    given,
    offered,
    take_up,
    withdraw,
)
from portal.sessions import look_at
from portal.views import OWNER, Scope

router = new_router("Konto: pełnomocnictwa")

_INVITATION = answers(
    s403="Zaproszenie poszło na inny adres niż login tego konta; także brak nagłówka X-CSRF-Token albo zły",
    s404="Odnośnik nie działa: był użyty, stracił ważność albo pełnomocnictwo wycofano",
)


class GivenAuthority(BaseModel):
    """An authority that has not ended."""

    number: int
    email: str = Field(description="Komu je dano", repr=False)
    scope: Scope
    until: date = Field(description="Ostatni dzień")
    given_at: datetime
    taken_up: datetime | None = Field(description="Kiedy je przyjęto; null, dopóki czeka")
    by_office: bool = Field(description="Czy zapisało je biuro na podstawie pisma")


class NewAuthority(PasswordOnceMore):
    """An authority that is to be given."""

    email: str = Field(description="Komu", max_length=254, examples=["pelnomocnik@example.com"], repr=False)
    scope: Scope = Field(
        description="'see' oglądanie, 'act' także odczyty, wnioski i pytania, 'einvoices' także formularze e-faktur"
    )
    until: date = Field(description="Ostatni dzień; najdalej za dwa lata")


class AuthorityOffered(BaseModel):
    """What somebody else offers the owner of this account."""

    customer_no: str
    giver: str = Field(description="Kto je daje", repr=False)
    scope: Scope
    until: date


@router.get("/authorities", summary="Pełnomocnictwa", response_description="Pełnomocnictwa, najstarsze na początku")
def list_authorities(owner: Owner) -> list[GivenAuthority]:
    """Kto działa za tego odbiorcę, także zanim przyjmie pełnomocnictwo."""
    with reading() as session:
        found = given(session, owner.customer_no)
    return [_told(one) for one in found]


@router.post(
    "/authorities",
    status_code=201,
    summary="Daj pełnomocnictwo",
    response_description="Zaproszenie jest w drodze; pełnomocnictwo działa, gdy ta osoba je przyjmie",
    responses=answers(s422="Dane albo hasło wymagają poprawy", s429=f"Dano dziś za dużo pełnomocnictw. {TOO_MANY}"),
)
def add(request: Request, owner: ChangingOwner, new: NewAuthority) -> GivenAuthority:
    """Do numeru klienta, o którym mówią teraz adresy konta; obie strony dostają wiadomość."""
    email, fault = agent_address(new.email)
    if fault:
        raise ApiProblem(422, problems=[Problem("email", "bad_email", fault)])
    require_password(request, owner, new)
    try:
        with transaction() as session:
            give_by_owner(session, owner.customer_no, email, new.scope, new.until)
            return _told(given(session, owner.customer_no)[-1])
    except TooManyAuthoritiesError as error:
        raise ApiProblem(429, error.message, headers={"Retry-After": "86400"}) from error
    except AuthorityError as error:
        raise ApiProblem(422, problems=[Problem(error.field or None, "refused", error.message)]) from error


@router.post(
    "/invitation",
    summary="Zobacz zaproszenie do pełnomocnictwa",
    response_description="Kto daje pełnomocnictwo, do czego i na jak długo",
    responses=_INVITATION,
)
def look(owner: ChangingHolder, link: LinkToken) -> AuthorityOffered:
    """Z wiadomości, która przyszła na login tego konta. Niczego nie zmienia."""
    try:
        with reading() as session:
            found = offered(session, link.token, owner.account_id, owner.login)
    except InvitationError as error:
        raise _refused(error) from error
    return AuthorityOffered(customer_no=found.customer_no, giver=found.giver, scope=found.scope, until=found.until)


@router.post(
    "/invitation/acceptance",
    summary="Przyjmij pełnomocnictwo",
    response_description="O tym odbiorcy mówią odtąd pozostałe adresy; csrf_token jest nowy",
    responses=_INVITATION,
)
def accept(request: Request, owner: ChangingHolder, link: LinkToken) -> AccountVisit:
    """Raz; obie strony dostają wiadomość."""
    try:
        with transaction() as session:
            number = take_up(session, link.token, owner.account_id, owner.login)
            look_at(session, token_of(request), number)
    except InvitationError as error:
        raise _refused(error) from error
    return visit_of(signed_in(request))


@router.delete(
    "/authorities/{number}",
    status_code=204,
    summary="Wycofaj pełnomocnictwo",
    response_description="Pełnomocnictwo już nie działa",
    responses=answers(s404="Ten odbiorca nie dał pełnomocnictwa o tym numerze"),
)
def end(owner: ChangingOwner, number: RowNumber) -> None:
    """Od razu; obie strony dostają wiadomość."""
    with transaction() as session:
        if withdraw(session, owner.customer_no, number, OWNER):
            return
    raise ApiProblem(404, "Nie ma tu pełnomocnictwa o tym numerze.", title="Nie ma takiego pełnomocnictwa")


def _refused(error: InvitationError) -> ApiProblem:
    if error.elsewhere:
        return ApiProblem(403, ELSEWHERE, title="Zaloguj się na inne konto")
    return ApiProblem(404, NO_LINK, title="Ten odnośnik nie działa")


def _told(one: Given) -> GivenAuthority:
    return GivenAuthority(
        number=one.number,
        email=one.email,
        scope=one.scope,
        until=one.until,
        given_at=one.given_at,
        taken_up=one.taken_up,
        by_office=one.by_office,
    )
