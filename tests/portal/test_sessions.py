"""Sessions of customers, on both databases: who comes in, for how long, and who is kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from access.devices import Whose, device_mark
from access.passwords import hashed
from benchmarks import office
from customers.passwords import PasswordWay, ask, choose
from customers.tables import Account, AccountSession
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings
from portal import sessions
from portal.sessions import Device, TooManyTriesError

LOGIN = "klient@example.com"
OWNER, GUESSER = "client:203.0.113.7", "client:198.51.100.9"


@pytest.fixture(autouse=True)
def number(database: str) -> str:
    """A customer with an account."""
    office.fill_register()
    number = office.people()[0]["customer_no"]
    office.open_account(number, LOGIN)
    return number


def enter(email: str = LOGIN, password: str = office.PASSWORD, client: str = OWNER, mark: str = "") -> str | None:
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, email, client, mark)
    if not attempt.is_right(password):
        return None
    with transaction() as session:
        return sessions.sign_in(session, attempt, "Firefox, Windows")


def entered(**given: str) -> str:
    token = enter(**given)
    assert token is not None
    return token


def is_in(token: str) -> bool:
    with reading() as session:
        return sessions.who(session, token) is not None


def listed(number: str, token: str) -> list[Device]:
    with reading() as session:
        return sessions.devices(session, number, token)


def test_the_right_password_opens_a_session_whose_token_the_database_does_not_have(number: str) -> None:
    first, second = entered(email=f" {LOGIN.upper()} "), entered()
    with transaction() as session:
        found = sessions.who(session, first)
        assert found is not None
        assert (found.view.customer_no, found.login) == (number, LOGIN)
        kept = str(session.execute(text("SELECT * FROM account_sessions")).all())
    assert first != second
    assert first not in kept
    assert not is_in("")
    assert not is_in(first[:-1])


@pytest.mark.parametrize("given", [{"password": "nie to hasło"}, {"email": "inny@example.com"}, {"email": "%"}])
def test_nobody_else_comes_in(given: dict[str, str]) -> None:
    assert enter(**given) is None


def test_an_account_that_is_closed_or_has_no_password_lets_nobody_in() -> None:
    token = entered()
    with transaction() as session:
        session.scalars(select(Account)).one().password_hash = None
    assert enter() is None
    with transaction() as session:
        session.scalars(select(Account)).one().state = "closed"
    assert enter() is None
    assert not is_in(token)


def test_a_password_changed_while_it_was_compared_lets_nobody_in() -> None:
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, LOGIN, OWNER)
    with transaction() as session:
        session.scalars(select(Account)).one().password_hash = hashed("zupełnie inne słowa tutaj")
    with transaction() as session:
        assert sessions.sign_in(session, attempt, "") is None


def test_a_session_ends_when_idle_and_in_any_case_after_its_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    token, begun = entered(), clock.now()
    settings = get_settings()
    idle, longest = timedelta(minutes=settings.account_idle_minutes), timedelta(hours=settings.account_session_hours)
    step, at = idle - timedelta(minutes=1), begun
    while at + step < begun + longest:
        at += step
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        with transaction() as session:
            found = sessions.who(session, token)
            assert found is not None
            assert found.unnoted
            sessions.note_use(session, token)
    monkeypatch.setattr(clock, "now", lambda: begun + longest)
    assert not is_in(token)
    with transaction() as session:
        assert sessions.sweep_away(session) == 1
        assert session.scalars(select(AccountSession)).all() == []


def test_who_does_not_click_for_half_an_hour_is_out(monkeypatch: pytest.MonkeyPatch) -> None:
    token, later = entered(), clock.now() + timedelta(minutes=get_settings().account_idle_minutes)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not is_in(token)


def test_signing_out_ends_one_session_or_all_of_the_account_and_nobody_else_s(number: str) -> None:
    other = office.people()[1]["customer_no"]
    office.open_account(other, "inna@example.com")
    stranger = entered(email="inna@example.com")
    here, there, third = entered(), entered(), entered()
    (strangers_own,) = listed(other, stranger)
    assert [one.here for one in listed(number, here)] == [False, False, True]
    with transaction() as session:
        assert not sessions.end_device(session, number, strangers_own.number)
        third_number = next(one.number for one in sessions.devices(session, number, third) if one.here)
        assert sessions.end_device(session, number, third_number)
        sessions.sign_out(session, there)
    assert [is_in(token) for token in (here, there, third, stranger)] == [True, False, False, True]
    with transaction() as session:
        sessions.end_everywhere(session, number)
    assert [is_in(token) for token in (here, stranger)] == [False, True]


def test_a_new_password_ends_all_sessions_and_lets_in_at_once_who_was_locked_out(number: str) -> None:
    token = entered()
    for _ in range(get_settings().sign_in_tries):
        enter(password="nie to hasło")
    with pytest.raises(TooManyTriesError):
        enter()
    with transaction() as session:
        way = ask(session, LOGIN)
        assert isinstance(way, PasswordWay)
        choose(session, way.token, hashed("sześć nowych słów na drzwiach"))
    assert not is_in(token)
    assert enter(password="sześć nowych słów na drzwiach")


def test_a_crowd_that_guesses_keeps_out_all_but_the_devices_of_the_owner() -> None:
    mark = device_mark(LOGIN, Whose.CUSTOMER)
    for place in range(get_settings().sign_in_tries_per_login):
        enter(password="nie to hasło", client=f"client:198.51.100.{place}")
    with pytest.raises(TooManyTriesError):
        enter()
    assert enter(mark=mark)
    with pytest.raises(TooManyTriesError):
        enter(mark=device_mark(LOGIN))  # of a member of staff who happens to have that login
