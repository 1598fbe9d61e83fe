"""Customers sign in and out; strangers, other sites and pages of an earlier session are kept out."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api import answer_time
from api.portal.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from database.engine import reading
from environment.settings import get_settings
from tests.api.portal.conftest import signed_in, stranger
from tests.clocks import SetClock

SIGN_IN = "/ebok/zaloguj"
LOGIN = "klient@example.com"


@pytest.fixture
def number(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A customer with an account."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    office.fill_register()
    number = office.people()[0]["customer_no"]
    office.open_account(number, LOGIN)
    return number


def send(opened: TestClient, email: str = LOGIN, password: str = office.PASSWORD, **fields: str) -> Response:
    return opened.post(SIGN_IN, data={"email": email, "password": password, **fields}, follow_redirects=False)


def audited() -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = session.query(AuditEntry).order_by(AuditEntry.id).all()
        return [(row.actor, row.action, row.subject) for row in rows if row.action.startswith("account_")]


def test_after_signing_in_the_page_asked_for_opens_and_the_cookie_is_out_of_reach(number: str) -> None:
    opened = stranger()
    sent_away = opened.get("/ebok/faktury?rok=2026", follow_redirects=False)
    told = f"{SIGN_IN}?dalej=%2Febok%2Ffaktury%3Frok%3D2026"
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, told)
    answer = send(opened, dalej="/ebok/faktury?rok=2026")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ebok/faktury?rok=2026")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age" not in cookie
    assert number in opened.get("/ebok/").text
    assert opened.get(SIGN_IN, follow_redirects=False).headers["location"] == "/ebok/"
    assert audited() == [("customer", "account_signed_in", f"customer:{number}")]


@pytest.mark.usefixtures("number")
def test_where_the_public_address_is_https_the_cookie_goes_no_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()
    refused = send(stranger())
    assert (refused.status_code, refused.headers.get("set-cookie")) == (403, None)
    assert "Tutaj nie da się zalogować" in refused.text
    assert 'href="https://ebok.example/ebok/"' in refused.text
    opened = TestClient(stranger().app, base_url="https://ebok.example")
    for cookie in send(opened).headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert "secure" in cookie.lower()


@pytest.mark.usefixtures("number")
@pytest.mark.parametrize("after", ["https://obcy.example/", "//obcy.example", "/ebok/\\obcy.example", "/biuro/"])
def test_signing_in_leads_to_no_other_place_than_the_account(after: str) -> None:
    assert send(stranger(), dalej=after).headers["location"] == "/ebok/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer_and_the_address_is_noted_nowhere(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, unknown = send(stranger(), password="nie to hasło"), send(stranger(), email="nikt@example.com")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text == unknown.text.replace("nikt@example.com", LOGIN)
    assert "<title>Błąd: " in wrong.text
    assert "set-cookie" not in wrong.headers
    assert audited() == [("unknown", "account_sign_in_failed", f"customer:{number}")]
    told = "".join(capsys.readouterr())
    assert LOGIN not in told
    assert "nikt@example.com" not in told


@pytest.mark.usefixtures("number")
def test_after_too_many_wrong_passwords_the_page_says_how_long_and_what_works_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES", "1")
    get_settings.cache_clear()
    send(stranger(), password="nie to hasło")
    refused = send(stranger())
    assert refused.status_code == 429
    assert "wybierz nowe hasło" in refused.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "set-cookie" not in refused.headers


def test_signing_out_ends_the_session_on_the_server_too(number: str) -> None:
    opened = signed_in(number, LOGIN)
    token = opened.client.cookies[COOKIE]
    answer = opened.post("/ebok/wyloguj")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SIGN_IN}?wylogowano=1")
    again = stranger()
    again.cookies.set(COOKIE, token, domain="ebok.example", path="/")
    assert again.get("/ebok/", follow_redirects=False).status_code == 303


def test_who_sits_there_next_is_not_led_to_a_form_that_was_filled_in_and_its_address_ends_soon(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = SetClock(monkeypatch)
    at("2026-11-30 10:00")
    opened = signed_in(number, LOGIN)
    begun = opened.post("/ebok/formularze/einvoice_acceptance").headers["location"]
    going_on = opened.client.get(begun)
    assert number in going_on.text
    assert opened.client.get("/formularze/einvoice_acceptance", follow_redirects=False).headers["location"] == begun
    opened.post("/ebok/wyloguj")
    assert number not in opened.client.get("/formularze/einvoice_acceptance").text
    at("2026-11-30 11:01")
    gone = opened.client.get(begun)
    assert gone.status_code == 404
    assert number not in gone.text


def test_a_filled_in_form_that_he_goes_on_with_is_kept_as_long_as_any(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = SetClock(monkeypatch)
    at("2026-11-30 10:00")
    opened = signed_in(number, LOGIN)
    begun = opened.post("/ebok/formularze/einvoice_acceptance").headers["location"]
    assert opened.client.post(begun, data={"name": "Jan", "dalej": "pozniej"}).status_code == 200
    at("2026-12-01 10:00")
    assert opened.client.get(begun).status_code == 200


def test_a_form_without_the_secret_of_its_session_and_one_of_another_site_are_refused(number: str) -> None:
    opened, other = signed_in(number, LOGIN), signed_in(number, LOGIN)
    for address in ("/ebok/wyloguj", "/ebok/konto/urzadzenia/wyloguj", "/ebok/formularze/einvoice_acceptance"):
        assert opened.client.post(address).status_code == 403
        assert opened.client.post(address, data={"csrf": other.csrf}).status_code == 403
        strange = {"Sec-Fetch-Site": "cross-site"}
        assert opened.client.post(address, data={"csrf": opened.csrf}, headers=strange).status_code == 403
    assert opened.read("/ebok/konto").count("to urządzenie") == 1


def test_all_devices_are_listed_and_ended_one_by_one_or_together(number: str) -> None:
    here, there = signed_in(number, LOGIN), signed_in(number, LOGIN)
    page = here.read("/ebok/konto")
    assert page.count("Chrome, Linux</strong>") == 2
    (address,) = {part.split('"')[0] for part in page.split('action="')[1:] if "/urzadzenia/" in part.split('"')[0]} - {
        "/ebok/konto/urzadzenia/wyloguj"
    }
    assert here.post(address).headers["location"] == "/ebok/konto?zakonczone=1"
    assert there.client.get("/ebok/", follow_redirects=False).status_code == 303
    here.post("/ebok/konto/urzadzenia/wyloguj")
    assert here.client.get("/ebok/", follow_redirects=False).status_code == 303
    assert audited()[-1] == ("customer", "account_signed_out_everywhere", f"customer:{number}")


def test_a_browser_that_is_to_forget_keeps_nothing_and_its_session_is_over(number: str) -> None:
    opened = stranger()
    send(opened)
    token = opened.cookies[COOKIE]
    assert "ebok_urzadzenie_konta" in opened.cookies
    page = opened.get("/prywatnosc").text.replace("\N{NO-BREAK SPACE}", " ")
    assert 'action="/ebok/zapomnij"' in page
    refused = opened.post("/ebok/zapomnij", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    forgotten = opened.post("/ebok/zapomnij")
    assert forgotten.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert not set(opened.cookies) & {COOKIE, "ebok_urzadzenie_konta"}
    again = signed_in(number, LOGIN).client
    again.cookies.set(COOKIE, token, domain="ebok.example", path="/")
    assert again.get("/ebok/", follow_redirects=False).status_code == 303
    assert stranger().post("/ebok/zapomnij").status_code == 200
