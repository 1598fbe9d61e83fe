"""Wrong tries slow down whoever guesses, and keep the account open to its owner, on both databases."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from access import sessions
from access.devices import DAYS, device_mark, device_of
from access.lockout import TooManyTriesError
from access.passwords import hashed
from access.second_factor import reset
from access.staff import Role, add_staff, set_password, unlock
from database.engine import transaction
from environment import clock
from environment.settings import get_settings

PASSWORD = "trzy zielone rowery"
OWNER, GUESSER = "client:203.0.113.7", "client:198.51.100.9"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


def add(kept: str, login: str = "ola") -> None:
    with transaction() as session:
        add_staff(session, login, "Ola Wymyślona", Role.CLERK, kept)
        set_password(session, login, kept, must_change=False)


def guess(client: str, times: int = 1, *, mark: str = "", login: str = "ola") -> None:
    for _ in range(times):
        with transaction() as session:
            sessions.begin_sign_in(session, login, client, mark)


def may_enter(client: str, mark: str = "", login: str = "ola") -> bool:
    """Whether the right password opens a session from there."""
    try:
        with transaction() as session:
            attempt = sessions.begin_sign_in(session, login, client, mark)
    except TooManyTriesError:
        return False
    with transaction() as session:
        return sessions.sign_in(session, attempt) is not None


def crowd(times: int) -> None:
    """Wrong tries from an address of its own each."""
    for number in range(times):
        guess(f"client:192.0.2.{number}")


def test_wrong_tries_from_one_address_close_the_account_to_that_address_only(database: str, kept: str) -> None:
    add(kept)
    guess(GUESSER, 10)
    assert not may_enter(GUESSER)
    assert may_enter(OWNER)
    assert not may_enter(GUESSER), "the owner's sign-in gives the guesser no new tries"


def test_a_crowd_of_addresses_closes_the_account_to_all_but_the_devices_of_its_owner(database: str, kept: str) -> None:
    add(kept)
    add(kept, "jan")
    crowd(25)
    assert not may_enter(OWNER)
    assert not may_enter(OWNER, device_mark("jan")), "a device of somebody else"
    assert may_enter(OWNER, device_mark("ola"))
    assert may_enter(OWNER, login="jan")


def test_an_address_that_guesses_at_many_accounts_does_not_keep_out_a_known_device_beside_it(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES_PER_CLIENT", "5")
    get_settings.cache_clear()
    add(kept)
    for number in range(5):
        guess(OWNER, login=f"login{number}")
    assert not may_enter(OWNER)
    assert may_enter(OWNER, device_mark("ola"))


def test_a_stolen_device_mark_gives_as_many_tries_as_one_address_and_no_more(database: str, kept: str) -> None:
    add(kept)
    mark = device_mark("ola")
    guess(GUESSER, 10, mark=mark)
    assert not may_enter("client:192.0.2.200", mark)


def test_right_passwords_do_not_add_up_to_a_closed_account(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES_PER_LOGIN", "2")
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES_PER_CLIENT", "2")
    get_settings.cache_clear()
    add(kept)
    assert [may_enter(OWNER) for _ in range(4)] == [True] * 4


def test_what_an_administrator_resets_opens_the_account_at_once(database: str, kept: str) -> None:
    add(kept)
    for opened in (unlock, reset):
        guess(OWNER, 10)
        crowd(15)
        assert not may_enter(OWNER)
        with transaction() as session:
            opened(session, "ola")
        assert may_enter(OWNER)


def test_a_closed_account_opens_again_with_time(database: str, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add(kept)
    crowd(25)
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert may_enter(OWNER)


def test_in_an_hour_no_more_than_a_hundred_guesses_reach_one_account_from_however_many_addresses(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(kept)
    begun, heard = clock.now(), 0
    for minute in range(60):
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(minutes=minute): at)
        for number in range(10):
            with suppress(TooManyTriesError):
                guess(f"client:2001:db8:{minute:x}:{number:x}::/64")
                heard += 1
    assert heard == 100


def test_codes_bear_few_wrong_ones_from_one_address_and_a_day_s_worth_from_all(database: str, kept: str) -> None:
    add(kept)

    def code(client: str, mark: str = "") -> bool:
        try:
            with transaction() as session:
                sessions.begin_code(session, "ola", client, mark)
        except TooManyTriesError:
            return False
        return True

    assert [code(GUESSER) for _ in range(6)] == [True] * 5 + [False]
    assert [code(f"client:192.0.2.{number}") for number in range(26)] == [True] * 25 + [False]
    assert code(OWNER, device_mark("ola"))


@pytest.mark.usefixtures("home")
def test_a_device_mark_is_of_one_account_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = device_mark("ola")
    name, until, signature = mark.split(".")
    assert device_of(mark, " Ola ") == name
    assert device_mark("ola") != mark
    for wrong in ("", "ż", mark + "0", f"{name}.{int(until) + 1}.{signature}", f"0{name}.{until}.{signature}", "a.b.c"):
        assert device_of(wrong, "ola") is None
    assert device_of(mark, "jan") is None
    later = clock.now() + timedelta(days=DAYS, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert device_of(mark, "ola") is None
