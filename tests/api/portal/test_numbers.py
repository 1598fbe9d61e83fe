"""Several numbers in one account: pages are about the one that was chosen, and so are the forms on them."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from benchmarks import office
from billing.statement import everything_of
from confirmations.message import account_address
from customers.tables import AccountNumber, Customer
from database.engine import reading, transaction
from environment.settings import get_settings
from portal.numbers import ASKED_FOR
from tests.api.portal.conftest import Browser, stranger
from tests.api.portal.test_others import secrets_of

Accounts = tuple[Browser, Browser]


def free(other: Browser, login: str) -> dict[str, str]:
    """Leave the other's number without an account, its mailbox that of the login; what stands on its invoice."""
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == other.number).values(email=login))
        row = session.get_one(Customer, other.number)
        typed = {name: str(getattr(row, name)) for name in ASKED_FOR}
    other.post("/ebok/konto/zamknij", password=office.PASSWORD)
    return typed


def test_a_further_number_is_chosen_above_every_page_and_pages_show_it_alone(accounts: Accounts) -> None:
    me, other = accounts
    first = me.read("/ebok/faktury")
    assert 'action="/ebok/numer"' not in first, "with one number there is nothing to choose"
    theirs = secrets_of(other.number) - {other.number}
    assert me.post("/ebok/konto/numery/dodaj", **free(other, me.login)).headers["location"].endswith("?dodany")
    kept = me.csrf
    assert 'action="/ebok/numer"' in me.read("/ebok/zuzycie")
    assert not {text for text in theirs if text in me.read("/ebok/faktury")}
    chosen = me.post("/ebok/numer", numer=other.number, dalej="/ebok/faktury")
    assert chosen.headers["location"] == "/ebok/faktury"
    assert {text for text in theirs if "FV" in text and text in me.read("/ebok/faktury")}
    assert not {text for text in secrets_of(me.number) - {me.number} if text in me.read("/ebok/faktury")}
    tab = me.client.post("/ebok/formularze/einvoice_acceptance", data={"csrf": kept}, follow_redirects=False)
    assert tab.status_code == 403, "a page about the other number, open in another tab, does nothing here"
    assert me.post("/ebok/numer", numer=me.number, dalej="https://example.com/").headers["location"] == "/ebok/"
    me.post("/ebok/konto/numery/usun", numer=other.number)
    assert 'action="/ebok/numer"' not in me.read("/ebok/zuzycie")


def offered(page: str) -> str:
    """Where the page leads that offers to change to another number."""
    assert "dotyczy numeru klienta" in page
    found = re.search(r'name="cel" value="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_what_belongs_to_another_of_his_numbers_is_said_to_and_one_button_leads_there(accounts: Accounts) -> None:
    me, other = accounts
    with reading() as session:
        theirs = everything_of(session, other.number)["invoices"][0]["invoice_no"]
    me.post("/ebok/konto/numery/dodaj", **free(other, me.login))
    for address in ("/ebok/faktura", "/ebok/faktura.pdf", "/ebok/zaplac"):
        page = me.read(f"{address}?{urlencode({'nr': theirs})}")
        assert other.number in page and theirs not in re.sub(r'name="cel".*', "", page)
        assert offered(page) == f"{address}?{urlencode({'nr': theirs})}"
    assert me.client.get("/ebok/faktura?nr=FV/0/0/0").status_code == 404
    program = me.client.get(f"/ebok/faktura?{urlencode({'nr': theirs})}", headers={"Accept": "application/json"})
    assert program.status_code == 404
    went = me.post("/ebok/numer", numer=other.number, cel=offered(me.read(f"/ebok/faktura?nr={theirs}")))
    assert theirs in me.read(went.headers["location"])
    assert me.post("/ebok/numer", numer=me.number, cel="https://example.com/").headers["location"] == "/ebok/"


def test_an_address_in_a_message_shows_the_number_that_the_message_was_about_or_none(accounts: Accounts) -> None:
    me, other = accounts
    typed = free(other, me.login)
    address = account_address("faktury", other.number).split("/", 3)[3]
    assert other.number not in address
    assert me.client.get(f"/{address}").status_code == 404, "a number that is not his"
    me.post("/ebok/konto/numery/dodaj", **typed)
    assert offered(me.read(f"/{address}")) == "/ebok/faktury"
    me.post("/ebok/numer", numer=other.number)
    assert "dotyczy numeru klienta" not in me.read(f"/{address}")
    me.post("/ebok/konto/numery/usun", numer=other.number)
    assert me.client.get(f"/{address}").status_code == 404, "his no more"
    assert me.client.get("/ebok/faktury?dla=zażółć").status_code == 404
    led = stranger().get(f"/{address}", follow_redirects=False).headers["location"]
    assert "dla%3D" in led, "what the message was about outlives the sign-in"


def test_a_question_of_another_of_his_numbers_is_found_there(accounts: Accounts) -> None:
    me, other = accounts
    asked = other.post("/ebok/pytania", kind="other", text="Kiedy odczyt?", key="k1").headers["location"]
    number = asked.partition("?")[0]
    assert me.client.get(number).status_code == 404
    me.post("/ebok/konto/numery/dodaj", **free(other, me.login))
    assert offered(me.read(number)) == number


def test_a_number_that_is_removed_while_it_is_looked_at_is_looked_at_no_more(accounts: Accounts) -> None:
    me, other = accounts
    me.post("/ebok/konto/numery/dodaj", **free(other, me.login))
    me.post("/ebok/numer", numer=other.number)
    me.post("/ebok/konto/numery/usun", numer=other.number)
    assert other.number not in me.read("/ebok/")
    me.post("/ebok/numer", numer=other.number)
    assert other.number not in me.read("/ebok/")


def test_who_guesses_is_told_the_same_whether_there_is_such_a_number(accounts: Accounts) -> None:
    me, other = accounts
    with reading() as session:
        right = {name: str(getattr(session.get_one(Customer, other.number), name)) for name in ASKED_FOR}
    answers = [
        me.post("/ebok/konto/numery/dodaj", **typed)
        for typed in (right, right | {"name": "Ktoś Inny"}, right | {"customer_no": "99999999"})
    ]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, "/ebok/konto/numery?czeka")}
    page = me.read("/ebok/konto/numery?czeka")
    assert page.count("sprawdza biuro") == 2
    assert right["name"] not in page


def test_guesses_of_a_day_are_counted(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_NUMBERS_PER_DAY", "2")
    get_settings.cache_clear()
    me, _ = accounts
    fields = {"name": "Ktoś Inny", "postcode": "66-470"}
    asked = [me.post("/ebok/konto/numery/dodaj", customer_no=f"9999999{place}", **fields) for place in range(3)]
    assert [one.status_code for one in asked] == [303, 303, 429]
    with reading() as session:
        assert len(session.scalars(select(AccountNumber)).all()) == 2
    assert me.post("/ebok/konto/numery/dodaj", customer_no="12", name="", postcode="").status_code == 422
