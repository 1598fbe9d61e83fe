"""Every night consents, messages, accounts and customers go whose time is over."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit.verification import look_at_trail
from benchmarks import office, visits
from confirmations import outbox
from confirmations.tables import Message
from customers.tables import Account, Change, Consent, Customer, PasswordLink, Proof, Request
from database.engine import transaction
from documents import loading
from documents.drafts import Draft, keep, new_token
from documents.originals import is_sound
from documents.states import IntakeChannel
from documents.tables import Document, Original
from environment import clock
from environment.settings import get_settings
from retention import nightly
from review.tables import SecondLook
from tests.portal.asking import ask, with_account
from tests.retention.conftest import Later
from tests.retention.nights import closed_account, counts, document, number_of, refused


@pytest.fixture(autouse=True)
def _sampled_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second looks are drawn where a test asks for one."""
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()


def test_the_original_of_a_consent_stays_as_long_as_it_is_in_force_and_its_proof_after_that(
    town: str, later: Later
) -> None:
    tracking = office.on_einvoice(0)
    outbox.deliver(transaction)
    sha256 = document(tracking).original_sha256 or ""
    later(4000)
    nightly.run("machine")
    assert is_sound(sha256)
    assert document(tracking).values_erased_at is not None
    with transaction() as session:
        consent = session.scalars(select(Consent)).one()
        consent.effective_to = clock.today()
    later(1096)
    assert nightly.run("machine").originals == 1
    with transaction() as session:
        proof = session.scalars(select(Consent)).one()
        assert (proof.customer_no, proof.original_sha256) == (office.people()[0]["customer_no"], sha256)
        assert proof.email == office.people()[0]["email"] and proof.email_proven_at and proof.terms_version
        assert loading.load(session, tracking).channel == IntakeChannel.WEB
    later(1096)
    night = counts(nightly.run("machine"))
    assert (night["consents"], night["case_records"]) == (1, 1)  # of the record nothing was left but the proof
    assert number_of(Consent) == number_of(Proof) == number_of(Document) == 0
    assert number_of(Change) == number_of(Original) == number_of(Message) == 0


def test_a_message_is_erased_with_its_file_and_tells_that_it_was_sent(town: str, later: Later) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    with transaction() as session:
        message = session.scalars(select(Message)).one()
    file = get_settings().outgoing / str(message.reference)
    assert file.is_file() and message.recipient
    later(1096)
    young = clock.now().timestamp()
    os.utime(file, (young, young))
    nightly.run("machine")
    with transaction() as session:
        message = session.scalars(select(Message)).one()
        assert (message.recipient, message.context, message.state) == ("", {"tracking": tracking}, "sent")
        assert message.sent_at is not None
    assert not file.exists()


def test_what_nobody_proved_in_time_is_erased_with_its_account(town: str, later: Later) -> None:
    tracking = office.online("ebok_signup")
    office.worked_off(tracking)
    later(15)
    with transaction() as session:
        assert session.scalars(select(Proof)).one().phoned_at is None
    later(366)
    assert "unproven" not in counts(nightly.run("machine"))  # the customer is still to be phoned
    with transaction() as session:
        session.scalars(select(Proof)).one().phoned_at = clock.now()
    assert counts(nightly.run("machine"))["unproven"] == 1
    with transaction() as session:
        assert session.scalars(select(Proof)).one().email == ""
        consent = session.scalars(select(Consent)).one()
        assert consent.email == "" and consent.effective_to is not None
    assert number_of(Account) == 0
    # Whoever asks for the same again gets it: nothing was brought about.
    again = office.online("ebok_signup")
    office.worked_off(again)
    assert number_of(Account) == 1


def test_drafts_and_departed_customers_go(town: str, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_KEEP_CUSTOMERS_DAYS", "400")
    get_settings.cache_clear()
    with transaction() as session:
        keep(session, "ebok_signup", new_token(), {"name": "Kto"}, own=False)
    einvoice = office.on_einvoice(0)
    visits.asked("tank_collection", 1)
    ask(with_account(2))
    outbox.deliver(transaction)
    later(401)
    assert counts(nightly.run("machine"))["drafts"] == 1
    assert number_of(Draft) == 0
    assert number_of(Customer) == len(office.people())  # nobody was on a newer list
    office.fill_register(office.people()[6:])
    night = nightly.run("machine")
    assert counts(night)["customers"] == 3
    assert [one.at_work for one in night.outcomes if one.kind.code == "customers"] == [3], "a visit and an answer too"
    assert number_of(Customer) == len(office.people()) - 3
    assert document(einvoice).customer_no == office.people()[0]["customer_no"]
    assert counts(nightly.run("machine")) == {}


def test_requests_links_leases_and_the_beginning_of_the_audit_go_in_their_time(
    town: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_KEEP_AUDIT_DAYS", "1200")
    get_settings.cache_clear()
    tracking, number = refused(), str(office.people()[0]["customer_no"])
    with transaction() as session:
        row = loading.load(session, tracking)
        row.desk_owner, row.desk_until = "ewa", clock.now()
        session.add(SecondLook(tracking=tracking, chosen_at=clock.now(), clerk="ewa", clerk_until=clock.now()))
        session.add(Request(customer_no=number, form="x", tracking=tracking, values={"a": "b"}, at=clock.now()))
        account = closed_account(session, number, tracking)
        link = {"created_at": clock.now(), "expires_at": clock.now()}
        session.add(PasswordLink(token_digest="d", account_id=account.id, **link))
    later(31)
    assert counts(nightly.run("machine")) == {"desk_leases": 2}
    later(335)
    assert counts(nightly.run("machine")) == {"password_links": 1, "accounts": 1}
    later(730)
    assert counts(nightly.run("machine")) == {"requests": 1}
    later(200)
    assert counts(nightly.run("machine"))["audit"] > 1
    assert look_at_trail().whole


def test_an_account_goes_with_its_links_whose_time_is_not_over(town: str, later: Later) -> None:
    tracking, number = refused(), str(office.people()[0]["customer_no"])
    with transaction() as session:
        account = closed_account(session, number, tracking)
        at = {"created_at": clock.now(), "expires_at": clock.now() + timedelta(days=300)}
        session.add(PasswordLink(token_digest="d", account_id=account.id, **at))
    later(366)
    assert counts(nightly.run("machine")) == {"accounts": 1}
    assert number_of(PasswordLink) == 0
