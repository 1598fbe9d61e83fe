"""The link of an invitation for who has no account: asked for Regulamin and password, told nothing before."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from api.portal import invitations
from customers.tables import Account
from database.engine import reading, transaction
from environment import clock
from portal import authorities
from portal.invited import terms_today
from portal.views import Scope
from tests.api.portal.conftest import Browser, stranger
from tests.api.portal.test_others import API, addresses, routes, secrets_of, send

MANAGER = "zarzadca@example.com"
NEW = "cztery niebieskie rowery"


def link(giver: Browser, email: str = MANAGER) -> str:
    with transaction() as session:
        until = clock.today() + timedelta(days=30)
        return f"/ebok/pelnomocnictwo/{authorities.give(session, giver.number, email, Scope.ACT, until)}"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def filled(**fields: str) -> dict[str, str]:
    return {"password": NEW, "again": NEW, "accept_terms": "on", "wersja": terms_today().version, **fields}


def manager_of(giver: Browser, address: str) -> Browser:
    """Who opened his account by that link and took the authority up."""
    client = stranger()
    assert client.post(address, data=filled(), follow_redirects=False).headers["location"] == address
    browser = Browser("", MANAGER, client)
    assert browser.post(address).headers["location"] == "/ebok/"
    return browser


def assert_gets_his_own_data(manager: Browser, giver: Browser) -> None:
    """All that is held of who acts for others, and nothing that is held of them."""
    assert "Danych klientów, w których imieniu działasz" in manager.read("/ebok/konto/dane")
    assert manager.post("/ebok/konto/dane", password="nie to hasło").status_code == 422
    answer = manager.post("/ebok/konto/dane", password=NEW)
    with ZipFile(BytesIO(answer.content)) as packed:
        told = json.loads(packed.read("index.json"))
        texts = "".join(packed.read(name).decode() for name in packed.namelist())
    assert [one["login"] for one in told["accounts"]] == [MANAGER]
    assert [one["customer_no"] for one in told["authorities"]] == [giver.number]
    assert told["consents"] and told["audit"] and told["invoice_messages"]
    assert not {text for text in secrets_of(giver.number) if text in texts and text != giver.number}
    assert giver.login not in texts


def test_the_link_opens_an_account_and_tells_nothing_of_the_customer_before(accounts: tuple[Browser, Browser]) -> None:
    giver, _ = accounts
    address, client = link(giver), stranger()
    asked = plain(client.get(address).text)
    assert "Załóż konto w eBOK" in asked and MANAGER in asked
    assert not {text for text in secrets_of(giver.number) if text in asked}
    for fields, place in (
        ({"password": "krótkie", "again": "krótkie"}, "password"),
        ({"again": "inne"}, "again"),
        ({"wersja": "0"}, "accept_terms"),
    ):
        refused = client.post(address, data=filled(**fields))
        assert (refused.status_code, refused.text.count('aria-invalid="true"')) == (422, 1), fields
        assert f'href="#{place}"' in refused.text, fields
    assert client.post(address, data={"password": NEW, "again": NEW}).status_code == 422, "nothing is accepted"
    with reading() as session:
        assert MANAGER not in session.scalars(select(Account.login)).all()
    browser = manager_of(giver, address)
    assert giver.number in browser.read("/ebok/")
    assert client.get(address).status_code == 410, "taken up"


def test_who_has_an_account_signs_in_and_a_link_of_nobody_opens_nothing(accounts: tuple[Browser, Browser]) -> None:
    giver, other = accounts
    address = link(giver, other.login)
    for answer in (
        stranger().get(address, follow_redirects=False),
        stranger().post(address, data=filled(), follow_redirects=False),
    ):
        assert answer.headers["location"].startswith("/ebok/zaloguj?dalej=")
    unknown = f"/ebok/pelnomocnictwo/{'0' * 48}"
    assert stranger().get(unknown).status_code == 410
    assert stranger().post(unknown, data=filled()).status_code == 410


def test_when_the_last_authority_ends_nothing_is_left_but_the_account_itself(
    accounts: tuple[Browser, Browser],
) -> None:
    giver, _ = accounts
    manager = manager_of(giver, link(giver))
    with transaction() as session:
        (given,) = authorities.given(session, giver.number)
        authorities.withdraw(session, giver.number, given.number, "customer")
    assert "nikt nie daje Ci pełnomocnictwa" in manager.read("/ebok/")
    shown = manager.read("/ebok/konto")
    assert "Numer konta" in shown and "Powiadomienia" not in shown and MANAGER in shown
    assert manager.client.get(f"{API}customers").json() == []
    assert manager.client.get(f"{API}invoices", headers={"Accept": "application/json"}).status_code == 403
    for method, path in routes():
        if method == "GET" and "{" not in path:
            for address in addresses(path, giver):
                told = plain(send(manager, "GET", address).text)
                assert not {text for text in secrets_of(giver.number) if text in told}, address
    assert_gets_his_own_data(manager, giver)
    closed = manager.post("/ebok/konto/zamknij", password=NEW)
    assert "Konto jest zamknięte" in plain(closed.text)
    with reading() as session:
        assert MANAGER not in session.scalars(select(Account.login)).all()


def test_the_second_click_of_a_double_one_is_led_to_the_account_that_the_first_has_opened(
    accounts: tuple[Browser, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, kept = link(accounts[0]), invitations.hashed

    def first_click_meanwhile(password: str) -> str:
        monkeypatch.setattr(invitations, "hashed", kept)
        assert stranger().post(address, data=filled(), follow_redirects=False).headers["location"] == address
        return kept(password)

    monkeypatch.setattr(invitations, "hashed", first_click_meanwhile)
    second = stranger().post(address, data=filled(), follow_redirects=False)
    assert second.headers["location"].startswith("/ebok/zaloguj?dalej="), "and not told to ask for another link"
