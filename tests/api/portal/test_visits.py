"""Requests for a visit in the account and by the page of a case: seen, answered once, by nobody else."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api import answer_time
from benchmarks import office, visits
from customers.visit_view import Visit
from customers.visits import VisitState
from database.engine import reading
from portal.visits import visit_of_case
from tests.api.portal.conftest import Browser, signed_in, stranger

LOGIN = "wnioski@example.com"


@pytest.fixture
def owner(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    office.fill_register()
    return account_of(0, LOGIN)


def account_of(person: int, login: str) -> Browser:
    number = office.people()[person]["customer_no"]
    office.open_account(number, login)
    return signed_in(number, login)


def now_is(tracking: str) -> Visit:
    with reading() as session:
        found = visit_of_case(session, tracking)
    assert found is not None
    return found


def proposed() -> str:
    tracking = visits.asked("tank_collection")
    visits.decided(tracking, "propose", visits.day_to_come())
    return tracking


def opened_case(tracking: str) -> TestClient:
    """A browser without an account to which the page of the case is open."""
    browser = stranger()
    browser.post("/sprawa", data={"tracking": tracking, "secret": office.people()[0]["postcode"]})
    return browser


def test_an_owner_begins_a_request_with_what_we_know_of_him(owner: Browser) -> None:
    begun = owner.post("/ebok/wnioski/nowy/tank_collection")
    assert begun.status_code == 303
    assert begun.headers["location"].startswith("/formularze/tank_collection/")
    assert office.people()[0]["name"] in owner.read(begun.headers["location"])
    assert owner.post("/ebok/wnioski/nowy/ebok_signup").status_code == 404


def test_an_owner_sees_his_request_in_words_and_agrees_to_the_day(owner: Browser) -> None:
    assert "Nie ma tu jeszcze żadnego wniosku" in owner.read("/ebok/wnioski")
    tracking = proposed()
    assert "Czeka na Ciebie" in owner.read("/ebok/wnioski")
    for _ in range(2):
        done = owner.post(f"/ebok/wnioski/{tracking}", co="pasuje", krok="1")
        assert (done.status_code, done.headers["location"]) == (303, "/ebok/wnioski?zrobione=pasuje")
    assert now_is(tracking).state is VisitState.AGREED
    assert "Wizyta umówiona" in owner.read("/ebok/wnioski")


def test_another_day_must_be_one_that_can_be_had(owner: Browser) -> None:
    tracking = proposed()
    refused = owner.post(f"/ebok/wnioski/{tracking}", co="inny", krok="1", dzien="2026-01-06")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    day = visits.day_to_come(6)
    owner.post(f"/ebok/wnioski/{tracking}", co="inny", krok="1", dzien=day.isoformat(), uwagi="po południu")
    visit = now_is(tracking)
    assert (visit.state, visit.wished_on, visit.wish) == (VisitState.ASKED, day, "po południu")


def test_a_page_that_is_no_longer_true_changes_nothing(owner: Browser) -> None:
    tracking = proposed()
    visits.decided(tracking, "propose", visits.day_to_come(8))
    refused = owner.post(f"/ebok/wnioski/{tracking}", co="pasuje", krok="1")
    assert refused.status_code == 422
    assert now_is(tracking).state is VisitState.PROPOSED
    assert owner.post(f"/ebok/wnioski/{tracking}", co="pasuje", krok="9" * 5000).status_code == 422
    assert owner.post(f"/ebok/wnioski/{tracking}", co="x", krok="2").status_code == 422


def test_nobody_answers_for_somebody_else(owner: Browser) -> None:
    tracking, other = proposed(), account_of(1, "inny@example.com")
    for number in (tracking, "7777-7777", "nic"):
        refused = other.post(f"/ebok/wnioski/{number}", co="rezygnuje", krok="1")
        assert refused.status_code == 404
    assert now_is(tracking).state is VisitState.PROPOSED
    assert tracking not in other.read("/ebok/wnioski")


def test_without_an_account_the_page_of_the_case_takes_the_answer(owner: Browser) -> None:
    tracking = proposed()
    case = opened_case(tracking)
    page = case.get(f"/sprawa/{tracking}").text
    assert "Czeka na Ciebie" in page.replace("\N{NO-BREAK SPACE}", " ")
    wrong = case.post(f"/sprawa/{tracking}/wizyta", data={"co": "inny", "krok": "1", "dzien": "wczoraj"})
    assert wrong.status_code == 422
    done = case.post(f"/sprawa/{tracking}/wizyta", data={"co": "rezygnuje", "krok": "1"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"/sprawa/{tracking}")
    assert now_is(tracking).state is VisitState.CANCELLED
    assert "Odwołane" in case.get(f"/sprawa/{tracking}").text


def test_a_browser_to_which_the_case_is_closed_answers_nothing(owner: Browser) -> None:
    tracking = proposed()
    sent = {"co": "rezygnuje", "krok": "1"}
    refused = stranger().post(f"/sprawa/{tracking}/wizyta", data=sent, follow_redirects=False)
    assert (refused.status_code, refused.headers["location"]) == (303, "/sprawa")
    assert now_is(tracking).state is VisitState.PROPOSED


def test_a_program_gets_and_answers_what_the_page_shows(owner: Browser) -> None:
    tracking, day = proposed(), visits.day_to_come(7)
    secret = owner.client.get("/api/v1/account/session").json()["csrf_token"]
    (told,) = owner.client.get("/api/v1/account/visits").json()
    assert (told["tracking"], told["state"], told["step"]) == (tracking, "proposed", 1)

    def said(status: int, number: str = tracking, **body: object) -> None:
        sent = {"step": 1, **body}
        address = f"/api/v1/account/visits/{number}/answer"
        refused = owner.client.post(address, json=sent)
        assert refused.status_code == 403, "without the secret of the session"
        assert owner.client.post(address, json=sent, headers={"X-CSRF-Token": secret}).status_code == status

    said(422, answer="wish", day="2026-01-06")
    said(422, answer="perhaps")
    said(404, "7777-7777", answer="agree")
    for _ in range(2):
        said(204, answer="wish", day=day.isoformat(), note="po południu")
    visit = now_is(tracking)
    assert (visit.state, visit.wished_on, visit.wish, visit.step) == (VisitState.ASKED, day, "po południu", 2)
