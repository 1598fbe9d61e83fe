"""What the provider of identities, a browser or a stranger may do wrong on the way to it and back."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.desk.access import COOKIE
from cli import doctor
from environment import clock
from tests.api.desk.at_a_provider import AWAY, Use, at_the_provider, bound, leave, office, provider, through
from tests.api.desk.staff import Desk, browser, enter
from tests.identity_provider import Provider

__all__ = ["office", "provider"]


@pytest.mark.parametrize("lie", ["state", "nonce", "none", "other_key", "aud", "expired", "iss_parameter"])
def test_a_lie_lets_nobody_in_and_is_told_by_a_code_alone(
    office: Use, provider: Provider, lie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bound()
    opened = browser()
    provider.lie = lie
    answer = through(opened)
    assert answer.status_code == 403
    assert "nie jest odpowiedzią na to logowanie" in answer.text
    assert COOKIE not in opened.cookies
    logged = capsys.readouterr()
    assert provider.asked[-1]["state"] not in logged.out + logged.err + answer.text
    assert "Zaloguj się" in answer.text  # the password way stays


def test_a_browser_comes_back_once_and_only_the_one_that_left(office: Use) -> None:
    bound()
    opened = browser()
    back = at_the_provider(leave(opened))
    stranger = browser()
    assert stranger.get(back, follow_redirects=False).status_code == 409
    leave(stranger)
    assert stranger.get(back, follow_redirects=False).status_code == 403  # the address of another browser's sign-in
    assert COOKIE not in stranger.cookies
    assert opened.get(back, follow_redirects=False).status_code == 303
    opened.cookies.clear()
    assert opened.get(back, follow_redirects=False).status_code == 409


def test_who_stays_away_too_long_begins_anew(office: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    bound()
    opened = browser()
    back = at_the_provider(leave(opened))
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = opened.get(back, follow_redirects=False)
    assert answer.status_code == 409
    assert "trwało za długo" in answer.text


def test_who_stops_there_reads_it_and_can_use_the_password(office: Use, provider: Provider) -> None:
    bound()
    provider.lie = "access_denied"
    answer = through(browser())
    assert answer.status_code == 403
    assert "przerwane" in answer.text
    assert "tajne@example.com" not in answer.text


@pytest.mark.parametrize("lie", ["discovery_issuer", "discovery_html"])
def test_while_the_provider_does_not_answer_passwords_let_in_and_the_doctor_tells(
    office: Use, provider: Provider, lie: str
) -> None:
    bound()
    provider.lie = lie
    opened = browser()
    answer = opened.post(AWAY)
    assert answer.status_code == 503
    assert "zaloguj się hasłem" in answer.text
    assert [one.holds for one in doctor._provider()] == [False]
    enter(opened, "ola")
    assert COOKIE in opened.cookies
    provider.lie = ""
    assert [one.holds for one in doctor._provider()] == [True]


def test_a_secret_that_cannot_be_read_is_told_and_no_fault(office: Use, tmp_path: Path) -> None:
    office(oidc_client_secret_file=str(tmp_path / "nie ma"))
    opened = browser()
    assert opened.get("/biuro/logowanie").status_code == 200
    answer = opened.post(AWAY)
    assert answer.status_code == 503
    assert "secret_unreadable" in answer.text


@pytest.mark.parametrize("after", ["https://obcy.example/", "//obcy.example", "/biuro/\\obcy.example", "/wyslij"])
def test_the_way_leads_to_no_other_place_than_the_desk(office: Use, after: str) -> None:
    bound()
    assert through(browser(), dalej=after).headers["location"] == "/biuro/"


def test_under_another_address_than_its_own_the_desk_says_where_to_go(office: Use) -> None:
    office(desk_url="http://biuro.example:8443/")
    opened = browser()
    answer = opened.post(AWAY)
    assert answer.status_code == 409
    assert "http://biuro.example:8443/biuro/" in answer.text
    assert opened.get("http://biuro.example:8443/biuro/logowanie").status_code == 200  # an allowed name by itself


def test_a_page_of_another_site_sends_nobody_away(office: Use) -> None:
    assert browser().post(AWAY, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_one_address_begins_so_many_sign_ins_and_those_that_succeed_do_not_count(office: Use) -> None:
    office(sign_in_tries_per_client="3")
    bound()
    for _ in range(5):
        assert through(browser()).status_code == 303
    for _ in range(3):
        leave(browser())
    assert browser().post(AWAY).status_code == 429


def test_signing_out_says_that_the_provider_still_knows_the_person(office: Use, provider: Provider) -> None:
    bound()
    opened = browser()
    through(opened)
    page = Desk(opened).post("/biuro/wyloguj").text
    assert "nadal trwa" in page
    assert f'href="{provider.issuer}/wyloguj"' in page
    assert opened.get("/biuro/", follow_redirects=False).status_code == 303


def test_where_the_public_address_is_https_the_browsers_mark_is_bound_to_the_host(office: Use) -> None:
    office(public_url="https://ebok.example", desk_url="https://ebok.example")
    opened = TestClient(browser().app, base_url="https://ebok.example")
    answer = opened.post(AWAY)
    assert "__Host-ebok_dostawca=" in answer.headers["set-cookie"]
    assert "https%3A%2F%2Febok.example%2Fbiuro%2Flogowanie%2Fdostawca%2Fpowrot" in unescape(answer.text)
