"""Accounts and the identities that open them, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access.identities import Away, come_back, enter, send_away, set_way
from access.openid import Begun, Identity
from access.roles import Role, SignInWay
from access.sessions import begin_sign_in, sign_in, who
from access.staff import StaffError, list_staff
from access.tables import BegunSignIn, Staff
from database.engine import transaction
from environment import clock
from environment.settings import get_settings
from tests.api.desk.staff import hire

ISSUER = "https://dostawca.example/"
AWAY = Away(Begun("https://dostawca.example/wejscie", "stan", "raz", "dowod"), "/biuro/szukaj", ends_others=True)


@pytest.fixture(autouse=True)
def _provider(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("EBOK_OIDC_CLIENT_ID", "ebok")
    get_settings.cache_clear()


def identity(subject: str = "osoba-1", issuer: str = ISSUER) -> Identity:
    return Identity(issuer, subject, {})


def test_what_a_browser_was_sent_away_with_is_there_once_and_encrypted() -> None:
    with transaction() as session:
        mark, other = send_away(session, AWAY), send_away(session, AWAY)
    assert mark != other
    with transaction() as session:
        assert come_back(session, "obcy znak") is None
        assert come_back(session, mark) == AWAY
    with transaction() as session:
        assert come_back(session, mark) is None
        assert session.query(BegunSignIn).count() == 1


def test_browsers_that_never_come_back_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        mark = send_away(session, AWAY)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    with transaction() as session:
        assert come_back(session, mark) is None
        send_away(session, AWAY)
        assert session.query(BegunSignIn).count() == 1


def test_an_identity_is_issuer_and_subject_together_and_stands_nowhere_in_clear() -> None:
    hire("ola")
    with transaction() as session:
        set_way(session, "ola", SignInWay.EITHER, subject="osoba-1")
    with transaction() as session:
        assert enter(session, identity(issuer="https://inny.example/"), browser="", ends_others=False).member is None
        assert enter(session, identity("Osoba-1"), browser="", ends_others=False).member is None
        token = enter(session, identity(), browser="", ends_others=False).token
        assert token is not None
        found = who(session, token)
        assert found is not None
        assert (found.member.login, found.by_provider, found.owed) == ("ola", True, None)
        assert "osoba-1" not in repr(session.query(Staff.identity_digest).all())


def test_one_identity_opens_one_account_and_a_refused_binding_changes_nothing() -> None:
    hire("ola")
    hire("ewa")
    with transaction() as session:
        set_way(session, "ola", SignInWay.PROVIDER, subject="osoba-1")
    with pytest.raises(StaffError, match="inne konto"), transaction() as session:
        set_way(session, "ewa", SignInWay.EITHER, subject="osoba-1")
    with transaction() as session:
        assert [(one.login, one.way, one.bound) for one in list_staff(session)] == [
            ("ewa", SignInWay.PASSWORD, False),
            ("ola", SignInWay.PROVIDER, True),
        ]


def test_a_password_that_was_being_compared_lets_nobody_in_once_only_the_provider_does() -> None:
    hire("ola", Role.CLERK)
    with transaction() as session:
        attempt = begin_sign_in(session, "ola", "client:192.0.2.1")
    with transaction() as session:
        set_way(session, "ola", SignInWay.PROVIDER, subject="osoba-1")
    with transaction() as session:
        assert sign_in(session, attempt) is None
        assert not begin_sign_in(session, "ola", "client:192.0.2.1").is_right("trzy zielone rowery")
