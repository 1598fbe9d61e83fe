"""The account itself: where it is signed in, all that is held of its owner, closing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, new_router
from api.account.password import TOO_MANY, WRONG, PasswordOnceMore, require_password
from api.portal.access import Holder, RowNumber, drop_token, token_of
from api.portal.own_data import LATER, MINUTES, of_whom, packed_data
from api.problems import ApiProblem, answers
from database.engine import reading, transaction
from environment.clock import today
from portal.closing import close_account
from portal.sessions import devices, end_device, end_everywhere

router = new_router("Konto: ustawienia")

_ZIP: Final[dict[int | str, Any]] = {
    200: {
        "description": "Plik",
        "content": {"application/zip": {"schema": {"type": "string", "contentMediaType": "application/zip"}}},
    }
}


class SignedInDevice(BaseModel):
    """A browser or program in which the account is open."""

    number: int
    browser: str = Field(examples=["Firefox, Windows"])
    created_at: datetime
    last_used: datetime
    here: bool = Field(description="Czy to ta sesja, która pyta")


@router.get("/devices", summary="Zalogowane urządzenia", response_description="Sesje, ostatnio używane na początku")
def list_devices(request: Request, owner: Holder) -> list[SignedInDevice]:
    """Wszystkie otwarte sesje konta."""
    with reading() as session:
        found = devices(session, owner.home_no, token_of(request))
    return [
        SignedInDevice(
            number=one.number,
            browser=one.browser,
            created_at=one.created_at,
            last_used=one.last_used,
            here=one.here,
        )
        for one in found
    ]


@router.delete(
    "/devices/{number}",
    status_code=204,
    summary="Wyloguj urządzenie",
    response_description="Sesja jest zamknięta",
    responses=answers(s404="To konto nie ma sesji o tym numerze"),
)
def end_one(owner: ChangingHolder, number: RowNumber) -> None:
    """Numer podaje lista urządzeń."""
    with transaction() as session:
        if end_device(session, owner.home_no, number):
            return
    raise ApiProblem(404, "Nie ma tu urządzenia o tym numerze.", title="Nie ma takiego urządzenia")


@router.delete("/devices", status_code=204, summary="Wyloguj wszędzie", response_description="Sesje są zamknięte")
def end_all(response: Response, owner: ChangingHolder) -> None:
    """Zamyka wszystkie sesje, także tę, która pyta."""
    with transaction() as session:
        end_everywhere(session, owner.home_no)
    drop_token(response)


@router.post(
    "/data-export",
    summary="Pobierz wszystko, co o Tobie mamy",
    response_description="Plik",
    response_class=Response,
    responses={**_ZIP, **answers(s422=WRONG, s429=f"Dane pobrano już kilka razy. {TOO_MANY}")},
)
def give_data(request: Request, owner: ChangingHolder, given: PasswordOnceMore) -> Response:
    """Jeden plik ZIP; dla programów jest w nim index.json. Pełnomocnik dostaje dane własnego konta."""
    number = of_whom(owner)
    require_password(request, owner, given)
    packed = packed_data(number)
    if packed is None:
        raise ApiProblem(429, LATER, headers={"Retry-After": str(MINUTES * 60)})
    return packed


@router.post(
    "/closing",
    status_code=204,
    summary="Zamknij konto",
    response_description="Konto jest zamknięte",
    responses=answers(s422=WRONG, s429=TOO_MANY),
)
def close(request: Request, response: Response, owner: ChangingHolder, given: PasswordOnceMore) -> None:
    """Od razu i na zawsze; potwierdzenie idzie na adres, który był loginem. Faktury przychodzą dalej jak dotąd."""
    require_password(request, owner, given)
    with transaction() as session:
        close_account(session, owner.home_no, today())
    drop_token(response)
