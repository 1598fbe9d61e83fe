"""The account as JSON: a program signs in as a page does, and is told what the pages show."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api import answer_time
from api.account.access import SECRET
from api.portal.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from benchmarks.office import Paper
from billing.metering.history import shown_by
from billing.statement import invoices_of, payments_of
from confirmations.tables import Message
from customers.tables import Account, Customer
from database.engine import reading
from environment import clock
from environment.settings import get_settings
from portal.bills import bills_of
from portal.transfer import transfer_for
from tests.api.portal.programs import API, Program, caller, enter, program
from tests.application import application


@pytest.fixture
def account(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A customer with two months of invoices with pictures, signed in by the API."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    return program(*office.billed_accounts(1, months=2, pdfs=True)[0])


def test_a_program_signs_in_with_the_cookie_of_the_pages_and_out_again(account: Program) -> None:
    told = account.get("/session")
    assert told == {
        **{"customer_no": account.number, "login": account.login},
        **{"csrf_token": account.secret, "vouched": True},
    }
    assert account.number in account.client.get("/ebok/", headers={"Accept": "text/html"}).text, "one session for both"
    answer = enter(caller(), account.login)
    assert answer.status_code == 201
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    token = account.client.cookies[COOKIE]
    assert account.send("DELETE", "/session").status_code == 204
    account.client.cookies.set(COOKIE, token, domain="ebok.example", path="/")
    assert account.get("/overview", status=401)["title"] == "Zaloguj się"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike_and_counted_with_those_of_the_pages(
    account: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, unknown = enter(caller(), account.login, "nie to hasło"), enter(caller(), "nikt@example.com")
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text) == (422, unknown.text)
    assert "set-cookie" not in wrong.headers
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES", "1")
    get_settings.cache_clear()
    refused = enter(caller(), account.login)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    page = {"email": account.login, "password": office.PASSWORD}
    assert caller().post("/ebok/zaloguj", data=page).status_code == 429


def test_where_the_cookie_would_be_lost_nobody_is_signed_in(account: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()
    assert enter(caller(), account.login).status_code == 403
    by_tls = TestClient(application(), base_url="https://ebok.example")
    cookies = enter(by_tls, account.login).headers.get_list("set-cookie")
    assert all(cookie.startswith("__Host-") and "secure" in cookie.lower() for cookie in cookies)
    assert by_tls.get(f"{API}/session").status_code == 200


def test_a_change_without_the_secret_or_from_another_site_is_refused(account: Program) -> None:
    for method, address in (("DELETE", "/session"), ("DELETE", "/devices"), ("POST", "/closing")):
        for told in ({}, {SECRET: "nie ten"}, {SECRET: account.secret, "Sec-Fetch-Site": "cross-site"}):
            answer = account.client.request(method, f"{API}{address}", json={"password": "x"}, headers=told)
            assert answer.status_code == 403, (method, told)
    assert enter(caller(), account.login, **{"Origin": "https://obcy.example"}).status_code == 403
    assert account.get("/session")["login"] == account.login


def test_the_overview_and_its_parts_tell_what_the_pages_are_made_of(account: Program) -> None:
    office.owe(account.number, "1000.00")
    with reading() as session:
        bills = bills_of(session, account.number, clock.today())
        payments = payments_of(session, account.number, clock.today().replace(year=2000), clock.today())
        transfer = transfer_for(bills, account.number)
        name = session.get_one(Customer, account.number).name
    told = account.get("/overview")
    assert Decimal(told["balance"]["balance"]) == bills.balance
    assert told["balance"] == account.get("/balance")
    assert bills.paid_until is not None and told["balance"]["paid_until"] == bills.paid_until.isoformat()
    assert told["last_invoice"] == account.get("/invoices")[0]
    assert told["delivery"] == {"channel": "paper", "email": None}
    assert told["open_cases"] == account.get("/cases") == []
    consumption = account.get("/consumption")
    assert len(consumption.pop("months")) == 12
    assert told["consumption"] == consumption
    assert [Decimal(one["amount"]) for one in account.get("/payments")] == [one["amount"] for one in payments]
    assert transfer is not None
    assert account.get("/transfer")["transfer"] == {
        "bank_account": transfer.account,
        "amount": f"{transfer.amount:.2f}",
        "recipient": transfer.recipient,
        "title": transfer.title,
        "qr_text": transfer.code,
    }
    own = {"scope": None, "until": None}
    assert account.get("/customers") == [{"customer_no": account.number, "name": name, "present": True, **own}]
    office.owe(account.number, "-5000.00")
    assert account.get("/transfer") == {"transfer": None}


def test_invoices_are_filtered_and_told_one_by_one_with_their_files(account: Program) -> None:
    with reading() as session:
        rows = invoices_of(session, account.number)
        to_pay = {one.row["invoice_no"] for one in bills_of(session, account.number, clock.today()).to_pay}
    assert [one["invoice_no"] for one in account.get("/invoices")] == [row["invoice_no"] for row in rows]
    assert {one["invoice_no"] for one in account.get("/invoices?to_pay=true")} == to_pay
    assert account.get("/invoices?year=1999") == []
    assert account.get("/invoices?year=nic", status=422)["problems"][0]["field"] == "year"
    number = rows[0]["invoice_no"]
    told = account.get(f"/invoice?number={number}")
    assert Decimal(told["gross"]) == rows[0]["gross"] == sum(Decimal(one["gross"]) for one in told["positions"])
    picture = account.client.get(f"{API}/invoice.pdf?number={number}")
    assert picture.headers["content-type"] == "application/pdf"
    assert picture.content.startswith(b"%PDF")


def test_cases_of_his_are_told_and_the_forms_come_filled_in_without_pesel(account: Program) -> None:
    office.fill_register()
    person = office.people()[1]
    office.open_account(person["customer_no"], "osoba@example.com")
    his = program(person["customer_no"], "osoba@example.com")
    waits = office.waiting(Paper(person=1, doubtful=("email",)))
    (case,) = his.get("/cases")
    assert (case["tracking"], case["state_name"], case["waits_for_link"]) == (waits, "Sprawdza pracownik", False)
    told = his.client.get(f"{API}/cases/{waits}")
    assert told.json()["state"] == "in_review"
    assert person["email"] not in told.text
    assert account.get(f"/cases/{waits}", status=404)["title"] == "Nie ma takiej sprawy"
    assert account.get("/cases/nic", status=404)["title"] == "Nie ma takiej sprawy"
    forms = his.client.get(f"{API}/forms")
    (form,) = forms.json()
    assert form["code"] == "einvoice_acceptance"
    assert form["values"]["name"] == person["name"]
    assert person["pesel"] not in forms.text
    sent = his.client.post(
        form["submissions_url"], json=form["values"] | {"accept_terms": True, "pesel": person["pesel"]}
    )
    assert sent.status_code == 202, sent.text


def test_devices_are_listed_and_ended(account: Program) -> None:
    there = program(account.number, account.login)
    (other,) = [one["number"] for one in account.get("/devices") if not one["here"]]
    assert account.send("DELETE", f"/devices/{other}").status_code == 204
    assert account.send("DELETE", f"/devices/{other}").status_code == 404
    assert account.send("DELETE", f"/devices/{2**40}").status_code == 422
    assert there.client.get(f"{API}/session").status_code == 401
    assert account.send("DELETE", "/devices").status_code == 204
    assert account.client.get(f"{API}/session").status_code == 401


def test_what_weighs_more_asks_for_the_password_again(account: Program) -> None:
    asked = {"/data-export": {}, "/closing": {}, "/login-change": {"email": "nowy@example.com"}}
    for address, body in asked.items():
        refused = account.send("POST", address, body | {"password": "nie to hasło"})
        assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "password"), address
    proven = {"password": office.PASSWORD}
    packed = account.send("POST", "/data-export", proven)
    with ZipFile(BytesIO(packed.content)) as archive:
        assert json.loads(archive.read("index.json"))["customer_no"] == account.number
    wrong = account.send("POST", "/login-change", proven | {"email": "bez małpy"})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "email")
    assert account.send("POST", "/login-change", proven | {"email": "nowy@example.com"}).status_code == 202
    with reading() as session:
        assert session.scalars(select(Message.template)).all() == ["login_link"]
    assert account.send("POST", "/closing", proven).status_code == 204
    with reading() as session:
        assert session.scalars(select(Account)).all() == []
        audited = session.scalars(select(AuditEntry.action)).all()
    assert {"customer_exported", "account_closed"} <= set(audited)
    assert account.client.get(f"{API}/session").status_code == 401


def test_a_reading_is_reported_asked_about_and_told_with_what_becomes_of_it(account: Program) -> None:
    (meter,) = account.get("/meters")
    with reading() as session:
        ((_, shown),) = shown_by(session, [meter["meter_no"]]).items()
    last = int(shown[-1].value)
    wild = {"meter_no": meter["meter_no"], "value": last + 5000}
    asked = account.send("POST", "/readings", wild)
    assert (asked.status_code, asked.json()["problems"][0]["field"]) == (409, "value")
    taken = account.send("POST", "/readings", wild | {"confirmed": True})
    assert (taken.status_code, taken.json()["state"]) == (201, "waiting")
    again = account.send("POST", "/readings", wild | {"confirmed": True})
    assert again.json()["number"] == taken.json()["number"]
    assert [one["number"] for one in account.get("/readings")] == [taken.json()["number"]]
    assert account.send("POST", "/readings", wild | {"day": "2999-01-01"}).status_code == 422
    assert account.send("POST", "/readings", wild | {"meter_no": "W0"}).status_code == 404
    assert account.get("/leaks") == [], "two months are no history"
