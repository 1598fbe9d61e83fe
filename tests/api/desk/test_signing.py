"""Staff sign in and out; strangers, other sites and pages of an earlier session are kept out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from access.passwords import hashed
from access.staff import Role, add_staff
from audit.tables import AuditEntry
from database.engine import transaction
from environment import clock
from environment.settings import get_settings
from tests.api.desk.staff import PASSWORD, Desk, browser, hire

SIGN_IN = "/biuro/logowanie"


def send(opened: TestClient, login: str = "ola", password: str = PASSWORD, **fields: str) -> Response:
    data = {"login": login, "haslo": password, **fields}
    return opened.post(SIGN_IN, data=data, follow_redirects=False)


def audited() -> list[tuple[str, str, str]]:
    with transaction() as session:
        rows = session.query(AuditEntry).order_by(AuditEntry.id).all()
        return [(row.actor, row.action, row.subject) for row in rows]


@pytest.mark.usefixtures("sqlite_database")
def test_after_signing_in_the_page_asked_for_opens_and_the_cookie_is_out_of_reach() -> None:
    hire("ola")
    opened = browser()
    sent_away = opened.get("/biuro/haslo?a=b", follow_redirects=False)
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, f"{SIGN_IN}?dalej=%2Fbiuro%2Fhaslo%3Fa%3Db")

    answer = send(opened, dalej="/biuro/haslo?a=b")

    assert (answer.status_code, answer.headers["location"]) == (303, "/biuro/haslo?a=b")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/biuro" in cookie
    assert "secure" not in cookie
    assert "Ola Wymyślona" in opened.get("/biuro/haslo").text


@pytest.mark.usefixtures("sqlite_database")
def test_where_the_public_address_is_https_the_cookie_goes_no_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()
    hire("ola")
    opened = TestClient(browser().app, base_url="https://ebok.example")
    assert "secure" in send(opened).headers["set-cookie"].lower()


@pytest.mark.usefixtures("sqlite_database")
def test_over_http_the_page_says_why_nobody_can_sign_in_there_and_where_it_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    monkeypatch.setenv("EBOK_DESK_URL", "https://biuro.example:8443")
    get_settings.cache_clear()
    hire("ola")
    opened = browser()
    page = opened.get("/biuro/").text
    assert "Tutaj nie da się zalogować" in page
    assert 'href="https://biuro.example:8443/biuro/"' in page
    assert 'name="haslo"' not in page
    refused = send(opened)
    assert (refused.status_code, refused.headers.get("set-cookie")) == (403, None)
    behind_a_proxy = opened.get("/biuro/", headers={"X-Forwarded-Proto": "https"}).text
    assert "Tutaj nie da się zalogować" not in behind_a_proxy
    assert 'name="haslo"' in behind_a_proxy


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("after", ["https://obcy.example/", "//obcy.example", "/biuro/\\obcy.example", "/wyslij"])
def test_signing_in_leads_to_no_other_place_than_the_desk(after: str) -> None:
    hire("ola")
    assert send(browser(), dalej=after).headers["location"] == "/biuro/"


@pytest.mark.usefixtures("sqlite_database")
def test_a_token_that_a_browser_brings_along_is_not_taken_over() -> None:
    hire("ola")
    opened = browser()
    opened.cookies.set("ebok_biuro", "podrzucony", domain="ebok.example", path="/biuro")
    assert "podrzucony" not in send(opened).headers["set-cookie"]


@pytest.mark.usefixtures("sqlite_database")
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer_and_are_noted_without_what_was_typed() -> None:
    hire("ola")
    wrong = send(browser(), password="nie to hasło")
    unknown = send(browser(), login="moje-tajne-hasło")

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace('value="ola"', "") == unknown.text.replace('value="moje-tajne-hasło"', "")
    assert "<title>Błąd: " in wrong.text
    assert audited() == [("unknown", "sign_in_failed", "staff:ola"), ("unknown", "sign_in_failed", "staff:-")]


@pytest.mark.usefixtures("sqlite_database")
def test_after_too_many_wrong_passwords_from_one_address_nobody_signs_in_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES_PER_CLIENT", "2")
    get_settings.cache_clear()
    hire("ola")
    for login in ("jan", "adam"):
        send(browser(), login=login)
    refused = send(browser())
    assert refused.status_code == 429
    assert "Odczekaj 15 minut" in refused.text
    assert "set-cookie" not in refused.headers


def test_signing_out_ends_the_session_on_the_server_too(desk: Callable[..., Desk]) -> None:
    ola = desk()
    token = ola.browser.cookies["ebok_biuro"]

    assert "Wylogowano" in ola.post("/biuro/wyloguj").text

    ola.browser.cookies.set("ebok_biuro", token, domain="ebok.example", path="/biuro")
    assert ola.browser.get("/biuro/haslo", follow_redirects=False).status_code == 303
    assert [action for _, action, _ in audited()] == ["signed_in", "signed_out"]


def test_signing_out_has_the_browser_forget_the_pictures_that_it_kept(desk: Callable[..., Desk]) -> None:
    first, *_ = desk().post("/biuro/wyloguj").history

    assert first.headers["clear-site-data"] == '"cache"'


@pytest.mark.parametrize("token", [None, "", "inny", "zażółć"])
def test_a_form_without_the_secret_of_its_session_is_refused(desk: Callable[..., Desk], token: str | None) -> None:
    ola = desk()
    refused = ola.browser.post("/biuro/wyloguj", data={} if token is None else {"csrf": token})
    assert refused.status_code == 403
    assert ola.browser.get("/biuro/haslo", follow_redirects=False).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://obcy.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 422),
        ({"Origin": "http://ebok.example"}, 422),
        ({}, 422),
    ],
)
@pytest.mark.usefixtures("sqlite_database")
def test_what_another_site_sends_is_refused(headers: dict[str, str], status: int) -> None:
    answer = browser().post(SIGN_IN, data={"login": "ola", "haslo": "x"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.usefixtures("sqlite_database")
def test_programs_may_call_the_api_from_wherever_they_are() -> None:
    answer = browser().post("/api/v1/email-proofs/nic", headers={"Origin": "https://obcy.example"})
    assert answer.status_code == 404


@pytest.mark.usefixtures("sqlite_database")
def test_who_comes_too_late_with_a_first_password_is_told_whom_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        add_staff(session, "ola", "Ola Wymyślona", Role.CLERK, hashed(PASSWORD))
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    refused = send(browser())
    assert refused.status_code == 422
    assert "straciło ważność" in refused.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "straciło ważność" not in send(browser(), password="inne hasło").text
    assert ("unknown", "sign_in_failed", "staff:ola") in audited()


@pytest.mark.usefixtures("sqlite_database")
def test_a_password_given_by_somebody_else_must_be_changed_first() -> None:
    with transaction() as session:
        add_staff(session, "ola", "Ola Wymyślona", Role.CLERK, hashed(PASSWORD))
    opened = browser()
    send(opened)
    ola = Desk(opened)
    assert opened.get("/biuro/szukaj", follow_redirects=False).headers["location"] == "/biuro/haslo"

    wrong = ola.post("/biuro/haslo", obecne="inne hasło", nowe="krótkie", powtorzone="x")
    assert wrong.status_code == 422
    for told in ("To nie jest obecne hasło", "co najmniej 12", "muszą być takie same"):
        assert told in wrong.text.replace("\N{NO-BREAK SPACE}", " ")
    new = "cztery żółte rowery"
    assert ola.post("/biuro/haslo", obecne=PASSWORD, nowe=new, powtorzone=new).request.url.path != "/biuro/haslo"
    assert opened.get("/biuro/szukaj", follow_redirects=False).status_code == 200
    assert send(browser()).status_code == 422
    assert send(browser(), password=new).status_code == 303
    assert ("clerk:ola", "staff_password_chosen", "staff:ola") in audited()
