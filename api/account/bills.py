"""Invoices, what was paid, where the customer stands, and how to pay."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.account.access import new_router
from api.account.amounts import Money, Quantity
from api.portal.access import Seeing
from api.portal.bills import no_such_bill, picture_of
from api.problems import answers
from billing.statement import Invoice, payments_of
from database.engine import Session, reading
from environment.clock import today
from portal.bills import Bill, Bills, BillState, bills_of, chosen, own_bill, years_before
from portal.transfer import transfer_for

router = new_router("Konto: rozliczenia")

Number: TypeAlias = Annotated[
    str, Query(description="Numer faktury", min_length=1, max_length=100, examples=["FV/2026/11/123"])
]
_NONE = answers(s404="Nie ma na tym koncie faktury o tym numerze")
_PDF: Final[dict[int | str, Any]] = {
    200: {
        "description": "Plik",
        "content": {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}},
    }
}


class BillSummary(BaseModel):
    """An invoice or correction in a list."""

    invoice_no: str = Field(description="Numer faktury", examples=["FV/2026/11/123"])
    kind: str = Field(description="'invoice' albo 'correction' (korekta)", examples=["invoice"])
    state: BillState = Field(
        description="'paid' zapłacona, 'due' do zapłaty, 'overdue' po terminie, 'correction' korekta, po której "
        "nie trzeba dopłacać, 'earlier' sprzed naszych danych: nie wiemy, czy jest zapłacona"
    )
    issued_on: date = Field(description="Dzień wystawienia")
    due_on: date = Field(description="Termin płatności")
    period_from: date | None
    period_to: date | None
    net: Money
    vat: Money
    gross: Money
    left: Money | None = Field(description="Ile zostało do zapłaty; null, gdy tego nie wiemy")
    corrects: str | None = Field(description="Numer faktury, którą ta korekta poprawia")
    ksef_no: str | None = Field(description="Numer w KSeF")
    ksef_link: str | None = Field(description="Adres, pod którym można ją sprawdzić w KSeF")
    has_pdf: bool = Field(description="Czy jest plik pod adresem /invoice.pdf")


class BillPosition(BaseModel):
    """A position of an invoice."""

    name: str
    service: str = Field(description="'water', 'sewage', 'waste' albo 'other'", examples=["water"])
    quantity: Quantity
    unit: str = Field(examples=["m3"])
    net: Money
    vat: Money
    gross: Money


class BillDetail(BillSummary):
    """An invoice with its positions."""

    positions: list[BillPosition]
    corrected_by: list[str] = Field(description="Numery korekt tej faktury")


class Payment(BaseModel):
    """What the customer paid."""

    paid_on: date
    amount: Money
    invoice_no: str | None = Field(description="Za którą fakturę; null, gdy wpłata jej nie podaje")


class Balance(BaseModel):
    """Where the customer stands."""

    balance: Money | None = Field(description="Ile jest do zapłaty; ujemne to nadpłata; null, gdy tego nie wiemy")
    overdue: Money = Field(description="Ile z tego jest po terminie")
    due_on: date | None = Field(description="Najbliższy termin płatności")
    bank_account: str | None = Field(description="Rachunek tego odbiorcy, 26 cyfr", repr=False)
    paid_until: date | None = Field(
        description="Ostatni dzień, z którego wpłaty są już wliczone; null, gdy tego nie wiemy"
    )


class TransferData(BaseModel):
    """A bank transfer."""

    bank_account: str = Field(description="26 cyfr", repr=False)
    amount: Money
    recipient: str
    title: str
    qr_text: str | None = Field(
        description="Treść kodu QR według rekomendacji Związku Banków Polskich; null, gdy kwota jest na niego za duża"
    )


class Payable(BaseModel):
    """How to pay."""

    transfer: TransferData | None = Field(description="null, gdy nie ma czego zapłacić albo nie znamy rachunku")


@router.get("/invoices", summary="Faktury", response_description="Faktury, najnowsze na początku")
def list_bills(
    owner: Seeing,
    year: Annotated[int | None, Query(description="Tylko z tego roku", ge=1990, le=2100)] = None,
    to_pay: Annotated[bool, Query(description="Tylko te, za które zostało coś do zapłaty")] = False,
) -> list[BillSummary]:
    """Z ostatnich 60 miesięcy, razem z korektami."""
    day = today()
    with reading() as session:
        bills = bills_of(session, owner.customer_no, day)
    return [summary_of(one) for one in chosen(bills.of_sixty_months(day), year=year, to_pay=to_pay)]


@router.get("/invoice", summary="Jedna faktura", response_description="Faktura z pozycjami", responses=_NONE)
def tell_bill(owner: Seeing, number: Number) -> BillDetail:
    """Numer jest w parametrze, bo zawiera ukośniki."""
    with reading() as session:
        bill, invoice = _own(session, owner.customer_no, bills_of(session, owner.customer_no, today()), number)
    return BillDetail(
        **summary_of(bill).model_dump(),
        positions=[
            BillPosition(
                name=row["name"],
                service=row["service"],
                quantity=row["quantity"],
                unit=row["unit"],
                net=row["net"],
                vat=row["vat"],
                gross=row["gross"],
            )
            for row in invoice.charges
        ],
        corrected_by=list(invoice.corrected_by),
    )


@router.get(
    "/invoice.pdf",
    summary="Plik PDF faktury",
    response_description="Plik",
    response_class=Response,
    responses={**_PDF, **answers(s404="Nie ma faktury o tym numerze albo jej pliku")},
)
def give_picture(owner: Seeing, number: Number) -> Response:
    """Taki, jaki przysłał system rozliczeń."""
    with reading() as session:
        bill, _ = _own(session, owner.customer_no, bills_of(session, owner.customer_no, today()), number)
    return picture_of(bill)


@router.get("/payments", summary="Wpłaty", response_description="Wpłaty, najnowsze na początku")
def list_payments(owner: Seeing) -> list[Payment]:
    """Z ostatnich 60 miesięcy."""
    day = today()
    with reading() as session:
        rows = payments_of(session, owner.customer_no, years_before(day), day)
    return [Payment(paid_on=row["paid_on"], amount=row["amount"], invoice_no=row["invoice_no"]) for row in rows]


@router.get("/balance", summary="Saldo", response_description="Ile jest do zapłaty i do kiedy")
def tell_balance(owner: Seeing) -> Balance:
    """Wpłata liczy się za fakturę, którą podaje, a inna za najstarszą należność."""
    with reading() as session:
        return balance_of(bills_of(session, owner.customer_no, today()))


@router.get("/transfer", summary="Dane do przelewu", response_description="Dane do przelewu", responses=_NONE)
def tell_transfer(owner: Seeing, number: Number | None = None) -> Payable:
    """Za jedną fakturę albo, bez numeru, za wszystko, co jest do zapłaty."""
    with reading() as session:
        bills = bills_of(session, owner.customer_no, today())
        bill = None if number is None else _own(session, owner.customer_no, bills, number)[0]
    found = transfer_for(bills, owner.customer_no, bill)
    if found is None:
        return Payable(transfer=None)
    return Payable(
        transfer=TransferData(
            bank_account=found.account,
            amount=found.amount,
            recipient=found.recipient,
            title=found.title,
            qr_text=found.code,
        )
    )


def summary_of(bill: Bill) -> BillSummary:
    """A bill as lists have it."""
    row = bill.row
    return BillSummary(
        invoice_no=row["invoice_no"],
        kind=row["kind"],
        state=bill.state,
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        period_from=row["period_from"],
        period_to=row["period_to"],
        net=row["net"],
        vat=row["vat"],
        gross=row["gross"],
        left=bill.left,
        corrects=row["corrects"],
        ksef_no=row["ksef_no"],
        ksef_link=row["ksef_link"],
        has_pdf=row["pdf_sha256"] is not None,
    )


def balance_of(bills: Bills) -> Balance:
    """Where a customer with these bills stands."""
    return Balance(
        balance=bills.balance,
        overdue=bills.overdue,
        due_on=bills.due_on,
        bank_account=bills.bank_account,
        paid_until=bills.paid_until,
    )


def _own(session: Session, customer_no: str, bills: Bills, number: str) -> tuple[Bill, Invoice]:
    found = own_bill(session, bills, customer_no, number)
    if found is None:
        raise no_such_bill()
    return found
