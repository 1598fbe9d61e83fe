"""Staff sign in at a provider of identities: who comes in, who does not, and what each is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from access.identities import set_way
from access.passwords import hashed
from access.roles import Role, SignInWay
from access.second_factor import verify_code
from access.staff import StaffError, deactivate, list_staff, reactivate
from access.tables import BegunSignIn, Staff
from api.desk.access import COOKIE
from cli import doctor
from database.engine import transaction
from environment.settings import get_settings
from tests.api.desk.at_a_provider import AWAY, BACK, Use, audited, bound, office, provider, through
from tests.api.desk.staff import PASSWORD, Desk, browser, enter, hire
from tests.identity_provider import Provider

__all__ = ["office", "provider"]


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
        assert verify_code(session, "adam", opened.cookies[COOKIE], "000000") is None


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
