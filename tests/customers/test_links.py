"""What the pages say of a link follows from the link, its case and what came after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.compensation import undo
from customers.links import Link, link_of_case, link_of_token, note_opening, openings
from customers.proofs import ProofError, renew
from customers.proving import prove
from database.engine import transaction
from environment.clock import now
from tests.customers.samples import acceptance, applied, change, proven, register, signup, withdrawal

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def _register(sqlite_database: str) -> None:
    register()


def seen(token: str | None) -> Link:
    assert token is not None
    with transaction() as session:
        return link_of_token(session, token)


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = now() + timedelta(days=days)
    for module in ("customers.links", "customers.proofs"):
        monkeypatch.setattr(f"{module}.now", lambda: moment)


def test_a_link_that_waits_tells_its_purpose_and_until_when_it_works() -> None:
    before = now()
    link = seen(applied(acceptance(), "T1").proof_token)
    assert (link.purpose, link.tracking, link.email, link.state) == ("einvoice", "T1", "nowa@example.com", "waiting")
    assert link.newest_at is not None and before <= link.newest_at <= now()
    assert link.expires_at == link.newest_at + timedelta(days=14)
    assert (link.used_at, link.in_force, link.password_missing, link.renewable) == (None, False, False, True)


def test_a_used_link_of_invoices_is_in_force_until_another_address_or_a_withdrawal() -> None:
    first = applied(acceptance(), "T1")
    proven(first)
    link = seen(first.proof_token)
    assert (link.state, link.in_force, link.newest_at, link.renewable) == ("used", True, None, False)
    assert link.used_at is not None and now() - link.used_at < timedelta(minutes=1)
    second = applied(change("nowa@example.com", "inna@example.com"), "T2")
    assert seen(first.proof_token).in_force
    proven(second)
    assert (seen(first.proof_token).in_force, seen(second.proof_token).in_force) == (False, True)
    applied(withdrawal(), "T3")
    assert not seen(second.proof_token).in_force


def test_a_used_link_of_an_account_tells_whether_its_password_is_missing() -> None:
    without = applied(signup(), "T1")
    proven(without)
    link = seen(without.proof_token)
    assert (link.purpose, link.state, link.in_force, link.password_missing) == ("account", "used", True, True)


def test_an_account_with_a_password_lacks_none_and_one_that_is_closed_is_not_in_force() -> None:
    given = applied(signup(), "T1")
    assert given.proof_token is not None
    with transaction() as session:
        prove(session, given.proof_token, "kept-hash")
    assert not seen(given.proof_token).password_missing
    with transaction() as session:
        undo(session, "T1", "T2")
    link = seen(given.proof_token)
    assert (link.in_force, link.password_missing) == (False, False)


def test_a_link_expires_at_its_moment_and_can_be_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = applied(acceptance(), "T1").proof_token
    later(monkeypatch, 14)
    assert (seen(old).state, seen(old).newest_at, seen(old).renewable) == ("expired", None, True)
    with transaction() as session:
        new = renew(session, "T1").token
    assert seen(old).state == "replaced"
    assert seen(old).newest_at == seen(new).newest_at is not None, "the old page says when the newer one was sent"
    assert seen(old).renewable and seen(new).renewable
    proven_link = seen(new)
    assert proven_link.state == "waiting"


@pytest.mark.parametrize(("ended_by", "state"), [("withdrawal", "withdrawn"), ("correction", "corrected")])
def test_a_link_that_was_ended_tells_why_and_cannot_be_renewed(ended_by: str, state: str) -> None:
    token = applied(acceptance(), "T1").proof_token
    if ended_by == "withdrawal":
        applied(withdrawal(), "T2")
    else:
        with transaction() as session:
            assert undo(session, "T1", "T2").done
    link = seen(token)
    assert (link.state, link.newest_at, link.renewable, link.in_force) == (state, None, False, False)


def test_a_case_shows_its_newest_link_and_one_without_any_shows_none() -> None:
    applied(acceptance(), "T1")
    with transaction() as session:
        renewal = renew(session, "T1")
    with transaction() as session:
        assert link_of_case(session, "T1") == link_of_token(session, renewal.token)
        assert link_of_case(session, "T2") is None
        with pytest.raises(ProofError) as caught:
            link_of_token(session, "0" * 48)
    assert caught.value.code == "unknown"


def test_that_a_page_was_opened_is_known_first_and_last_and_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    token = applied(acceptance(), "T1").proof_token
    assert token is not None
    with transaction() as session:
        assert openings(session, token) == (None, None, None)
        note_opening(session, token)
        note_opening(session, "no such token")
        first = openings(session, token)[0]
    assert first is not None
    later(monkeypatch, days=1)
    with transaction() as session:
        note_opening(session, token)
        opened, last, used = openings(session, token)
    assert (opened, used) == (first, None)
    assert last is not None and last - first >= timedelta(hours=23)
    assert seen(token).state == "waiting"
