"""Reporting a reading without an account: two factors that agree, nothing told to who guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select, update

from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering.tables import ReportedReading
from customers.tables import Customer
from database.engine import reading, transaction
from environment import clock

METER = "W1234567-1"


def number(person: int = 0) -> str:
    return str(office.people()[person]["customer_no"])


@pytest.fixture
def visitor(lone_client: TestClient) -> TestClient:
    """A browser in which nobody is signed in; the customer's meter showed 240 ten days ago."""
    office.fill_register()
    add_meter(number(), METER)
    lone_client.headers["Accept"] = "text/html"
    return lone_client


def enter(client: TestClient, customer_no: str, secret: str) -> Response:
    answer: Response = client.post(
        "/odczyt", data={"customer_no": customer_no, "secret": secret}, follow_redirects=False
    )
    return answer


def report(client: TestClient, value: str, meter: str = METER) -> Response:
    sent = {"wodomierz": meter, "stan": value, "dzien": clock.today().isoformat(), "key": "k"}
    answer: Response = client.post("/odczyt/stan", data=sent, follow_redirects=False)
    return answer


@pytest.mark.parametrize("secret", [METER, "w1234567 1", "EMAIL"])
def test_number_and_meter_or_mailbox_open_the_form_and_the_reading_gets_a_number(
    visitor: TestClient, secret: str
) -> None:
    email = str(office.people()[0]["email"])
    assert "wystarczą numer klienta i numer wodomierza" in visitor.get("/").text.replace("\N{NO-BREAK SPACE}", " ")
    answer = enter(visitor, number(), email.upper() if secret == "EMAIL" else secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/odczyt/stan")
    page = visitor.get("/odczyt/stan").text
    assert METER in page
    assert not {str(office.people()[0][name]) for name in ("name", "street", "email")} & set(page.split('"'))
    done = report(visitor, "243")
    with reading() as session:
        (row,) = session.scalars(select(ReportedReading))
    assert (done.status_code, done.headers["location"]) == (303, f"/odczyt/przyjety/{row.number}")
    told = visitor.get(done.headers["location"]).text
    assert row.number in told and "przekażemy go do rozliczeń" in told
    assert not {number(), METER, "243"} & set(told.replace("<", " ").replace(">", " ").split())


def test_a_meter_s_number_opens_that_meter_only(visitor: TestClient) -> None:
    add_meter(number(), "W7")
    enter(visitor, number(), "W7")
    assert METER not in visitor.get("/odczyt/stan").text
    assert report(visitor, "243").status_code == 422


def test_whatever_is_wrong_gets_one_answer_and_tries_are_counted(visitor: TestClient) -> None:
    add_meter(number(1), "W7")
    wrong = enter(visitor, number(), "W7")
    nobody = enter(visitor, "99999999", METER)
    assert wrong.status_code == nobody.status_code == 422
    assert wrong.text.replace(number(), "") == nobody.text.replace("99999999", "")
    for _ in range(4):
        enter(visitor, number(), "zgadnij@example.com")
    assert enter(visitor, number(), METER).status_code == 429
    assert enter(visitor, number(1), "W7").status_code == 303, "others are not kept out by that"


def test_wrong_tries_of_a_stranger_keep_the_customer_out_nowhere_else_and_only_a_crowd_does(
    visitor: TestClient,
) -> None:
    places = [TestClient(visitor.app, base_url="http://ebok.example", client=(f"203.0.113.{at}", 5)) for at in range(7)]
    for at, stranger in enumerate(places[:6]):
        assert enter(places[6], number(), METER).status_code == 303, at
        answers = {enter(stranger, number(), "zgadnij@example.com").status_code for _ in range(5)}
        assert answers == {422}, at
        assert enter(stranger, number(), METER).status_code == 429
    assert enter(places[6], number(), METER).status_code == 429, "a crowd guesses"


def test_without_the_cookie_or_with_a_forged_or_late_one_there_is_no_form(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visitor.get("/odczyt/stan", follow_redirects=False).headers["location"] == "/odczyt"
    assert report(visitor, "243").headers["location"] == "/odczyt"
    enter(visitor, number(), METER)
    told = visitor.cookies["ebok_odczyt"]
    visitor.cookies.clear()
    for forged in (told.replace(number(), number(1)), told[:-1], "", "...."):
        answer = visitor.get("/odczyt/stan", headers={"Cookie": f"ebok_odczyt={forged}"}, follow_redirects=False)
        assert answer.headers.get("location") == "/odczyt", forged
    monkeypatch.setattr("api.meter_readings._OPEN", timedelta(seconds=-1))
    enter(visitor, number(), METER)
    assert visitor.get("/odczyt/stan", follow_redirects=False).headers["location"] == "/odczyt"


def test_an_unknown_number_of_a_reading_is_no_page(visitor: TestClient) -> None:
    assert visitor.get("/odczyt/przyjety/OD-7777-7777").status_code == 404


def test_a_post_code_opens_nothing(visitor: TestClient) -> None:
    with transaction() as session:
        session.execute(update(Customer).values(postcode="66470"))
    assert enter(visitor, number(), "66-470").status_code == 422
