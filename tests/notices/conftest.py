"""What tests of notices share: customers with an account, an invoice of October, a proven telephone, a set clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from benchmarks import office
from billing.tables import PAYMENTS, SETTLEMENTS, BillingDelivery
from confirmations.outbox import Delivered, deliver
from confirmations.tables import Message, MessageState
from customers.tables import Account, Customer
from database.engine import reading, transaction
from notices.judging import judge
from notices.tables import NoticePhone
from tests.billing.delivered import invoices, told
from tests.clocks import SetClock
from tests.confirmations.conftest import set_settings  # noqa: F401  a fixture
from tests.confirmations.recorder import Recorder

PHONE = "60070080{}"


@dataclass(frozen=True, slots=True)
class Told:
    """A customer with an account, and his invoice; it is issued on 31 October and due on 14 November 2026."""

    number: str
    login: str
    phone: str
    invoice: str


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    return SetClock(monkeypatch)


@pytest.fixture
def people(
    tmp_path: Path,
    database: str,
    at: SetClock,
    set_settings: Callable[..., None],  # noqa: F811
) -> list[Told]:
    """Three of them, who agreed to SMS and e-mails at sign-up and have paid nothing; it is 2 November, ten o'clock."""
    return _made(tmp_path, at, set_settings)


@pytest.fixture
def people_here(
    tmp_path: Path,
    sqlite_database: str,
    at: SetClock,
    set_settings: Callable[..., None],  # noqa: F811
) -> list[Told]:
    """The same, where the kind of database does not matter."""
    return _made(tmp_path, at, set_settings)


def _made(
    folder: Path,
    at: SetClock,
    set_settings: Callable[..., None],  # noqa: F811
) -> list[Told]:
    at("2026-11-02 10:00")
    set_settings(notices_from="2026-10-01", public_url="https://ebok.example")
    rows = invoices(told(folder / "delivery", 3, pdfs=False))
    made = [
        Told(row["customer_no"], f"k{place}@example.com", PHONE.format(place), row["invoice_no"])
        for place, row in enumerate(rows)
    ]
    assert {(row["issued_on"], row["due_on"]) for row in rows} == {("2026-10-31", "2026-11-14")}
    for one in made:
        office.open_account(one.number, one.login)
    with transaction() as session:
        session.execute(update(BillingDelivery).values(paid_until=date(2027, 12, 31)))
        session.execute(delete(PAYMENTS))
        session.execute(update(SETTLEMENTS).values(opening_balance=Decimal(0)))
        session.execute(update(Account).values(notify_sms=True, notify_email=True))
        for one in made:
            of_him = Account.customer_no == one.number
            session.execute(update(Account).where(of_him).values(phone=one.phone))
            session.execute(update(Customer).where(Customer.customer_no == one.number).values(phone=one.phone))
    return made


def pays(one: Told) -> None:
    """He pays more than he owes."""
    office.owe(one.number, "-9000.00")


def messages() -> list[Message]:
    with reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def states() -> list[str]:
    return [message.state for message in messages()]


def sent() -> list[str]:
    """Send what may leave; recipients of what left, in order."""
    deliver(channels=Recorder(), judge=judge)
    with reading() as session:
        found = select(Message).where(Message.state == MessageState.SENT.value)
        return sorted(one.recipient for one in session.scalars(found))


def deliveries() -> list[Delivered]:
    return deliver(channels=Recorder(), judge=judge)


def proven(one: Told, phone: str) -> None:
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.customer_no == one.number)).one()
        session.add(NoticePhone(account_id=account.id, phone=phone, proven_at=account.created_at))
