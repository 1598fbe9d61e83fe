"""The account in one look, and its parts: consumption, open cases, the forms on invoices."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, Field

from api.account.access import new_router
from api.account.amounts import Quantity
from api.account.bills import Balance, BillSummary, balance_of, summary_of
from api.account.senders import SentBy
from api.answers import Progress
from api.case_wording import STATES
from api.portal.access import Acting, Einvoicing, Seeing, SignedIn
from api.problems import ApiProblem, answers
from api.progress import progress_of, title_of_form
from customers.register import InvoiceDelivery, delivery_on
from database.engine import Session, reading
from documents.states import State
from documents.tracking import TrackingError, normalise_tracking
from environment.clock import today
from forms.form import Form
from portal.bills import bills_of
from portal.cases import is_case_of, open_cases
from portal.prefilling import fill_in, offered
from portal.usage import Usage, usage_of
from portal.views import Permission

router = new_router("Konto: przegląd")

_NO_CASE: Final = "Nie ma tu sprawy o tym numerze. Sprawdź go."


class Consumption(BaseModel):
    """Water of the last twelve months for which there is an invoice."""

    total: Quantity = Field(description="Metry sześcienne w ostatnich dwunastu miesiącach")
    change_percent: int | None = Field(
        description="O ile procent więcej (mniej: ujemne) niż rok wcześniej; null, gdy nie ma z czym porównać"
    )
    compared_months: int = Field(description="Ile miesięcy mają oba lata; tylko te są porównane")


class ConsumptionMonth(BaseModel):
    """A month beside the same month a year before."""

    month: date = Field(description="Pierwszy dzień miesiąca", examples=["2026-10-01"])
    used: Quantity | None = Field(description="Metry sześcienne; null, gdy za ten miesiąc nie ma faktury")
    year_before: Quantity | None


class ConsumptionByMonth(Consumption):
    """The same, month by month."""

    months: list[ConsumptionMonth] = Field(description="Dwanaście miesięcy od najstarszego; puste, gdy nic nie wiemy")


class OpenCase(BaseModel):
    """A case in which a step is still to be done."""

    tracking: str = Field(description="Numer sprawy", examples=["K7M4-PX9A"])
    form: str | None = Field(description="Kod formularza; null, zanim dokument zostanie rozpoznany")
    title: str | None
    state: State
    state_name: str = Field(description="Stan po polsku", examples=["Sprawdza pracownik"])
    received_at: datetime
    waits_for_link: bool = Field(description="Czy czeka na odbiorcę: ma kliknąć odnośnik z wiadomości")
    sent_by: SentBy


class InvoicesCome(BaseModel):
    """How invoices are delivered now."""

    channel: str = Field(description="'paper' albo 'email'", examples=["paper"])
    email: str | None = Field(repr=False)


class AccountOverview(BaseModel):
    """Everything that matters, in one look."""

    balance: Balance
    last_invoice: BillSummary | None
    consumption: Consumption
    open_cases: list[OpenCase] | None = Field(description="null, gdy pełnomocnictwo nie obejmuje spraw")
    delivery: InvoicesCome | None = Field(description="null, gdy pełnomocnictwo nie obejmuje formularzy e-faktur")


class PrefilledForm(BaseModel):
    """A form that makes sense now, with what we know filled in."""

    code: str = Field(examples=["einvoice_acceptance"])
    title: str
    values: dict[str, Any] = Field(description="Znane wartości pól; PESEL nigdy", repr=False)
    submissions_url: str = Field(examples=["/api/v1/forms/einvoice_acceptance/submissions"])


@router.get("/overview", summary="Przegląd", response_description="To, co najważniejsze")
def tell(owner: Seeing) -> AccountOverview:
    """Ile jest do zapłaty i do kiedy, ostatnia faktura, zużycie, otwarte sprawy, droga faktur."""
    day = today()
    with reading() as session:
        bills = bills_of(session, owner.customer_no, day)
        used, delivery = usage_of(session, owner.customer_no, day), delivery_on(session, owner.customer_no, day)
        cases = _open_cases(session, owner) if owner.may(Permission.ACT) else None
    last = next(iter(bills.newest_first), None)
    return AccountOverview(
        balance=balance_of(bills),
        last_invoice=None if last is None else summary_of(last),
        consumption=Consumption(**_told(used)),
        open_cases=cases,
        delivery=_come(delivery) if owner.may(Permission.EINVOICES) else None,
    )


@router.get("/consumption", summary="Zużycie wody", response_description="Zużycie miesiąc po miesiącu")
def tell_consumption(owner: Seeing) -> ConsumptionByMonth:
    """Ostatnie dwanaście miesięcy, za które jest faktura, obok tych samych rok wcześniej."""
    with reading() as session:
        used = usage_of(session, owner.customer_no, today())
    months = [ConsumptionMonth(month=one.first, used=one.used, year_before=one.before) for one in used.months]
    return ConsumptionByMonth(**_told(used), months=months)


@router.get("/cases", summary="Otwarte sprawy", response_description="Sprawy, najnowsze na początku")
def list_cases(owner: Acting) -> list[OpenCase]:
    """Te, w których jest jeszcze coś do zrobienia: u nas albo po stronie odbiorcy."""
    with reading() as session:
        return _open_cases(session, owner)


@router.get(
    "/cases/{tracking}",
    summary="Sprawa tego odbiorcy",
    response_description="Stan sprawy",
    responses=answers(s404="Ten odbiorca nie ma sprawy o tym numerze"),
)
def tell_case(owner: Acting, tracking: str) -> Progress:
    """Także załatwiona."""
    try:
        number = normalise_tracking(tracking)
        with reading() as session:
            if is_case_of(session, owner.customer_no, number):
                return progress_of(session, number)
    except TrackingError:
        pass
    raise ApiProblem(404, _NO_CASE, title="Nie ma takiej sprawy")


@router.get("/forms", summary="Formularze o fakturach", response_description="Formularze, które teraz mają sens")
def list_forms(owner: Einvoicing) -> list[PrefilledForm]:
    """Wypełnione tym, co wiemy; uzupełnione wyślij pod adres submissions_url."""
    with reading() as session:
        forms = offered(delivery_on(session, owner.customer_no, today()))
    return [filled_in(owner, form) for form in forms]


def filled_in(owner: SignedIn, form: Form) -> PrefilledForm:
    """That form for the customer looked at."""
    return PrefilledForm(
        code=form.code,
        title=form.title,
        values=fill_in(owner.customer_no, owner.login, form, today(), owner.actor),
        submissions_url=f"/api/v1/forms/{form.code}/submissions",
    )


def _open_cases(session: Session, owner: SignedIn) -> list[OpenCase]:
    cases = open_cases(session, owner.customer_no)
    senders = owner.senders(session, [case.authority for case in cases])
    return [
        OpenCase(
            tracking=case.tracking,
            form=case.form,
            title=title_of_form(case.form, case.version),
            state=case.state,
            state_name=STATES[case.state],
            received_at=case.received_at,
            waits_for_link=case.waits_for_link,
            sent_by=senders[case.authority],
        )
        for case in cases
    ]


def _told(used: Usage) -> dict[str, Decimal | int | None]:
    return {"total": used.total, "change_percent": used.change, "compared_months": used.comparable}


def _come(delivery: InvoiceDelivery) -> InvoicesCome:
    return InvoicesCome(channel=delivery.channel, email=delivery.email)
