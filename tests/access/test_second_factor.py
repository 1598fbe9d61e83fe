"""Codes of an app and recovery codes: each counts once, and nothing kept gives them away; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from access import second_factor, sessions
from access.passwords import hashed
from access.second_factor import Given
from access.sessions import Owed
from access.staff import Role, add_staff, set_password
from database.engine import transaction
from environment import clock
from environment.settings import get_settings

CLIENT = "client:203.0.113.7"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed("trzy zielone rowery")


def hire(kept: str, role: Role = Role.ADMINISTRATOR, login: str = "ada") -> None:
    with transaction() as session:
        add_staff(session, login, "Ada Wymyślona", role, kept)
        set_password(session, login, kept, must_change=False)


def enter(login: str = "ada", *, ends_others: bool = False) -> str:
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, login, CLIENT)
        token = sessions.sign_in(session, attempt, ends_others=ends_others)
    assert token is not None
    return token


def owed(token: str) -> Owed | None:
    with transaction() as session:
        visit = sessions.who(session, token)
    assert visit is not None, "the session is over"
    return visit.owed


def inside(token: str) -> bool:
    with transaction() as session:
        return sessions.who(session, token) is not None


def set_up(token: str, login: str = "ada") -> tuple[pyotp.TOTP, list[str]]:
    with transaction() as session:
        app = pyotp.TOTP(second_factor.offer(session, token))
        codes = second_factor.set_up(session, login, token, app.at(clock.now()))
    assert codes is not None
    return app, codes


def give(token: str, code: str) -> Given | None:
    with transaction() as session:
        return second_factor.verify_code(session, "ada", token, code)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    moment = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_those_who_decide_must_set_it_up_and_clerks_where_a_setting_says_so(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in Role:
        hire(kept, role, role.value)
    assert {role: owed(enter(role.value)) for role in Role} == {
        Role.MAILROOM: None,
        Role.CREW: None,
        Role.CLERK: None,
        Role.MANAGER: Owed.SECOND_FACTOR,
        Role.SUPERVISOR: Owed.SECOND_FACTOR,
        Role.ADMINISTRATOR: Owed.SECOND_FACTOR,
    }
    monkeypatch.setenv("EBOK_SECOND_FACTOR_OF_CLERKS", "required")
    get_settings.cache_clear()
    assert owed(enter("clerk")) is Owed.SECOND_FACTOR


def test_a_clerk_who_has_one_is_asked_for_it(database: str, kept: str) -> None:
    hire(kept, Role.CLERK)
    set_up(enter())
    assert owed(enter()) is Owed.CODE


def test_it_is_in_force_once_a_code_shows_that_the_app_has_the_secret(database: str, kept: str) -> None:
    hire(kept)
    token, elsewhere = enter(), enter()
    with transaction() as session:
        secret = second_factor.offer(session, token)
        assert second_factor.offer(session, token) == secret
        assert second_factor.offer(session, elsewhere) != secret
        assert second_factor.set_up(session, "ada", token, "000000") is None
    assert owed(token) is Owed.SECOND_FACTOR
    _, codes = set_up(token)
    assert owed(token) is None
    assert not inside(elsewhere), "it came in without the second factor"
    assert len(set(codes)) == 10


def test_a_code_counts_once_even_the_one_that_set_it_up(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire(kept)
    later(monkeypatch, 0)
    app, _ = set_up(enter())
    token = enter()
    assert owed(token) is Owed.CODE
    assert give(token, app.at(clock.now())) is None
    later(monkeypatch, 30)
    code = app.at(clock.now())
    assert give(token, f" {code[:3]} {code[3:]} ") is Given.CODE
    assert owed(token) is None
    assert give(enter(), code) is None
    assert give(enter(), app.at(clock.now() - timedelta(seconds=30))) is None, "an older one after a newer"


@pytest.mark.parametrize(("drift", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_clock_of_the_app_may_be_wrong_by_half_a_minute(
    sqlite_database: str, kept: str, monkeypatch: pytest.MonkeyPatch, drift: int, good: bool
) -> None:
    hire(kept)
    app, _ = set_up(enter())
    later(monkeypatch, 600)
    assert (give(enter(), app.at(clock.now() + timedelta(seconds=drift))) is not None) is good


def test_a_recovery_code_counts_once_however_it_is_spaced(database: str, kept: str) -> None:
    hire(kept)
    _, codes = set_up(enter())
    assert give(enter(), codes[0].upper().replace("-", " ")) is Given.RECOVERY_CODE
    assert give(enter(), codes[0]) is None
    with transaction() as session:
        assert second_factor.recovery_codes_left(session, "ada") == 9
        others = second_factor.new_recovery_codes(session, "ada")
    assert give(enter(), codes[1]) is None
    assert give(enter(), others[0]) is Given.RECOVERY_CODE


@pytest.mark.parametrize("typed", ["", "0", "1234567", "١٢٣٤٥٦", "ż", "\ud800", "\0"])
def test_what_is_no_code_opens_nothing(sqlite_database: str, kept: str, typed: str) -> None:
    hire(kept)
    set_up(enter())
    token = enter()
    assert give(token, typed) is None
    assert owed(token) is Owed.CODE


def test_the_code_of_one_account_does_not_serve_another(database: str, kept: str) -> None:
    hire(kept)
    hire(kept, login="jan")
    _, codes = set_up(enter())
    set_up(enter("jan"), "jan")
    token = enter("jan")
    with transaction() as session:
        assert second_factor.verify_code(session, "jan", token, codes[0]) is None


def test_nothing_kept_gives_the_secret_or_the_codes_away(database: str, kept: str) -> None:
    hire(kept)
    token = enter()
    app, codes = set_up(token)
    with transaction() as session:
        offered = second_factor.offer(session, token)
        rows = [
            str(row)
            for table in ("staff", "staff_sessions", "staff_recovery_codes")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]
    for secret in (app.secret, offered, *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in "".join(rows)


def test_after_a_reset_all_are_out_and_it_is_set_up_anew(database: str, kept: str) -> None:
    hire(kept)
    first = enter()
    _, codes = set_up(first)
    with transaction() as session:
        assert not second_factor.reset(session, "ada").has_second_factor
    assert not inside(first)
    token = enter()
    assert owed(token) is Owed.SECOND_FACTOR
    assert give(token, codes[0]) is None


def test_who_has_the_password_only_ends_no_session_of_the_owner(database: str, kept: str) -> None:
    hire(kept)
    here = enter()
    _, codes = set_up(here)
    thief = enter(ends_others=True)
    assert inside(here)
    assert give(thief, codes[0]) is not None
    assert not inside(here)
