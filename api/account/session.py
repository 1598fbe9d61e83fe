"""Signing in and out as a program does, and whose account it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from access.passwords import LONGEST
from api.account.access import ANYBODY, ChangingHolder, new_router
from api.answer_time import not_before_floor
from api.cookies import loses_cookies
from api.portal.access import (
    Holder,
    SignedIn,
    as_signed_in,
    browser_name,
    device_mark_of,
    drop_token,
    give_session,
    retry_after,
    token_of,
)
from api.portal.sign_in import WRONG
from api.problems import ApiProblem, answers
from api.security import client_key
from customers.records import RegisterLookup
from database.engine import reading, transaction
from environment.settings import get_settings
from forms.form import Problem
from forms.kinds import Email
from portal import sessions
from portal.entering import Entered, enter
from portal.sessions import TooManyTriesError, who
from portal.views import Permission, Scope

router = new_router("Konto: sesja")


class Credentials(BaseModel):
    """What is typed to sign in."""

    email: str = Field(description="Login", max_length=Email().max_length, examples=["klient@example.com"])
    password: str = Field(description="Hasło", max_length=LONGEST, repr=False)


class AccountVisit(BaseModel):
    """Who is signed in, and the secret that goes with every change."""

    customer_no: str = Field(
        description="Numer klienta, o którym mówią pozostałe adresy; gdy nie ma żadnego, numer konta z literą P",
        examples=["10000017"],
    )
    login: str = Field(examples=["klient@example.com"], repr=False)
    csrf_token: str = Field(description="Wartość nagłówka X-CSRF-Token", repr=False)
    vouched: bool = Field(
        description="Czy wiadomo, że to konto tego odbiorcy; jeśli nie, jego dane otworzy potwierdzenie na stronie "
        "/ebok/potwierdz"
    )


class AccountCustomer(BaseModel):
    """A customer whose data the account shows."""

    customer_no: str = Field(examples=["10000017"])
    name: str | None = Field(description="Imię i nazwisko albo nazwa", repr=False)
    present: bool = Field(description="Czy to o nim mówią teraz pozostałe adresy")
    scope: Scope | None = Field(description="Zakres pełnomocnictwa; null, gdy to własny numer konta")
    until: date | None = Field(description="Ostatni dzień pełnomocnictwa")


class WantedCustomer(BaseModel):
    """Of which of them the other addresses are to tell."""

    customer_no: str = Field(max_length=12, examples=["10000017"])


@router.post(
    "/session",
    status_code=201,
    summary="Zaloguj się",
    response_description="Sesja jest otwarta; ciasteczko jest w nagłówku Set-Cookie",
    responses=answers(
        s403="Połączenie nie jest szyfrowane, więc ciasteczko by przepadło",
        s422="Login albo hasło jest niepoprawne",
        s429="Za dużo nieudanych prób; Retry-After mówi, kiedy spróbować znowu",
    ),
    openapi_extra=ANYBODY,
)
async def sign_in(request: Request, response: Response, given: Credentials) -> AccountVisit:
    """Tak samo jak na stronie: te same ograniczenia prób, ta sama sesja, to samo ciasteczko."""
    if loses_cookies(request):
        raise ApiProblem(403, f"Zaloguj się pod adresem {get_settings().account_url}.", title="Potrzebne jest HTTPS")
    async with not_before_floor():
        entered, visit = await run_in_threadpool(_enter, request, given)
    give_session(response, entered.token, entered.login)
    return visit


@router.get("/session", summary="Kto jest zalogowany", response_description="Zalogowany odbiorca")
def tell(owner: Holder) -> AccountVisit:
    """Podaje też csrf_token tej sesji."""
    return _visit(owner)


@router.delete("/session", status_code=204, summary="Wyloguj się", response_description="Sesja jest zamknięta")
def sign_out(request: Request, response: Response, owner: ChangingHolder) -> None:
    """Zamyka sesję także na serwerze."""
    with transaction() as session:
        sessions.sign_out(session, token_of(request))
    drop_token(response)


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
        raise ApiProblem(404, "Na tym koncie nie ma tego numeru klienta.", title="Nie ma takiego odbiorcy")
    with transaction() as session:
        sessions.look_at(session, token_of(request), view.customer_no)
    return _visit(replace(owner, view=view))


def _enter(request: Request, given: Credentials) -> tuple[Entered, AccountVisit]:
    try:
        entered = enter(
            given.email,
            given.password,
            client=client_key(request),
            device_mark=device_mark_of(request),
            browser=browser_name(request),
        )
    except TooManyTriesError as error:
        advice = f"Za dużo nieudanych prób. Odczekaj {error.minutes} minut."
        raise ApiProblem(429, advice, headers=retry_after(error)) from error
    visit = None
    if entered is not None:
        with reading() as session:
            visit = who(session, entered.token)
    if entered is None or visit is None:
        raise ApiProblem(422, WRONG, problems=[Problem(None, "wrong_credentials", WRONG)])
    return entered, _visit(as_signed_in(visit))


def _visit(owner: SignedIn) -> AccountVisit:
    return AccountVisit(customer_no=owner.customer_no, login=owner.login, csrf_token=owner.csrf, vouched=owner.vouched)
