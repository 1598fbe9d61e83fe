"""Customer numbers of an account: of which the other addresses tell, further ones, and those given to act for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, new_router
from api.account.session import AccountVisit, visit_of
from api.answer_time import not_before_floor
from api.portal.access import Holder, token_of
from api.portal.numbers import asked
from api.problems import ApiProblem, answers
from customers.records import RegisterLookup
from database.engine import reading, transaction
from environment.settings import get_settings
from forms.form import Problem
from portal import sessions
from portal.authorities import give_back
from portal.numbers import ASKED_FOR, Joining, TooManyNumbersError, faults_of, numbers_waiting, remove
from portal.views import Permission, Scope

router = new_router("Konto: numery klienta")


class AccountCustomer(BaseModel):
    """A customer whose data the account shows."""

    customer_no: str = Field(examples=["10000017"])
    name: str | None = Field(description="Imię i nazwisko albo nazwa", repr=False)
    present: bool = Field(description="Czy to o nim mówią teraz pozostałe adresy")
    scope: Scope | None = Field(description="Zakres pełnomocnictwa; null, gdy to własny numer konta")
    until: date | None = Field(description="Ostatni dzień pełnomocnictwa")


class WantedCustomer(BaseModel):
    """Which of them is meant."""

    customer_no: str = Field(pattern="^[0-9]{1,12}$", examples=["10000017"])


class FurtherCustomer(BaseModel):
    """A further number of the same owner, with what shows that it is his."""

    customer_no: str = Field(description="Numer klienta", max_length=100, examples=["10000017"])
    name: str = Field(description="Imię i nazwisko albo nazwa, jak na fakturze", max_length=100, repr=False)
    postcode: str = Field(description="Kod pocztowy", max_length=100, examples=[get_settings().example_postcode])


class JoinedCustomer(BaseModel):
    """What came of it."""

    state: Joining = Field(
        description="'joined' dodany, 'waits' sprawdzi biuro i odpisze na login, 'had' był już na tym koncie"
    )


class WaitingCustomer(BaseModel):
    """A number that the office still decides about."""

    customer_no: str = Field(examples=["10000017"])
    asked_at: datetime


@router.get("/customers", summary="Odbiorcy tego konta", response_description="Lista odbiorców")
def tell_customers(owner: Holder) -> list[AccountCustomer]:
    """O którym z nich mówią pozostałe adresy, pokazuje pole present."""
    with reading() as session:
        register = RegisterLookup(session)
        records = [register.find(one.customer_no) if one.may(Permission.SEE) else None for one in owner.views]
    return [
        AccountCustomer(
            customer_no=view.customer_no,
            name=None if record is None else record.name,
            present=view == owner.view,
            scope=view.scope,
            until=view.until,
        )
        for view, record in zip(owner.views, records, strict=True)
        if not (owner.is_agent and view.customer_no == owner.home_no)
    ]


@router.put(
    "/customers/present",
    summary="Wybierz odbiorcę",
    response_description="O nim mówią odtąd pozostałe adresy; csrf_token jest nowy",
    responses=answers(s404="To konto nie ma tego odbiorcy"),
)
def choose_customer(request: Request, owner: ChangingHolder, given: WantedCustomer) -> AccountVisit:
    """Jednego z listy odbiorców. Wybór jest wspólny dla strony i programu, które mają tę samą sesję."""
    view = next((one for one in owner.views if one.customer_no == given.customer_no), None)
    if view is None:
        raise _no_such_customer()
    with transaction() as session:
        sessions.look_at(session, token_of(request), view.customer_no)
    return visit_of(replace(owner, view=view))


@router.get(
    "/customers/waiting", summary="Numery, które czekają", response_description="Numery, najstarsze na początku"
)
def list_waiting(owner: Holder) -> list[WaitingCustomer]:
    """O tych zdecyduje biuro."""
    with reading() as session:
        found = numbers_waiting(session, owner.account_id)
        return [WaitingCustomer(customer_no=one.customer_no, asked_at=one.asked_at) for one in found]


@router.post(
    "/customers",
    status_code=202,
    summary="Dodaj numer klienta",
    response_description="Numer jest dodany albo czeka; o nieznanym mówimy to samo, co o cudzym",
    responses=answers(s422="Dane wymagają poprawy", s429="Poproszono już o tyle numerów, ile można jednego dnia"),
)
async def add(owner: ChangingHolder, given: FurtherCustomer) -> JoinedCustomer:
    """Od razu, gdy dane i skrzynka zgadzają się z rejestrem; w innym wypadku decyduje biuro."""
    typed = {name: str(getattr(given, name)).strip() for name in ASKED_FOR}
    if faults := faults_of(typed):
        raise ApiProblem(422, problems=[Problem(name, "bad_value", told) for name, told in faults.items()])
    try:
        async with not_before_floor():
            return JoinedCustomer(state=await run_in_threadpool(asked, owner, typed))
    except TooManyNumbersError as error:
        raise ApiProblem(429, error.told, headers={"Retry-After": "86400"}) from error


@router.post(
    "/customers/removal",
    status_code=204,
    summary="Usuń numer klienta z konta",
    response_description="Numeru nie ma już na koncie",
    responses=answers(s404="To konto nie ma takiego dalszego numeru"),
)
def take_out(owner: ChangingHolder, given: WantedCustomer) -> None:
    """Dalszy numer albo taki, który czeka. Pierwszy numer znika tylko z kontem."""
    with transaction() as session:
        if remove(session, owner.account_id, given.customer_no):
            return
    raise _no_such_customer()


@router.post(
    "/customers/return",
    status_code=204,
    summary="Oddaj pełnomocnictwo",
    response_description="Konto nie widzi już tego numeru; obie strony dostają wiadomość",
    responses=answers(s404="To konto nie ma pełnomocnictwa do takiego numeru"),
)
def return_authority(owner: ChangingHolder, given: WantedCustomer) -> None:
    """To, które ktoś dał właścicielowi tego konta."""
    with transaction() as session:
        if give_back(session, owner.account_id, given.customer_no):
            return
    raise _no_such_customer()


def _no_such_customer() -> ApiProblem:
    return ApiProblem(404, "Na tym koncie nie ma tego numeru klienta.", title="Nie ma takiego odbiorcy")
