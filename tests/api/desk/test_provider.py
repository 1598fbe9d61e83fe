"""Staff sign in at a provider of identities: who comes in, who does not, and what each is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from access.identities import set_way
from access.passwords import hashed
from access.roles import Role, SignInWay
from access.second_factor import prove
from access.staff import StaffError, deactivate, list_staff, reactivate
from access.tables import BegunSignIn, Staff
from api.desk.access import COOKIE
from audit.tables import AuditEntry
from cli import doctor
from database import clock
from database.engine import transaction
from database.settings import get_settings
from tests.api.desk.staff import PASSWORD, Desk, browser, enter, hire
from tests.identity_provider import Provider, providing, use

AWAY, BACK = "/biuro/logowanie/dostawca", "/biuro/logowanie/dostawca/powrot"
DESK = "http://ebok.example"
Use = Callable[..., None]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.fixture
def office(sqlite_database: str, provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """Names the provider in the settings, with others as told."""

    def named(**more: str) -> None:
        use(provider, monkeypatch, tmp_path, DESK, **more)

    named()
    return named


def bound(
    login: str = "ola", role: Role = Role.CLERK, way: SignInWay = SignInWay.EITHER, subject: str = "osoba-1"
) -> None:
    hire(login, role)
    with transaction() as session:
        set_way(session, login, way, subject=subject)


def leave(opened: TestClient, **fields: str) -> str:
    """Press the button; gives where the page leads."""
    answer = opened.post(AWAY, data=fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found is not None
    return unescape(found[1])


def at_the_provider(address: str) -> str:
    """What the provider sends the browser back to."""
    location = httpx.get(address).headers["location"]
    assert location.startswith(DESK + BACK + "?")
    return str(location.removeprefix(DESK))


def through(opened: TestClient, **fields: str) -> Response:
    """The whole way, up to the answer to the browser that came back."""
    return opened.get(at_the_provider(leave(opened, **fields)), follow_redirects=False)


def audited() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(row.action, row.subject) for row in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_whose_account_is_bound_comes_in_and_goes_on_to_the_page_asked_for(office: Use) -> None:
    bound()
    opened = browser()
    assert "Zaloguj się przez konto firmowe" in opened.get("/biuro/logowanie").text
    answer = through(opened, dalej="/biuro/szukaj?q=a")
    assert (answer.status_code, answer.headers["location"]) == (303, "/biuro/szukaj?q=a")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Ola Wymyślona" in opened.get("/biuro/").text
    assert ("signed_in", "staff:ola") in audited()
    with transaction() as session:
        assert session.query(BegunSignIn).count() == 0


def test_without_a_provider_in_the_settings_there_is_no_such_way(sqlite_database: str) -> None:
    hire("ola")
    opened = browser()
    assert "dostawca" not in opened.get("/biuro/logowanie").text
    for answer in (opened.post(AWAY, follow_redirects=False), opened.get(f"{BACK}?code=a&state=b")):
        assert COOKIE not in opened.cookies
        assert answer.status_code in (303, 409)
    with pytest.raises(StaffError, match="EBOK_OIDC_ISSUER"), transaction() as session:
        set_way(session, "ola", SignInWay.EITHER, subject="osoba-1")
    assert doctor._provider() == []


def test_somebody_without_an_account_is_told_what_the_administrator_needs(office: Use, provider: Provider) -> None:
    hire("ola")
    provider.claims = {
        "sub": "osoba-7",
        "email": "ola@example.com",
        "email_verified": True,
        "preferred_username": "ola",
    }
    opened = browser()
    answer = through(opened)
    assert answer.status_code == 403
    assert "osoba-7" in answer.text
    assert "ola@example.com" not in answer.text
    assert COOKIE not in opened.cookies
    assert audited()[-1] == ("sign_in_failed", "staff:-")


def test_an_administrator_binds_an_account_on_its_page(office: Use, desk: Callable[..., Desk]) -> None:
    hire("ola")
    adam = desk("adam", Role.ADMINISTRATOR)
    answer = adam.post("/biuro/konta/ola/logowanie", sposob="either", podmiot=" osoba-1 ")
    assert "Sposób logowania jest zmieniony" in answer.text
    assert through(browser()).status_code == 303
    taken = adam.post("/biuro/konta/adam/logowanie", sposob="either", podmiot="osoba-1")
    assert taken.status_code == 422
    assert "powiązane inne konto" in taken.text
    assert adam.post("/biuro/konta/ola/logowanie", sposob="byle jak").status_code == 422
    adam.post("/biuro/konta/ola/logowanie", sposob="password")
    assert through(browser()).status_code == 403
    changes = [
        action for action, subject in audited() if action == "staff_sign_in_way_changed" and subject == "staff:ola"
    ]
    assert len(changes) == 2
    assert adam.browser.get("/biuro/konta").status_code == 200  # the own session goes on


def test_a_clerk_binds_nobody(office: Use, desk: Callable[..., Desk]) -> None:
    clerk = desk("ola")
    assert clerk.post("/biuro/konta/ola/logowanie", sposob="either", podmiot="osoba-1").status_code == 403


def test_a_claim_that_names_the_login_binds_once_and_never_counts_again(office: Use, provider: Provider) -> None:
    office(oidc_login_claim="preferred_username")
    hire("ola")
    hire("ewa")
    provider.claims = {"sub": "osoba-1", "preferred_username": "OLA"}
    assert through(browser()).status_code == 403  # an administrator has not allowed it for that account
    with transaction() as session:
        set_way(session, "ola", SignInWay.EITHER)
        set_way(session, "ewa", SignInWay.EITHER)
    assert through(browser()).status_code == 303
    assert ("staff_identity_bound", "staff:ola") in audited()
    provider.claims = {"sub": "osoba-2", "preferred_username": "ola"}  # somebody else got that name later
    assert through(browser()).status_code == 403
    provider.claims = {"sub": "osoba-1", "preferred_username": "ewa"}  # and the first one another
    opened = browser()
    assert through(opened).status_code == 303
    assert "Ola Wymyślona" in opened.get("/biuro/").text


@pytest.mark.parametrize("told", ["", "ola@example.com", "ola\n", "ola ", ["ola"], None, 7, "ewa' OR 1=1"])
def test_a_claim_that_is_no_login_binds_nothing(office: Use, provider: Provider, told: object) -> None:
    office(oidc_login_claim="login")
    hire("ola")
    with transaction() as session:
        set_way(session, "ola", SignInWay.EITHER)
    provider.claims = {"sub": "osoba-1", "login": told}
    expected = 303 if isinstance(told, str) and told.strip() == "ola" else 403
    assert through(browser()).status_code == expected


@pytest.mark.parametrize("claim", ["email", "name", "nickname"])
def test_no_claim_that_people_choose_for_themselves_may_bind(office: Use, claim: str) -> None:
    with pytest.raises(ValueError, match="EBOK_OIDC_LOGIN_CLAIM"):
        office(oidc_login_claim=claim)
        get_settings()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"oidc_issuer": "http://dostawca.example"}, "https"),
        ({"oidc_client_id": ""}, "EBOK_OIDC_CLIENT_ID"),
        ({"oidc_scopes": "profile"}, "openid"),
    ],
)
def test_half_of_a_provider_is_told_at_the_start(office: Use, wrong: dict[str, str], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        office(**wrong)
        get_settings()


def test_a_closed_account_stays_closed_whatever_the_provider_says(office: Use, provider: Provider) -> None:
    office(oidc_login_claim="login")
    bound()
    hire("ewa")
    with transaction() as session:
        set_way(session, "ewa", SignInWay.EITHER)
        deactivate(session, "ola")
    provider.claims = {"sub": "osoba-1", "login": "ewa"}
    opened = browser()
    assert through(opened).status_code == 403
    assert COOKIE not in opened.cookies
    assert audited()[-1] == ("sign_in_failed", "staff:ola")


def test_a_session_ends_when_its_account_is_closed_or_bound_no_more(office: Use) -> None:
    bound()
    opened = browser()
    through(opened)
    with transaction() as session:
        set_way(session, "ola", SignInWay.PASSWORD)
    assert opened.get("/biuro/", follow_redirects=False).status_code == 303


def test_the_wish_to_end_other_sessions_goes_along(office: Use) -> None:
    bound()
    earlier = browser()
    enter(earlier, "ola")
    assert earlier.get("/biuro/", follow_redirects=False).status_code == 200
    through(browser())
    assert earlier.get("/biuro/", follow_redirects=False).status_code == 200
    through(browser(), zakoncz="tak")
    assert earlier.get("/biuro/", follow_redirects=False).status_code == 303


def test_where_only_the_provider_lets_in_a_password_does_not_and_its_page_says_so(office: Use) -> None:
    bound(way=SignInWay.PROVIDER)
    opened = browser()
    enter(opened, "ola")
    assert COOKIE not in opened.cookies
    through(opened)
    assert "To konto nie ma hasła" in opened.get("/biuro/haslo").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', opened.get("/biuro/haslo").text)
    assert csrf is not None
    fields = {
        "csrf": csrf[1],
        "obecne": PASSWORD,
        "nowe": "cztery słowa bez sensu",
        "powtorzone": "cztery słowa bez sensu",
    }
    assert opened.post("/biuro/haslo", data=fields, follow_redirects=False).headers["location"] == "/biuro/haslo"
    with transaction() as session:
        reactivate(session, "ola", hashed(PASSWORD))  # an administrator gives a password: it counts
    other = browser()
    enter(other, "ola")
    assert COOKIE in other.cookies


def test_a_first_password_is_not_asked_of_whom_the_provider_lets_in(office: Use) -> None:
    bound()
    with transaction() as session:
        session.query(Staff).one().must_change_password = True
    opened = browser()
    through(opened)
    assert opened.get("/biuro/", follow_redirects=False).status_code == 200


def test_the_second_factor_is_ours_unless_the_settings_say_that_the_providers_counts(
    office: Use, provider: Provider
) -> None:
    bound("adam", Role.ADMINISTRATOR)
    provider.claims = {"sub": "osoba-1", "amr": ["pwd", "otp"], "acr": "https://poziom.example/2"}
    opened = browser()
    through(opened)
    assert opened.get("/biuro/konta", follow_redirects=False).headers["location"] == "/biuro/drugi-skladnik"

    for setting in ({"oidc_second_factor_amr": "hwk, otp"}, {"oidc_second_factor_acr": "https://poziom.example/2"}):
        office(**{"oidc_second_factor_amr": "", "oidc_second_factor_acr": "", **setting})
        opened = browser()
        through(opened)
        assert opened.get("/biuro/konta", follow_redirects=False).status_code == 200
    assert provider.asked[-1]["acr_values"] == "https://poziom.example/2"

    provider.claims = {"sub": "osoba-1", "amr": ["pwd"]}
    opened = browser()
    through(opened)
    assert opened.get("/biuro/konta", follow_redirects=False).status_code == 303


def test_who_has_set_up_codes_is_asked_for_one_after_the_provider(office: Use) -> None:
    bound("adam", Role.ADMINISTRATOR)
    first = browser()
    enter(first, "adam")  # sets up the second factor
    opened = browser()
    answer = through(opened, dalej="/biuro/konta")
    assert "ebok_urzadzenie" not in answer.headers["set-cookie"]  # only who has given all is known later
    sent_on = opened.get("/biuro/konta", follow_redirects=False)
    assert sent_on.headers["location"] == "/biuro/kod?dalej=%2Fbiuro%2Fkonta"
    with transaction() as session:
        assert prove(session, "adam", opened.cookies[COOKIE], "000000") is None


def test_the_last_administrator_with_a_password_keeps_it_and_nobody_is_shut_out_by_a_slip(office: Use) -> None:
    hire("adam", Role.ADMINISTRATOR)
    hire("ewa", Role.ADMINISTRATOR)
    hire("ola")
    with pytest.raises(StaffError, match="identyfikator"), transaction() as session:
        set_way(session, "ola", SignInWay.PROVIDER)
    with transaction() as session:
        set_way(session, "adam", SignInWay.PROVIDER, subject="osoba-1")
    with pytest.raises(StaffError, match="jedyny administrator"), transaction() as session:
        set_way(session, "ewa", SignInWay.PROVIDER, subject="osoba-2")
    with transaction() as session:
        assert {one.login: one.way for one in list_staff(session)}["ewa"] is SignInWay.PASSWORD


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
