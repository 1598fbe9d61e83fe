"""The second factor and the sessions of one's own, as the pages of the desk have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from access.staff import Role
from api.browsers import browser_of
from audit.tables import AuditEntry
from database.engine import transaction
from environment import clock
from tests.api.desk.staff import PASSWORD, Desk, browser, enter, hire

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
SIGN_IN, CODE, FACTOR, SESSIONS = "/biuro/logowanie", "/biuro/kod", "/biuro/drugi-skladnik", "/biuro/zalogowania"


def begin(login: str = "ada", agent: str = FIREFOX, **fields: str) -> TestClient:
    """A browser in which the password was right."""
    opened = browser()
    opened.headers["user-agent"] = agent
    sent = {"login": login, "haslo": PASSWORD, **fields}
    assert opened.post(SIGN_IN, data=sent, follow_redirects=False).status_code == 303
    return opened


def give(opened: TestClient, code: str, after: str = "/biuro/") -> Response:
    csrf = re.search(r'name="csrf" value="([^"]+)"', opened.get(CODE).text)
    assert csrf is not None
    return opened.post(CODE, data={"csrf": csrf[1], "kod": code, "dalej": after}, follow_redirects=False)


def secret_on(page: str) -> str:
    found = re.search(r'id="klucz">([^<]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r'<code class="secret">([^<]+)</code>', page)


def leads(opened: TestClient, address: str) -> str | None:
    """Where a page leads somebody instead of opening."""
    return opened.get(address, follow_redirects=False).headers.get("location")


def audited() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(row.actor, row.action) for row in session.query(AuditEntry).order_by(AuditEntry.id)]


@pytest.mark.usefixtures("sqlite_database")
def test_who_must_have_a_second_factor_comes_nowhere_before_it_is_set_up() -> None:
    hire("ada", Role.ADMINISTRATOR)
    opened = begin()
    for address in ("/biuro/", "/biuro/konta", "/biuro/szukaj", SESSIONS, "/biuro/sprawy/K7M4-PX9A"):
        assert leads(opened, address) == FACTOR
    page = opened.get(FACTOR)
    assert "konta" not in page.text, "no way to other pages"
    ada = Desk(opened)
    wrong = ada.post(FACTOR, kod="000000")
    assert wrong.status_code == 422
    assert secret_on(wrong.text) == secret_on(page.text)
    done = ada.post(FACTOR, kod=pyotp.TOTP(secret_on(page.text)).now())
    assert len(codes_on(done.text)) == 10
    assert opened.get("/biuro/konta").status_code == 200
    assert secret_on(page.text) not in opened.get(FACTOR).text
    assert not set(codes_on(done.text)) & set(codes_on(opened.get(FACTOR).text))
    assert audited() == [("clerk:ada", "signed_in"), ("clerk:ada", "second_factor_set_up")]


@pytest.mark.usefixtures("sqlite_database")
def test_the_password_alone_opens_nothing_of_who_has_a_second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    hire("ada", Role.ADMINISTRATOR)
    first = Desk(begin())
    secret = secret_on(first.browser.get(FACTOR).text)
    first.post(FACTOR, kod=pyotp.TOTP(secret).now())
    opened = begin(agent=EDGE)
    for address in ("/biuro/konta", "/biuro/haslo", FACTOR, SESSIONS):
        assert leads(opened, address) == f"{CODE}?dalej={address.replace('/', '%2F')}"
    csrf = re.search(r'name="csrf" value="([^"]+)"', opened.get(CODE).text)
    assert csrf is not None
    for address in ("/biuro/haslo", FACTOR, f"{FACTOR}/kody", f"{SESSIONS}/inne/zakoncz", "/biuro/konta"):
        answer = opened.post(address, data={"csrf": csrf[1]}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"][: len(CODE)]) == (303, CODE)
    assert "ebok_urzadzenie" not in opened.cookies
    assert "hasło dobre, bez kodu" in first.browser.get(SESSIONS).text

    wrong = give(opened, "000000", "/biuro/konta")
    assert wrong.status_code == 422
    assert "Ten kod jest niepoprawny" in wrong.text
    later = clock.now() + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    right = give(opened, pyotp.TOTP(secret).at(later), "/biuro/konta")
    assert right.headers["location"] == "/biuro/konta"
    assert "ebok_urzadzenie" in opened.cookies
    assert opened.get("/biuro/konta").status_code == 200
    assert audited()[-3:] == [
        ("clerk:ada", "signed_in"),
        ("unknown", "second_factor_failed"),
        ("clerk:ada", "second_factor_given"),
    ]


@pytest.mark.usefixtures("sqlite_database")
def test_codes_are_not_to_be_guessed() -> None:
    hire("ada", Role.ADMINISTRATOR)
    enter(browser(), "ada")
    opened = begin()
    assert [give(opened, f"00000{number}").status_code for number in range(6)] == [422] * 5 + [429]
    refused = give(opened, "000000")
    assert "Odczekaj 15 minut" in refused.text
    assert "odblokował" in refused.text


@pytest.mark.usefixtures("sqlite_database")
def test_after_the_code_no_other_place_than_the_desk_opens() -> None:
    hire("ada", Role.ADMINISTRATOR)
    first = Desk(begin())
    codes = codes_on(first.post(FACTOR, kod=pyotp.TOTP(secret_on(first.browser.get(FACTOR).text)).now()).text)
    assert give(begin(), codes[0], "https://obcy.example/").headers["location"] == "/biuro/"
    for code in codes[1:6]:
        assert give(begin(), code).headers["location"] == "/biuro/"
    assert give(begin(), codes[6]).headers["location"] == f"{FACTOR}?malo=1", "few codes are left"
    assert "zrób nowe" in first.browser.get(f"{FACTOR}?malo=1").text
    others = codes_on(first.post(f"{FACTOR}/kody").text)
    assert give(begin(), codes[7]).status_code == 422
    assert give(begin(), others[0]).status_code == 303


def test_an_administrator_resets_the_second_factor_of_a_person_who_lost_it(desk: Callable[..., Desk]) -> None:
    ada, jan = desk("ada", Role.ADMINISTRATOR), desk("jan", Role.SUPERVISOR)
    assert "Wyłącz drugi składnik" in ada.browser.get("/biuro/konta").text
    told = ada.post("/biuro/konta/jan/drugi-skladnik")
    assert "Drugi składnik jest wyłączony" in told.text
    assert leads(jan.browser, "/biuro/haslo") is not None
    assert leads(begin("jan"), "/biuro/") == FACTOR
    assert ("clerk:ada", "second_factor_reset") in audited()
    assert ada.post("/biuro/konta/nikt/drugi-skladnik").status_code == 422
    assert jan.browser.post("/biuro/konta/ada/drugi-skladnik", follow_redirects=False).status_code in (303, 403)


def test_an_administrator_unlocks_who_was_kept_out(desk: Callable[..., Desk]) -> None:
    ada = desk("ada", Role.ADMINISTRATOR)
    hire("ola")
    for _ in range(11):
        kept_out = browser().post(SIGN_IN, data={"login": "ola", "haslo": "zgaduję"})
    assert kept_out.status_code == 429
    assert "Logowanie jest odblokowane" in ada.post("/biuro/konta/ola/odblokuj").text
    assert ("clerk:ada", "staff_unlocked") in audited()
    begin("ola")


@pytest.mark.usefixtures("sqlite_database")
def test_a_device_on_which_the_owner_signed_in_stays_open_to_him_while_others_guess() -> None:
    hire("ola")
    own = begin("ola")
    for _ in range(11):
        browser().post(SIGN_IN, data={"login": "ola", "haslo": "zgaduję"})
    sent = {"login": "ola", "haslo": PASSWORD}
    assert browser().post(SIGN_IN, data=sent).status_code == 429
    assert own.post(SIGN_IN, data=sent, follow_redirects=False).status_code == 303


@pytest.mark.usefixtures("sqlite_database")
def test_the_sessions_of_one_s_own_are_listed_and_ended() -> None:
    hire("ola")
    hire("jan")
    here, there, phone, stranger = begin("ola"), begin("ola", EDGE), begin("ola", PHONE), begin("jan")
    page = here.get(SESSIONS).text
    for told in ("Firefox, Linux", "Edge, Windows", "Safari, iPhone", "ta przeglądarka", "Od kiedy"):
        assert told in page
    numbers = re.findall(rf"{SESSIONS}/(\d+)/zakoncz", page)
    assert len(numbers) == 2, "the one that asks is ended by signing out"
    assert len(re.findall(rf"{SESSIONS}/(\d+)/zakoncz", stranger.get(SESSIONS).text)) == 0

    Desk(stranger).post(f"{SESSIONS}/{numbers[0]}/zakoncz")
    assert leads(phone, SESSIONS) is leads(there, SESSIONS) is None, "others' sessions are out of reach"
    Desk(here).post(f"{SESSIONS}/{numbers[0]}/zakoncz")
    assert [leads(one, SESSIONS) is None for one in (here, there, phone)] == [True, True, False]
    begin("ola", PHONE)
    Desk(here).post(f"{SESSIONS}/inne/zakoncz")
    assert [leads(one, SESSIONS) is None for one in (here, there)] == [True, False]
    assert len(re.findall("/zakoncz", here.get(SESSIONS).text)) == 0
    assert [action for _, action in audited() if "ended" in action] == ["session_ended", "other_sessions_ended"]


@pytest.mark.usefixtures("sqlite_database")
def test_at_a_new_sign_in_the_old_ones_end_where_that_is_wished() -> None:
    hire("ola")
    first = begin("ola")
    begin("ola")
    assert leads(first, SESSIONS) is None
    begin("ola", zakoncz="tak")
    assert leads(first, SESSIONS) is not None


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox, Linux"),
        (EDGE, "Edge, Windows"),
        (PHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "inna przeglądarka"),
        ("", "inna przeglądarka"),
        ("<script>alert(1)</script>", "inna przeglądarka"),
    ],
)
def test_a_browser_is_named_and_nothing_it_says_is_kept(agent: str, told: str) -> None:
    assert browser_of(agent) == told
