"""Customers sign in at a provider of identities: who comes in, who binds his account, and who gets the sign-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import ValidationError

from api.portal.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from cli import doctor
from confirmations import outbox
from customers.passwords import PasswordWay, ask, choose
from customers.tables import Account
from database.engine import reading, transaction
from environment.settings import get_settings
from tests.api.portal.conftest import Browser, signed_in, stranger
from tests.identity_provider import CLIENT_ID, SECRET, Provider, providing

AWAY, BACK = "/ebok/zaloguj/dostawca", "/ebok/zaloguj/dostawca/powrot"
BINDING = "/ebok/konto/dostawca"
SITE = "http://ebok.example"
LOGIN = "klient@example.com"
Use = Callable[..., None]


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing() as one:
        yield one


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims, running.lie = {"sub": "osoba-1"}, ""
    return running


@pytest.fixture
def use(sqlite_database: str, provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """Names the provider in the settings, with others as told."""
    monkeypatch.setattr("api.answer_time.FLOOR", 0.0)
    secret = tmp_path / "oidc.secret"
    secret.write_text(SECRET)

    def named(**more: str) -> None:
        told = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret_file": str(secret), **more}
        for name, value in told.items():
            monkeypatch.setenv(f"EBOK_ACCOUNT_OIDC_{name.upper()}", value)
        monkeypatch.setenv("EBOK_PUBLIC_URL", SITE)
        get_settings.cache_clear()

    named()
    return named


@pytest.fixture
def customer(use: Use) -> Browser:
    office.fill_register()
    return customer_of(0, LOGIN)


def customer_of(person: int, login: str) -> Browser:
    number = office.people()[person]["customer_no"]
    office.open_account(number, login)
    return signed_in(number, login)


def back_from(page: Response) -> str:
    """Follows the page that leads to the provider; gives the address with which that sends the browser back."""
    assert page.status_code == 200, page.text
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found is not None
    location = str(httpx.get(unescape(found[1])).headers["location"])
    assert location.startswith(SITE + BACK + "?")
    return location.removeprefix(SITE)


def through(opened: TestClient, after: str = "/ebok/faktury") -> Response:
    """The whole way, up to the answer to the browser that came back."""
    return opened.get(back_from(opened.post(AWAY, data={"dalej": after})), follow_redirects=False)


def bind(customer: Browser) -> Response:
    begun = customer.post(BINDING, password=office.PASSWORD)
    return customer.client.get(back_from(begun), follow_redirects=False)


def came_in(answer: Response) -> bool:
    assert answer.status_code in (303, 403, 409)
    assert (COOKIE in str(answer.headers)) == (answer.status_code == 303)
    return answer.status_code == 303


def plain(answer: Response) -> str:
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_an_account_is_bound_with_the_password_and_opens_by_the_provider_until_that_is_ended(
    customer: Browser, provider: Provider
) -> None:
    assert "Zaloguj się przez login.gov.pl" in plain(stranger().get("/ebok/zaloguj"))
    unknown = through(stranger())
    assert not came_in(unknown)
    assert "nie wiemy, które konto eBOK jest Twoje" in plain(unknown)
    assert 'href="/formularze/ebok_signup"' in unknown.text
    assert 'name="dalej" value="/ebok/konto/dostawca"' in unknown.text
    assert "osoba-1" not in unknown.text

    assert customer.post(BINDING, password="nie to hasło").status_code == 422
    assert bind(customer).headers["location"] == f"{BINDING}?polaczono=1"
    answer = through(stranger())
    assert came_in(answer)
    assert answer.headers["location"] == "/ebok/faktury"
    outbox.deliver(transaction)
    assert office.mails_to(LOGIN)[-1]["Subject"].startswith("Konto eBOK połączono z innym logowaniem")
    provider.claims = {"sub": "osoba-2"}
    assert not came_in(through(stranger()))

    provider.claims = {"sub": "osoba-1"}
    assert customer.post(f"{BINDING}/rozlacz", password="nie to hasło").status_code == 422
    assert customer.post(f"{BINDING}/rozlacz", password=office.PASSWORD).status_code == 303
    assert not came_in(through(stranger()))
    with reading() as session:
        found = [one.action for one in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert [one for one in found if "provider" in one] == ["account_provider_bound", "account_provider_unbound"]


def test_an_identity_is_one_account_s_only_and_a_new_password_ends_it(customer: Browser) -> None:
    other = customer_of(1, "inna@example.com")
    bind(customer)
    taken = bind(other)
    assert taken.status_code == 422
    assert "połączone z innym kontem" in plain(taken)
    with transaction() as session:
        way = ask(session, LOGIN)
        assert isinstance(way, PasswordWay)
        choose(session, way.token, "nowy skrót")
    assert not came_in(through(stranger()))


@pytest.mark.parametrize("pesel_claim", ["", "pesel"])
def test_an_account_that_was_a_mistake_keeps_nobody_s_identity_from_the_right_one(
    customer: Browser, use: Use, provider: Provider, pesel_claim: str
) -> None:
    bind(customer)
    with transaction() as session:
        session.query(Account).one().state = "closed"  # as where a clerk takes its sign-up back
    right = customer_of(1, "inna@example.com")
    if pesel_claim:
        use(pesel_claim=pesel_claim)
        provider.claims = {"sub": "osoba-1", "pesel": office.people()[1]["pesel"]}
    else:
        assert bind(right).headers["location"] == f"{BINDING}?polaczono=1"
    assert came_in(through(stranger()))


@pytest.mark.parametrize("written", ["{}", "PNOPL-{}"])
def test_a_claim_with_the_pesel_of_the_register_binds_the_one_account_of_that_person(
    customer: Browser, use: Use, provider: Provider, written: str
) -> None:
    use(pesel_claim="pesel")
    pesel = office.people()[0]["pesel"]
    assert pesel
    for told in (None, 11, "nic", "12345678901", office.people()[1]["pesel"]):
        provider.claims = {"sub": "osoba-1", "pesel": told, "email": LOGIN, "email_verified": True}
        assert not came_in(through(stranger()))
    provider.claims = {"sub": "osoba-1", "pesel": written.format(pesel)}
    assert came_in(through(stranger()))
    provider.claims = {"sub": "osoba-1"}
    assert came_in(through(stranger())), "bound: only the subject counts"
    provider.claims = {"sub": "osoba-2", "pesel": pesel}
    assert not came_in(through(stranger())), "bound to somebody else"
    with reading() as session:
        assert session.query(Account).count() == 1, "nobody gets an account by signing in"


def test_a_level_that_is_asked_for_must_be_told(customer: Browser, use: Use, provider: Provider) -> None:
    use(acr="wysoki, średni")
    assert bind(customer).status_code == 422
    provider.claims = {"sub": "osoba-1", "acr": "wysoki"}
    assert bind(customer).status_code == 303
    assert provider.asked[-1]["acr_values"] == "wysoki średni"
    assert came_in(through(stranger()))
    provider.claims = {"sub": "osoba-1", "acr": "niski"}
    assert not came_in(through(stranger()))


def test_an_answer_counts_once_in_the_browser_that_left_and_for_the_account_that_did(customer: Browser) -> None:
    bind(customer)
    opened = stranger()
    back = back_from(opened.post(AWAY))
    assert stranger().get(back, follow_redirects=False).status_code == 409
    assert came_in(opened.get(back, follow_redirects=False))
    assert opened.get(back, follow_redirects=False).status_code == 409
    other = customer_of(1, "inna@example.com")
    back = back_from(customer.post(BINDING, password=office.PASSWORD))
    customer.client.cookies.set(COOKIE, other.client.cookies[COOKIE], domain="ebok.example", path="/")
    refused = customer.client.get(back, follow_redirects=False)
    assert refused.status_code == 422, "another one has signed in here meanwhile"


def test_what_goes_wrong_there_is_told_and_passwords_go_on(customer: Browser, provider: Provider) -> None:
    provider.lie = "access_denied"
    stopped = through(stranger())
    assert stopped.status_code == 403
    assert "zostało przerwane" in plain(stopped)
    provider.lie = "nonce"
    assert "nie pasuje do tego logowania" in plain(through(stranger()))
    provider.lie = "token_500"
    assert through(stranger()).status_code == 503
    elsewhere = TestClient(stranger().app, base_url="http://127.0.0.1", headers={"Accept": "text/html"})
    refused = elsewhere.post(AWAY)
    assert refused.status_code == 409
    assert SITE in refused.text


@pytest.mark.usefixtures("sqlite_database")
def test_without_a_provider_nothing_of_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    office.fill_register()
    customer = customer_of(0, LOGIN)
    assert "dostawca" not in stranger().get("/ebok/zaloguj").text
    assert stranger().post(AWAY, follow_redirects=False).headers["location"] == "/ebok/zaloguj"
    assert stranger().get(f"{BACK}?code=a&state=b").status_code == 409
    assert customer.client.get(BINDING).status_code == 404
    assert "dostawca" not in customer.read("/ebok/konto")


def test_the_doctor_asks_the_provider_and_half_of_one_is_refused(
    use: Use, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = doctor._provider()
    assert (found.code, found.holds) == ("provider_of_customers", True)
    for name, value in (("ISSUER", "http://obcy.example"), ("SCOPES", "profile"), ("PESEL_CLAIM", "email")):
        with monkeypatch.context() as patch:
            patch.setenv(f"EBOK_ACCOUNT_OIDC_{name}", value)
            get_settings.cache_clear()
            with pytest.raises(ValidationError, match=f"EBOK_ACCOUNT_OIDC_{name}"):
                get_settings()
    get_settings.cache_clear()
