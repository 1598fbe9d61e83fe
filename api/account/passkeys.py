"""Passkeys of an account as JSON: listed, added, renamed, taken away, and answered with to sign in.

Making a passkey and answering with one takes a browser, on pages of our own address (WebAuthn): what it is given and
what it gives back is JSON by its standard, and goes through here as it goes through the pages.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from access.lockout import TooManyTriesError
from access.passkeys import PasskeyError
from api.account.access import ANYBODY, ChangingHolder, new_router
from api.account.password import TOO_MANY, WRONG, PasswordOnceMore, require_password
from api.account.session import AccountVisit, begun_visit, require_kept_cookies
from api.portal.access import Holder, RowNumber, SignedIn, browser_name, retry_after
from api.portal.passkeys import NOT_TAKEN, UNKNOWN, own_passkey, site_here
from api.problems import ApiProblem, answers
from api.security import client_key
from database.engine import reading, transaction
from forms.form import Problem
from portal import passkeys
from portal.passkeys import LONGEST_NAME, MOST, OwnPasskey, passkeys_of

router = new_router("Konto: sposoby logowania")

_NOWHERE = "Klucze dostępu działają tylko pod adresem, który zaczyna się od https://"
_NO_SUCH = answers(s404="To konto nie ma klucza o tym numerze")


class PasskeyName(BaseModel):
    """What its owner knows a passkey by."""

    name: str = Field(description="Nazwa, na przykład 'Telefon'", max_length=LONGEST_NAME, examples=["Laptop w pracy"])


class OwnedPasskey(PasskeyName):
    """A passkey of the account."""

    number: int
    created_at: datetime
    last_used: datetime | None


class WantedPasskey(PasskeyName, PasswordOnceMore):
    """A passkey that is to be made."""


class BrowserOptions(BaseModel):
    """What a browser is given."""

    options: dict[str, Any] = Field(
        description="JSON dla parseCreationOptionsFromJSON albo parseRequestOptionsFromJSON"
    )


class BrowserAnswer(BaseModel):
    """What a browser gave back."""

    answer: dict[str, Any] = Field(description="To, co daje PublicKeyCredential.toJSON()", repr=False)

    @property
    def text(self) -> str:
        """The same as JSON; '' where it is nested beyond reason."""
        try:
            return json.dumps(self.answer)
        except RecursionError:
            return ""


@router.get("/passkeys", summary="Klucze dostępu", response_description="Klucze, najstarsze na początku")
def list_passkeys(owner: Holder) -> list[OwnedPasskey]:
    """Czym, oprócz hasła, otwiera się to konto."""
    return [_told(one) for one in _all(owner)]


@router.post(
    "/passkey-options",
    summary="Zacznij dodawać klucz",
    response_description="Opcje dla navigator.credentials.create; działają kilka minut i raz",
    responses=answers(s404=_NOWHERE, s409=f"Jest już {MOST} kluczy, więcej mieć nie można", s422=WRONG, s429=TOO_MANY),
)
def offer(request: Request, owner: ChangingHolder, given: WantedPasskey) -> BrowserOptions:
    """Klucz tworzy przeglądarka na stronie pod naszym adresem; to, co da, wyślij pod POST /passkeys."""
    site = site_here()
    require_password(request, owner, given)
    try:
        with transaction() as session:
            return BrowserOptions(options=passkeys.offer(session, site, owner.home_no, given.name))
    except PasskeyError as error:
        raise ApiProblem(409, "Usuń klucz, którego nie używasz.", title="Kluczy jest już za dużo") from error


@router.post(
    "/passkeys",
    status_code=201,
    summary="Dodaj klucz",
    response_description="Klucz jest dodany; właściciel konta dostaje wiadomość",
    responses=answers(s404=_NOWHERE, s422="Odpowiedź przyszła za późno albo się nie zgadza"),
)
def add(owner: ChangingHolder, given: BrowserAnswer) -> OwnedPasskey:
    """Odpowiedź na opcje z POST /passkey-options, na każde raz."""
    site = site_here()
    with transaction() as session:
        taken = passkeys.add(session, site, owner.home_no, given.text)
    if not taken:
        raise ApiProblem(422, problems=[Problem("answer", "not_taken", NOT_TAKEN)])
    return _told(_all(owner)[-1])


@router.patch("/passkeys/{number}", summary="Zmień nazwę klucza", response_description="Klucz", responses=_NO_SUCH)
def rename(owner: ChangingHolder, number: RowNumber, given: PasskeyName) -> OwnedPasskey:
    """Nazwę widzi tylko właściciel konta."""
    with transaction() as session:
        passkeys.rename(session, owner.home_no, own_passkey(owner, number).number, given.name)
    return _told(own_passkey(owner, number))


@router.post(
    "/passkeys/{number}/removal",
    status_code=204,
    summary="Usuń klucz",
    response_description="Nikt się nim już nie zaloguje",
    responses={**_NO_SUCH, **answers(s422=WRONG, s429=TOO_MANY)},
)
def remove(request: Request, owner: ChangingHolder, number: RowNumber, given: PasswordOnceMore) -> None:
    """Hasło i inne klucze działają dalej."""
    passkey = own_passkey(owner, number)
    require_password(request, owner, given)
    with transaction() as session:
        passkeys.remove(session, owner.home_no, passkey.number)


@router.post(
    "/session/passkey-options",
    summary="Zacznij logowanie kluczem",
    response_description="Opcje dla navigator.credentials.get; działają kilka minut i raz",
    responses=answers(s404=_NOWHERE, s429=TOO_MANY),
    openapi_extra=ANYBODY,
)
def ask(request: Request) -> BrowserOptions:
    """Odpowiedź przeglądarki wyślij pod POST /session/passkey."""
    site = site_here()
    try:
        with transaction() as session:
            return BrowserOptions(options=passkeys.question(session, site, client_key(request)))
    except TooManyTriesError as error:
        raise ApiProblem(429, f"Odczekaj {error.minutes} minut.", headers=retry_after(error)) from error


@router.post(
    "/session/passkey",
    status_code=201,
    summary="Zaloguj się kluczem",
    response_description="Sesja jest otwarta; ciasteczko jest w nagłówku Set-Cookie",
    responses=answers(
        s403="Połączenie nie jest szyfrowane, więc ciasteczko by przepadło",
        s404=_NOWHERE,
        s422="Tego klucza nie ma na żadnym koncie, odpowiedź się nie zgadza albo przyszła za późno",
    ),
    openapi_extra=ANYBODY,
)
def enter(request: Request, response: Response, given: BrowserAnswer) -> AccountVisit:
    """Zamiast hasła; sesja jest ta sama, co po POST /session."""
    site = site_here()
    require_kept_cookies(request)
    with transaction() as session:
        entered = passkeys.sign_in(session, site, given.text, browser_name(request), client_key(request))
    visit = begun_visit(response, entered)
    if visit is None:
        raise ApiProblem(422, UNKNOWN, problems=[Problem("answer", "unknown_passkey", UNKNOWN)])
    return visit


def _all(owner: SignedIn) -> list[OwnPasskey]:
    with reading() as session:
        return passkeys_of(session, owner.home_no)


def _told(one: OwnPasskey) -> OwnedPasskey:
    return OwnedPasskey(number=one.number, name=one.name, created_at=one.created_at, last_used=one.last_used)
