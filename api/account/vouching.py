"""How the owner of an account shows that he is the customer: by an invoice or a code from a letter."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, new_router
from api.portal.access import Holder, SignedIn
from api.portal.vouching import LONGEST, TOO_MANY, WRONG_CODE, WRONG_INVOICE
from api.problems import ApiProblem, answers
from confirmations.polish import long_date
from database.engine import reading, transaction
from environment.clock import local_day
from forms.form import Problem
from portal import vouching
from portal.vouching import Answer, Letters, by_code, by_invoice, has_invoices, letters

router = new_router("Konto: potwierdzenie odbiorcy")

_MANY: Final = "Dziś było już za dużo prób, razem z tymi ze strony"
_DAY: Final = {"Retry-After": "86400"}


class Vouching(BaseModel):
    """Whether the owner of the account is known to be the customer, and by what he can show it."""

    vouched: bool = Field(description="Czy to już wiadomo; wtedy niczego więcej nie trzeba")
    by_invoice: bool = Field(description="Czy jest faktura, którą można podać")
    by_letter: bool = Field(description="Czy list ma dokąd pójść: znamy pełny adres")
    letter_sent_at: datetime | None = Field(description="Kiedy przygotowaliśmy list, którego kod jeszcze działa")
    code_until: datetime | None = Field(description="Do kiedy ten kod działa")
    next_letter_at: datetime | None = Field(description="Od kiedy można prosić o następny; null, gdy już można")


class GivenInvoice(BaseModel):
    """One of the last three invoices."""

    invoice_no: str = Field(description="Numer faktury", max_length=LONGEST, examples=["FV/2026/11/123"])
    amount: str = Field(description="Kwota brutto, tak jak na fakturze", max_length=LONGEST, examples=["123,45"])


class LetterCodeGiven(BaseModel):
    """What stands in the letter."""

    code: str = Field(description="Osiem cyfr; odstęp nie ma znaczenia", max_length=LONGEST, repr=False)


@router.get("/vouching", summary="Czy wiadomo, że to Twoje konto", response_description="Co wiadomo i co można zrobić")
def tell(owner: Holder) -> Vouching:
    """Dopóki tego nie wiadomo, adresy o odbiorcy odpowiadają 403."""
    found, invoices = _letters(owner), False
    if not owner.vouched:
        with reading() as session:
            invoices = has_invoices(session, owner.home_no)
    return Vouching(
        vouched=owner.vouched,
        by_invoice=invoices,
        by_letter=found.reachable and not owner.vouched,
        letter_sent_at=found.sent_at,
        code_until=found.until,
        next_letter_at=found.next_at,
    )


@router.post(
    "/vouching/invoice",
    status_code=204,
    summary="Potwierdź fakturą",
    response_description="Wiadomo, że to konto tego odbiorcy",
    responses=answers(s422="Żadna z trzech ostatnich faktur nie ma takiego numeru i takiej kwoty", s429=_MANY),
)
def take_invoice(owner: ChangingHolder, given: GivenInvoice) -> None:
    """Numer i kwota jednej z trzech ostatnich faktur."""
    if not owner.vouched:
        with transaction() as session:
            answer = by_invoice(session, owner.home_no, given.invoice_no, given.amount)
        _require_right(answer, "invoice_no", WRONG_INVOICE)


@router.post(
    "/vouching/letter",
    status_code=202,
    summary="Wyślij list z kodem",
    response_description="List jest w drodze na adres z umowy",
    responses=answers(s409="List nie jest potrzebny, poszedł niedawno albo nie ma dokąd pójść"),
)
def send(owner: ChangingHolder) -> Vouching:
    """Kod z listu wyślij pod /vouching/code."""
    with transaction() as session:
        sent = vouching.send_letter(session, owner.home_no)
    if not sent:
        raise ApiProblem(409, _why_not(owner), title="List nie pójdzie")
    return tell(owner)


@router.post(
    "/vouching/code",
    status_code=204,
    summary="Potwierdź kodem z listu",
    response_description="Wiadomo, że to konto tego odbiorcy",
    responses=answers(s422="To nie jest kod z listu albo jego czas minął", s429=_MANY),
)
def take_code(owner: ChangingHolder, given: LetterCodeGiven) -> None:
    """Osiem cyfr z listu."""
    if not owner.vouched:
        with transaction() as session:
            answer = by_code(session, owner.home_no, given.code)
        _require_right(answer, "code", WRONG_CODE)


def _require_right(answer: Answer, field: str, wrong: str) -> None:
    """ApiProblem 429 after too many tries, 422 after a wrong one; each was counted."""
    if answer is Answer.TOO_MANY:
        raise ApiProblem(429, TOO_MANY, headers=_DAY)
    if answer is Answer.WRONG:
        raise ApiProblem(422, problems=[Problem(field, "wrong", wrong)])


def _letters(owner: SignedIn) -> Letters:
    with reading() as session:
        return letters(session, owner.home_no)


def _why_not(owner: SignedIn) -> str:
    found = _letters(owner)
    if owner.vouched:
        return "Wiemy już, że to Twoje konto."
    if found.next_at is not None:
        return f"List z kodem już przygotowaliśmy. O następny poprosisz od {long_date(local_day(found.next_at))}"
    return "Nie mamy pełnego adresu, na który mógłby pójść list. Zadzwoń do nas, uzupełnimy go."
