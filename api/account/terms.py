"""A new Regulamin eBOK: what the owner of an account is asked, and his answer."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, new_router
from api.portal.access import Holder
from api.problems import ApiProblem, answers
from database.engine import transaction
from environment.clock import today
from portal.terms import NewTerms, announced, reply

router = new_router("Konto: Regulamin")


class TermsReply(StrEnum):
    """What may be answered."""

    ACCEPTED = "accepted"
    LATER = "later"


class AskedTerms(BaseModel):
    """A version that is still to be answered."""

    version: str = Field(examples=["2"])
    in_force_from: date
    text_url: str = Field(description="Strona z treścią", examples=["/regulaminy/ebok"])
    until: date = Field(description="Ostatni dzień, w którym konto działa bez odpowiedzi")
    overdue: bool = Field(description="Czy ten dzień minął: bez zgody konto pokazuje już tylko to, co jest o nim samym")


class ComingTerms(BaseModel):
    """A version that is not in force yet."""

    version: str = Field(examples=["2"])
    in_force_from: date
    text_url: str = Field(description="Strona z treścią", examples=["/regulaminy/ebok/2"])


class TermsQuestion(BaseModel):
    """What is asked, and what will be."""

    asked: AskedTerms | None = Field(description="null, gdy nie ma na co odpowiadać")
    coming: ComingTerms | None = Field(description="Wersja, która dopiero będzie obowiązywać; null, gdy takiej nie ma")


class TermsAnswered(BaseModel):
    """The answer to the version that was read."""

    version: str = Field(max_length=16, examples=["2"])
    answer: TermsReply = Field(description="'accepted' zgoda, 'later' odpowiedź później, dopóki jest na nią czas")


@router.get("/terms", summary="Nowy Regulamin", response_description="O co pytamy")
def tell(owner: Holder) -> TermsQuestion:
    """Kto się nie zgadza, zamyka konto; do ostatniego dnia działa jak dotąd."""
    return TermsQuestion(asked=_asked(owner.terms), coming=_coming())


def _asked(asked: NewTerms | None) -> AskedTerms | None:
    if asked is None:
        return None
    return AskedTerms(
        version=asked.terms.version,
        in_force_from=asked.terms.in_force_from,
        text_url=f"/regulaminy/{asked.terms.key}",
        until=asked.until,
        overdue=asked.overdue,
    )


def _coming() -> ComingTerms | None:
    next_one = announced(today())
    if next_one is None:
        return None
    return ComingTerms(
        version=next_one.version,
        in_force_from=next_one.in_force_from,
        text_url=f"/regulaminy/{next_one.key}/{next_one.version}",
    )


@router.post(
    "/terms/answer",
    status_code=204,
    summary="Odpowiedz na nowy Regulamin",
    response_description="Odpowiedź jest zapisana z wersją i czasem",
    responses=answers(s409="O tę wersję nie pytamy albo czas na odpowiedź później minął"),
)
def take_answer(owner: ChangingHolder, given: TermsAnswered) -> None:
    """Odpowiedź dotyczy wersji, którą podaje GET /terms."""
    with transaction() as session:
        accepted = given.answer is TermsReply.ACCEPTED
        if reply(session, owner.home_no, owner.terms, given.version, accepted=accepted):
            return
    advice = "Zapytaj jeszcze raz pod adresem /terms, co jest do odpowiedzi."
    raise ApiProblem(409, advice, title="Na to nie można teraz odpowiedzieć")
