"""A whole office for a journey: database, scan folder, workflow engine, mail server, API."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from confirmations import outbox
from customers.customer_list import CustomerList, read_customers
from customers.importing import import_customers
from customers.register import InvoiceDelivery, delivery_on
from database.engine import transaction
from documents import loading, summaries
from documents.states import State
from environment import clock
from environment.settings import get_settings
from flows.sweep import intake_sweep
from forms.catalogue import form_by_code
from forms.kinds import Value
from specimens import names
from specimens.people import CustomerRow, invented_customers, values_for, write_customers
from tests.application import application
from tests.confirmations.conftest import Mailbox, gateway, mailbox, set_settings
from tests.registered import register_row

__all__ = ["gateway", "mailbox", "set_settings"]

_LINK = re.compile(r"(http://\S+)/potwierdzenie/(\S+)")


@dataclass
class Office:
    """What a test does and sees from outside."""

    inbox: Path
    mailbox: Mailbox
    api: TestClient
    people: list[CustomerRow]
    keys: int = field(default=0)

    def values(self, code: str, person: int = 0, **changed: Value) -> dict[str, Value]:
        """What a customer writes on that form today."""
        form = form_by_code(code)
        drawn = values_for(form, self.people[person], person, clock.today(), domains=names.SAFE_DOMAINS)
        return {**drawn, **({"date_signed": clock.today().isoformat()}), **changed}

    def drop(self, name: str, data: bytes) -> Path:
        """A scanner writes a file."""
        path = self.inbox / name
        path.write_bytes(data)
        return path

    def send(self, code: str, values: dict[str, Value]) -> str:
        """An online form; the tracking number."""
        online = {name: value for name, value in values.items() if name != "signature"}
        answer = self.api.post(f"/api/v1/forms/{code}/submissions", json=online)
        assert answer.status_code in {200, 201, 202}, answer.text
        return str(answer.json()["tracking"])

    def upload(self, name: str, data: bytes) -> str:
        """An upload; the tracking number."""
        answer = self.api.post("/api/v1/uploads", files={"file": (name, data)})
        assert answer.status_code in {200, 201, 202}, answer.text
        return str(answer.json()["tracking"])

    def work(self) -> None:
        """The engine takes in and works off all there is."""
        asyncio.run(intake_sweep())
        if any(path.is_file() for path in self.inbox.rglob("*")):
            asyncio.run(intake_sweep())  # the first look only noted the files, the second finds them unchanged

    def documents(self) -> list[dict[str, Any]]:
        """Every document's story, oldest first."""
        with transaction() as session:
            found = summaries.list_documents(session)
            stories = [summaries.story(session, document.tracking) for document in found]
        return sorted(stories, key=lambda story: str(story["received_at"]))

    def state(self, tracking: str) -> State:
        """Where a document is."""
        with transaction() as session:
            return loading.load(session, tracking).at

    def row(self, person: int = 0) -> dict[str, Any]:
        """A customer's row with account and consents."""
        with transaction() as session:
            found = register_row(session, self.people[person]["customer_no"])
        assert found is not None
        return found

    def delivery(self, person: int = 0, day: date | None = None) -> InvoiceDelivery:
        """How an invoice of that day goes to the customer."""
        with transaction() as session:
            return delivery_on(session, self.people[person]["customer_no"], day or clock.today())

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Mails that an address got."""
        return [mail for mail in self.mailbox.mails if mail["To"] == address]

    def letters(self) -> list[Path]:
        """Letters that wait to be printed."""
        return sorted(get_settings().outgoing.rglob("*.pdf"))

    def follow_link(self, mail: EmailMessage) -> None:
        """The owner of an address uses the link, for an account with a password."""
        body = mail.get_body(("plain",))
        assert body is not None
        found = _LINK.search(body.get_content())
        assert found is not None
        password = "żółte kalosze w deszczu"
        answer = self.api.post(f"/potwierdzenie/{found[2]}", data={"password": password, "again": password})
        assert answer.status_code == 200, answer.text
        outbox.deliver(transaction)

    def on_einvoice(self, person: int = 0) -> str:
        """The customer gets e-invoices already; gives the address. Messages so far are forgotten."""
        values = self.values("einvoice_acceptance", person)
        self.send("einvoice_acceptance", values)
        self.work()
        self.follow_link(self.mails_to(str(values["email"]))[0])
        assert self.delivery(person).channel == "email"
        self.mailbox.mails.clear()
        return str(values["email"])


def tomorrow() -> date:
    """The Polish local day after today."""
    return clock.today() + timedelta(days=1)


@cache
def _people() -> tuple[CustomerRow, ...]:
    drawn = invented_customers(60, 7, domains=names.SAFE_DOMAINS)
    return tuple([row for row in drawn if row["email"] and row["phone"] and row["pesel"]][:12])


@cache
def _listed() -> CustomerList:
    """As the company's list has them."""
    with tempfile.TemporaryDirectory() as folder:
        return read_customers(write_customers(_people(), Path(folder) / "customers.csv"))


@pytest.fixture
def office(
    engine: str,
    database: str,
    mailbox: Mailbox,
    set_settings: Callable[..., None],
) -> Iterator[Office]:
    """An office with twelve customers; no file must rest long before it is taken."""
    set_settings(intake_stable_seconds=0, intake_patience_seconds=0)
    with transaction() as session:
        import_customers(session, _listed().records)
    inbox = get_settings().inbox
    inbox.mkdir(parents=True, exist_ok=True)
    with TestClient(application(), base_url="http://ebok.example") as api:
        yield Office(inbox, mailbox, api, list(_people()))
