"""An address is proven by its owner's link only: once, in time, and never by guessing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from customers.proofs import ProofError, renew
from customers.proving import check, prove, readdress
from customers.register import delivery_on
from customers.tables import Consent, Proof
from database.engine import transaction
from environment.clock import local_day, now, today
from tests.customers.samples import JAN, acceptance, applied, change, proven, register, signup, withdrawal
from tests.registered import register_row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def refusal(token: str | None) -> str:
    assert token is not None
    with pytest.raises(ProofError) as caught, transaction() as session:
        prove(session, token)
    assert caught.value.message.endswith(".")
    return caught.value.code


def after(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = now() + timedelta(days=days)
    for module in ("customers.proofs", "customers.proving"):
        monkeypatch.setattr(f"{module}.now", lambda: moment)


def stored_consent() -> Consent:
    with transaction() as session:
        return session.scalars(select(Consent)).one()


def test_a_link_works_once_and_then_says_that_all_is_done() -> None:
    outcome = applied(acceptance(), "T1")
    result = proven(outcome)
    assert (result.purpose, result.customer_no, result.tracking) == ("einvoice", JAN.customer_no, "T1")
    assert refusal(outcome.proof_token) == "used"


@pytest.mark.parametrize("token", ["", "0" * 48, "ż" * 5000, "\udcff"])
def test_an_unknown_link_is_refused(token: str) -> None:
    assert refusal(token) == "unknown"


def test_a_link_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = applied(acceptance(), "T1")
    after(monkeypatch, 15)
    assert refusal(outcome.proof_token) == "expired"


def test_a_link_works_on_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = applied(acceptance(), "T1")
    after(monkeypatch, 13)
    assert proven(outcome).email == "nowa@example.com"


def test_looking_at_a_link_changes_nothing() -> None:
    outcome = applied(acceptance(), "T1")
    assert outcome.proof_token is not None
    with transaction() as session:
        assert check(session, outcome.proof_token).purpose == "einvoice"
        row = register_row(session, JAN.customer_no)
    assert row is not None
    assert row["invoice_delivery"] == "paper"
    proven(outcome)


def test_a_renewed_link_works_and_the_older_one_tells_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = applied(signup(), "T1")
    after(monkeypatch, 15)
    with transaction() as session:
        renewal = renew(session, "T1")
    assert (renewal.purpose, renewal.email) == ("account", "login@example.com")
    assert refusal(outcome.proof_token) == "replaced"
    assert applied(signup(), "T1").proof_token == renewal.token, "a message made again carries the link that works"
    with transaction() as session:
        assert prove(session, renewal.token).purpose == "account"


def test_after_an_address_was_corrected_each_earlier_link_says_so_and_the_newest_alone_works() -> None:
    first = applied(acceptance("literowka@example.com"), "T1")
    with transaction() as session:
        second = renew(session, "T1")
    with transaction() as session:
        newest = readdress(session, "T1", "dobra@example.com")
    assert (refusal(first.proof_token), refusal(second.token)) == ("redirected", "redirected")
    with transaction() as session:
        assert prove(session, newest.token).email == "dobra@example.com"
    assert stored_consent().email == "dobra@example.com"


def test_nothing_is_renewed_that_is_proven_or_unknown() -> None:
    proven(applied(acceptance(), "T1"))
    for tracking, code in (("T1", "used"), ("NONE", "unknown")):
        with pytest.raises(ProofError) as caught, transaction() as session:
            renew(session, tracking)
        assert caught.value.code == code


def test_a_withdrawal_ends_the_links_of_what_it_withdraws() -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    pending = applied(change("stara@example.com", "nowa@example.com"), "T2")
    applied(withdrawal(), "T3")
    assert refusal(pending.proof_token) == "withdrawn"


def test_a_second_change_replaces_the_link_of_the_first() -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    first = applied(change("stara@example.com", "b@example.com"), "T2")
    second = applied(change("stara@example.com", "c@example.com"), "T3")
    assert refusal(first.proof_token) == "replaced"
    assert proven(second).email == stored_consent().email == "c@example.com"


def test_a_proven_change_ends_the_link_to_the_address_that_it_replaced() -> None:
    first = applied(acceptance("literowka@example.com"), "T1")
    proven(applied(change("literowka@example.com", "dobra@example.com"), "T2"))
    assert refusal(first.proof_token) == "replaced"


def test_the_link_of_an_acceptance_leaves_that_of_a_change_after_it_in_force() -> None:
    first = applied(acceptance("stara@example.com"), "T1")
    second = applied(change("stara@example.com", "nowa@example.com"), "T2")
    proven(first)
    assert proven(second).email == stored_consent().email == "nowa@example.com"


def test_a_change_of_address_leaves_the_day_from_which_invoices_go_by_email(monkeypatch: pytest.MonkeyPatch) -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    first, proven_first = today(), stored_consent()
    after(monkeypatch, 40)
    proven(applied(change("stara@example.com", "nowa@example.com"), "T2"))
    changed = stored_consent()
    assert proven_first.effective_from == changed.effective_from == first
    assert changed.email_proven_at is not None and local_day(changed.email_proven_at) == first + timedelta(days=40)
    with transaction() as session:
        row = register_row(session, JAN.customer_no)
        between = delivery_on(session, JAN.customer_no, first + timedelta(days=20))
    assert row is not None and row["delivery_from"] == first.isoformat()
    assert (between.channel, between.email) == ("email", "stara@example.com")


def test_the_database_alone_gives_no_token() -> None:
    outcome = applied(acceptance(), "T1")
    with transaction() as session:
        proof = session.scalars(select(Proof)).one()
        stored = [getattr(proof, column.name) for column in Proof.__table__.columns]
    assert outcome.proof_token not in stored
