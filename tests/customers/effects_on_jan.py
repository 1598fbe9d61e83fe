"""Effects on one customer of the register, and how they are looked at afterwards."""

from __future__ import annotations

from datetime import date, timedelta

from customers.outcome import Outcome
from customers.register import InvoiceDelivery, delivery_on
from database.engine import transaction
from tests.customers.samples import JAN, RECEIVED, acceptance, applied, proven
from tests.registered import register_row

NO = JAN.customer_no
RECEIVED_ON = date(2025, 3, 30)
LATER = RECEIVED + timedelta(hours=1)


def row() -> dict[str, object]:
    with transaction() as session:
        found = register_row(session, NO)
    assert found is not None
    return found


def delivery(day: date) -> InvoiceDelivery:
    with transaction() as session:
        return delivery_on(session, NO, day)


def result(outcome: Outcome) -> tuple[str, str]:
    return outcome.kind, outcome.code


def with_einvoice(email: str = "nowa@example.com") -> None:
    proven(applied(acceptance(email), "START"))


def facts(outcome: Outcome) -> dict[str, object]:
    return dict(outcome.facts)
