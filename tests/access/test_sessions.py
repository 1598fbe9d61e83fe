"""Accounts of staff and their sessions, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from access import sessions
from access.passwords import hashed
from access.staff import Role, StaffError, add_staff, change_role, deactivate, list_staff, reactivate, set_password
from access.tables import StaffSession
from database.engine import reading, transaction
from environment import clock
from review.staff_accounts import give_password
from tests.asked import asked

PASSWORD = "trzy zielone rowery"
CLIENT = "client:203.0.113.7"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


def add(login: str, kept: str, role: Role = Role.CLERK) -> None:
    with transaction() as session:
        add_staff(session, login, "Ola Wymyślona", role, kept)


def enter(login: str, password: str = PASSWORD) -> str | None:
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, login, CLIENT)
    right = attempt.is_right(password)
    with transaction() as session:
        return sessions.sign_in(session, attempt) if right else None


def inside(token: str) -> bool:
    with reading() as session:
        found = sessions.who(session, token)
    if found is not None and found.unnoted:
        with transaction() as session:
            sessions.note_use(session, token)
    return found is not None


def at(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    moment = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_first_password_that_nobody_replaced_in_time_opens_nothing(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ola", kept)
    at(monkeypatch, 60 * 24 * 13.9)
    token = enter("ola")
    assert token is not None
    at(monkeypatch, 60 * 24 * 0.2)
    assert enter("ola", "inne hasło") is None
    with pytest.raises(sessions.FirstPasswordOverError):
        enter("ola")
    with transaction() as session:
        reactivate(session, "ola", kept)
    assert enter("ola") is not None
    with transaction() as session:
        set_password(session, "ola", kept, must_change=False)
    at(monkeypatch, 60 * 24 * 365)
    assert enter("ola") is not None, "a password of one's own has no day"


def test_the_right_password_opens_a_session_of_its_own_each_time(database: str, kept: str) -> None:
    add("ola", kept)
    first, second = enter(" OLA "), enter("ola")
    assert first is not None
    assert second is not None
    assert first != second
    with transaction() as session:
        visit = sessions.who(session, first)
        assert visit is not None
        assert (visit.member.login, visit.member.role) == ("ola", Role.CLERK)
        assert first not in "".join(str(row) for row in session.execute(text("SELECT * FROM staff_sessions")))
        sessions.sign_out(session, first)
    assert not inside(first)
    assert inside(second)


def test_wrong_passwords_and_strangers_stay_out(database: str, kept: str) -> None:
    add("ola", kept)
    assert enter("ola", "trzy zielone lowery") is None
    for stranger in ("obcy", "ola\0", "", "ż" * 500, "\ud800"):
        assert enter(stranger) is None
    assert not inside("nic")


def test_a_login_closes_after_wrong_tries_also_for_the_right_password(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ola", kept)
    for _ in range(10):
        enter("ola", "zgaduję")
    with pytest.raises(sessions.TooManyTriesError):
        enter("ola")
    at(monkeypatch, 16)
    assert enter("ola") is not None


def test_a_session_ends_when_idle_and_in_any_case_after_a_shift(
    database: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ola", kept)
    idle, busy = enter("ola"), enter("ola")
    assert idle is not None
    assert busy is not None
    for _ in range(2):
        at(monkeypatch, 20)
        assert inside(busy)
    assert not inside(idle)
    for _ in range(34):
        at(monkeypatch, 20)
        inside(busy)
    assert not inside(busy)
    enter("ola")
    with transaction() as session:
        assert len(session.scalars(select(StaffSession)).all()) == 1, "those that are over are swept away"


def test_another_password_ends_all_other_sessions(database: str, kept: str) -> None:
    add("ola", kept)
    here, elsewhere = enter("ola"), enter("ola")
    assert here is not None
    assert elsewhere is not None
    with transaction() as session:
        set_password(session, "ola", hashed("cztery żółte rowery"), must_change=False, keep=here)
    assert inside(here)
    assert not inside(elsewhere)
    assert enter("ola") is None


def test_who_is_deactivated_is_out_at_once(database: str, kept: str) -> None:
    add("ola", kept)
    token = enter("ola")
    assert token is not None
    with transaction() as session:
        deactivate(session, "ola")
    assert not inside(token)
    assert enter("ola") is None


def test_a_password_changed_between_look_and_sign_in_opens_nothing(database: str, kept: str) -> None:
    add("ola", kept)
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, "ola", CLIENT)
    assert attempt.is_right(PASSWORD)
    with transaction() as session:
        set_password(session, "ola", hashed("cztery żółte rowery"), must_change=False)
    with transaction() as session:
        assert sessions.sign_in(session, attempt) is None


def test_a_login_is_taken_once_and_is_plain(database: str, kept: str) -> None:
    add("ola", kept)
    for login in ("Ola", "o", "józef", "1jan", "jan kowalski", "jan\0"):
        with pytest.raises(StaffError):
            add(login, kept)
    with transaction() as session:
        assert [member.login for member in list_staff(session)] == ["ola"]


def test_two_administrators_cannot_both_leave_at_once(database: str, kept: str) -> None:
    add("ada", kept, Role.ADMINISTRATOR)
    add("ewa", kept, Role.ADMINISTRATOR)

    def leave(login: str) -> bool:
        try:
            with transaction() as session:
                if login == "ada":
                    deactivate(session, login)
                else:
                    change_role(session, login, Role.CLERK)
        except StaffError:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(leave, ["ada", "ewa"])) == [False, True]


def test_a_password_that_is_handed_over_is_written_once_and_lets_in_again(database: str, kept: str) -> None:
    add("ola", kept)
    token = enter("ola")
    assert token is not None
    with transaction() as session:
        deactivate(session, "ola")
    with asked() as statements, transaction() as session:
        give_password(session, "ola", hashed("inne długie hasło"), actor="clerk:ada")
    assert len([each for each in statements if each.startswith("UPDATE staff ")]) == 1
    assert len([each for each in statements if each.startswith("DELETE FROM staff_sessions")]) == 1
    assert not inside(token)
    assert enter("ola", "inne długie hasło") is not None
