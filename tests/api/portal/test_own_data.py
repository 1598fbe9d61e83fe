"""The owner of an account takes his data along and closes it; both only with the password."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from api.portal.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from billing.statement import everything_of
from confirmations import outbox
from confirmations.tables import Message
from customers.tables import Account, AccountSession, Consent
from database.engine import reading, transaction
from environment.clock import today
from environment.settings import get_settings
from readers import scratch
from tests.api.portal.conftest import Browser, signed_in, stranger

Accounts = tuple[Browser, Browser]


@pytest.mark.parametrize("address", ["/ebok/konto/dane", "/ebok/konto/zamknij"])
def test_without_the_password_nothing_is_given_and_nothing_closed(accounts: Accounts, address: str) -> None:
    customer, _ = accounts
    assert "Twoje hasło" in customer.read(address)
    for password in ("", "nie to hasło"):
        refused = customer.post(address, password=password)
        assert refused.status_code == 422
        assert refused.headers["content-type"].startswith("text/html")
        assert "To nie jest hasło" in refused.text.replace("\N{NO-BREAK SPACE}", " ")
    assert customer.read("/ebok/")


def test_guessing_there_counts_as_guessing_at_the_door(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, _ = accounts
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES", "2")
    get_settings.cache_clear()
    for _ in range(2):
        customer.post("/ebok/konto/dane", password="nie to hasło")
    assert "Odczekaj" in customer.post("/ebok/konto/dane", password=office.PASSWORD).text
    late = stranger().post("/ebok/zaloguj", data={"email": customer.login, "password": office.PASSWORD})
    assert late.status_code == 429


def test_all_that_is_held_comes_as_one_file_and_nothing_of_it_stays_on_the_disk(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, other = accounts
    made: list[scratch.Scratch] = []
    real = scratch.Scratch.__init__
    monkeypatch.setattr(scratch.Scratch, "__init__", lambda self: (real(self), made.append(self))[0])
    answer = customer.post("/ebok/konto/dane", password=office.PASSWORD)
    assert answer.headers["content-disposition"] == f'attachment; filename="ebok-moje-dane-{today()}.zip"'
    with ZipFile(BytesIO(answer.content)) as packed, reading() as session:
        told = json.loads(packed.read("index.json"))
        invoices = everything_of(session, customer.number)["invoices"]
        assert told["customer_no"] == customer.number
        assert len([name for name in packed.namelist() if name.endswith(".pdf")]) == len(invoices)
        assert all(other.number.encode() not in packed.read(name) for name in ("index.json", "index.html"))
    assert [one.path.exists() for one in made] == [False]
    with reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "customer_exported"))
        assert (entry.actor, entry.subject) == ("customer", f"customer:{customer.number}")
    answers = [customer.post("/ebok/konto/dane", password=office.PASSWORD).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.usefixtures("accounts")
def test_a_closed_account_is_gone_with_its_sessions_and_its_owner_is_told() -> None:
    office.fill_register()
    office.worked_off(office.online("ebok_signup", 4))
    link, person = office.link_to(4), office.people()[4]
    opened = stranger()
    opened.post(link, data={"password": office.PASSWORD, "again": office.PASSWORD})
    customer = Browser(person["customer_no"], person["email"], opened)
    elsewhere = signed_in(person["customer_no"], person["email"])
    answer = customer.post("/ebok/konto/zamknij", password=office.PASSWORD)
    assert "Konto jest zamknięte" in answer.text
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert elsewhere.client.get("/ebok/", follow_redirects=False).status_code == 303
    late = stranger().post("/ebok/zaloguj", data={"email": person["email"], "password": office.PASSWORD})
    assert late.status_code == 422
    with reading() as session:
        of_him = Account.customer_no == person["customer_no"]
        assert session.scalars(select(Account).where(of_him)).all() == []
        (consent,) = session.scalars(select(Consent).where(Consent.customer_no == person["customer_no"]))
        assert (consent.subject, consent.effective_to, consent.withdrawn) == ("account", today(), True)
        assert len(session.scalars(select(AccountSession)).all()) == 2, "those of the others"
        (told,) = session.scalars(select(Message).where(Message.template == "account_closed"))
        assert told.recipient == person["email"]
    outbox.deliver(transaction)
    assert "jest zamknięte" in office.mails_to(person["email"])[-1]["Subject"]
