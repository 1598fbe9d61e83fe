"""A password is chosen by a link to the login: the newest one, once, in time, while the account is open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from customers.compensation import undo
from customers.passwords import PasswordLinkError, PasswordWay, ask, check, choose
from customers.proofs import Renewal
from customers.proving import prove
from customers.tables import Account, PasswordLink
from database.engine import transaction
from environment.clock import now
from environment.settings import get_settings
from tests.customers.samples import JAN, applied, proven, register, signup

pytestmark = pytest.mark.usefixtures("sqlite_database")
LOGIN = "login@example.com"


@pytest.fixture(autouse=True)
def _register(sqlite_database: str) -> None:
    register()


def asked() -> PasswordWay:
    with transaction() as session:
        way = ask(session, LOGIN)
    assert isinstance(way, PasswordWay)
    return way


def chosen(token: str, kept: str = "kept-hash") -> PasswordWay:
    with transaction() as session:
        return choose(session, token, kept)


def refusal(token: str) -> str:
    with pytest.raises(PasswordLinkError) as caught, transaction() as session:
        check(session, token)
    with pytest.raises(PasswordLinkError), transaction() as session:
        choose(session, token, "another-hash")
    assert caught.value.message.endswith(".")
    return caught.value.code


def account() -> Account:
    with transaction() as session:
        return session.scalars(select(Account)).one()


def test_the_owner_of_a_login_chooses_a_password_by_his_link_once() -> None:
    proven(applied(signup(), "T1"))
    before = now()
    way = asked()
    assert (way.login, way.customer_no, way.tracking) == (LOGIN, JAN.customer_no, "T1")
    hours = timedelta(hours=get_settings().password_link_hours)
    assert before + hours <= way.expires_at <= now() + hours
    with transaction() as session:
        looked = check(session, way.token)
    assert looked == PasswordWay(LOGIN, JAN.customer_no, "T1", way.expires_at)
    assert account().password_hash is None, "looking changes nothing"
    assert chosen(way.token) == looked
    kept = account()
    assert kept.password_hash == "kept-hash"
    assert kept.password_set_at is not None and before <= kept.password_set_at <= now()
    assert refusal(way.token) == "used"
    assert account().password_hash == "kept-hash"


def test_a_newer_link_ends_no_older_one_and_a_chosen_password_ends_all() -> None:
    proven(applied(signup(), "T1"))
    first, second, third = asked(), asked(), asked()
    assert len({first.token, second.token, third.token}) == 3
    chosen(second.token)
    assert (refusal(first.token), refusal(second.token), refusal(third.token)) == ("old", "used", "old")
    chosen(asked().token)


def test_a_link_works_up_to_its_moment_and_not_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    proven(applied(signup(), "T1"))
    way = asked()
    monkeypatch.setattr("customers.passwords.now", lambda: way.expires_at - timedelta(seconds=1))
    with transaction() as session:
        check(session, way.token)
    monkeypatch.setattr("customers.passwords.now", lambda: way.expires_at)
    assert refusal(way.token) == "expired"


def test_an_account_that_was_closed_takes_no_password_and_gets_no_link() -> None:
    proven(applied(signup(), "T1"))
    way = asked()
    with transaction() as session:
        assert undo(session, "T1", "T2").done
    assert refusal(way.token) == "expired"
    with transaction() as session:
        assert ask(session, LOGIN) is None


def test_an_account_that_waits_gets_its_sign_up_link_again() -> None:
    outcome = applied(signup(), "T1")
    with transaction() as session:
        renewal = ask(session, LOGIN)
    assert isinstance(renewal, Renewal)
    assert (renewal.tracking, renewal.purpose, renewal.email) == ("T1", "account", LOGIN)
    assert renewal.token != outcome.proof_token
    with transaction() as session:
        assert prove(session, renewal.token, "kept-hash").password_set
    assert account().password_hash == "kept-hash"
    assert account().password_set_at == account().activated_at


@pytest.mark.parametrize("token", ["", "0" * 48, "ż"])
def test_an_unknown_link_and_an_unknown_login_are_refused(token: str) -> None:
    assert refusal(token) == "unknown"
    with transaction() as session:
        assert ask(session, "nikt@example.com") is None


def test_the_database_alone_gives_no_link_to_a_password() -> None:
    proven(applied(signup(), "T1"))
    way = asked()
    with transaction() as session:
        link = session.scalars(select(PasswordLink)).one()
        stored = [getattr(link, column.name) for column in PasswordLink.__table__.columns]
    assert way.token not in stored
    assert way.token not in repr(way) and LOGIN not in repr(way)
    assert len(way.token) == 48
