"""Signing in and out as a program does, and whose account it is."""

from __future__ import annotations

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
from database.engine import reading, transaction
from environment.settings import get_settings
from forms.form import Problem
from forms.kinds import Email
from portal import sessions
from portal.entering import Entered, enter
from portal.sessions import TooManyTriesError, who

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
        description="Czy wiadomo, że to konto tego odbiorcy; jeśli nie, jego dane otworzy potwierdzenie pod /vouching "
        "albo na stronie /ebok/potwierdz"
    )


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
    require_kept_cookies(request)
    async with not_before_floor():
        entered = await run_in_threadpool(_enter, request, given)
        visit = await run_in_threadpool(begun_visit, response, entered)
    if visit is None:
        raise ApiProblem(422, WRONG, problems=[Problem(None, "wrong_credentials", WRONG)])
    return visit


@router.get("/session", summary="Kto jest zalogowany", response_description="Zalogowany odbiorca")
def tell(owner: Holder) -> AccountVisit:
    """Podaje też csrf_token tej sesji."""
    return visit_of(owner)


@router.delete("/session", status_code=204, summary="Wyloguj się", response_description="Sesja jest zamknięta")
def sign_out(request: Request, response: Response, owner: ChangingHolder) -> None:
    """Zamyka sesję także na serwerze."""
    with transaction() as session:
        sessions.sign_out(session, token_of(request))
    drop_token(response)


def _enter(request: Request, given: Credentials) -> Entered | None:
    try:
        return enter(
            given.email,
            given.password,
            client=client_key(request),
            device_mark=device_mark_of(request),
            browser=browser_name(request),
        )
    except TooManyTriesError as error:
        advice = f"Za dużo nieudanych prób. Odczekaj {error.minutes} minut."
        raise ApiProblem(429, advice, headers=retry_after(error)) from error


def require_kept_cookies(request: Request) -> None:
    """ApiProblem 403 where the cookie of a session would be lost."""
    if loses_cookies(request):
        raise ApiProblem(403, f"Zaloguj się pod adresem {get_settings().account_url}.", title="Potrzebne jest HTTPS")


def begun_visit(response: Response, entered: Entered | None) -> AccountVisit | None:
    """What is told of a session that has begun, whose cookie goes along; None where none has."""
    visit = None
    if entered is not None:
        with reading() as session:
            visit = who(session, entered.token)
    if entered is None or visit is None:
        return None
    give_session(response, entered.token, entered.login)
    return visit_of(as_signed_in(visit))


def visit_of(owner: SignedIn) -> AccountVisit:
    """Whose account it is, and of whom it tells."""
    return AccountVisit(customer_no=owner.customer_no, login=owner.login, csrf_token=owner.csrf, vouched=owner.vouched)
