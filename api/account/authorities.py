"""Who acts for a customer, as JSON: listed, and withdrawn. It is given on the page, where its text is read first."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from api.account.access import ChangingOwner, new_router
from api.portal.access import Owner, RowNumber
from api.problems import ApiProblem, answers
from database.engine import reading, transaction
from portal.authorities import given, withdraw
from portal.views import OWNER, Scope

router = new_router("Konto: pełnomocnictwa")


class GivenAuthority(BaseModel):
    """An authority that has not ended."""

    number: int
    email: str = Field(description="Komu je dano", repr=False)
    scope: Scope
    until: date = Field(description="Ostatni dzień")
    given_at: datetime
    taken_up: datetime | None = Field(description="Kiedy je przyjęto; null, dopóki czeka")
    by_office: bool = Field(description="Czy zapisało je biuro na podstawie pisma")


@router.get("/authorities", summary="Pełnomocnictwa", response_description="Pełnomocnictwa, najstarsze na początku")
def list_authorities(owner: Owner) -> list[GivenAuthority]:
    """Kto działa za tego odbiorcę, także zanim przyjmie pełnomocnictwo."""
    with reading() as session:
        found = given(session, owner.customer_no)
    return [
        GivenAuthority(
            number=one.number,
            email=one.email,
            scope=one.scope,
            until=one.until,
            given_at=one.given_at,
            taken_up=one.taken_up,
            by_office=one.by_office,
        )
        for one in found
    ]


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
