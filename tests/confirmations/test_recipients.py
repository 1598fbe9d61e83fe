"""Where a customer is written to, and which addresses are proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from confirmations.recipients import awaits_proof, by_email, postal_address, proof_ends_on, reach
from customers.compensation import undo
from customers.tables import Consent
from database.engine import transaction
from environment.clock import today
from tests.confirmations.composed import confirm
from tests.confirmations.samples import process
from tests.customers.samples import FIRM, JAN, acceptance, signup, withdrawal


def test_an_address_awaits_its_proof_until_the_link_is_used_or_replaced(some_customers: None) -> None:
    outcome = process(acceptance("nowa@example.com"), "AAAA-BBB1")
    with transaction() as session:
        assert awaits_proof(session, JAN.customer_no, "nowa@example.com")
        assert not awaits_proof(session, JAN.customer_no, "inna@example.com")
        assert not awaits_proof(session, FIRM.customer_no, "nowa@example.com")
        assert proof_ends_on(session, "AAAA-BBB1", "inna@example.com") is None
        assert proof_ends_on(session, "AAAA-BBB2", "nowa@example.com") is None
    confirm(outcome)
    with transaction() as session:
        assert not awaits_proof(session, JAN.customer_no, "nowa@example.com")
        assert proof_ends_on(session, "AAAA-BBB1", "nowa@example.com") is None


def test_a_proven_address_serves_for_sixty_days_after_its_withdrawal_and_no_longer(
    some_customers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(process(acceptance("nowa@example.com"), "AAAA-BBB1"))
    process(withdrawal(), "AAAA-BBB2")
    last = today()
    for days, address in ((60, "nowa@example.com"), (61, "zaneta@example.com")):
        monkeypatch.setattr("confirmations.recipients.today", lambda days=days: last + timedelta(days=days))
        with transaction() as session:
            found = reach(session, JAN)
        assert (found.address, found.proven) == (address, days == 60)


def test_an_address_of_a_document_that_was_taken_back_is_written_to_no_more(some_customers: None) -> None:
    confirm(process(acceptance("zla@example.com"), "AAAA-BBB1"))
    confirm(process(signup("obcy@example.com"), "AAAA-BBB2"))
    with transaction() as session:
        assert reach(session, JAN).address == "zla@example.com"
        for tracking in ("AAAA-BBB1", "AAAA-BBB2"):
            undo(session, tracking, "FIX")
        found = reach(session, JAN)
    assert (found.address, found.proven) == ("zaneta@example.com", False)


def test_of_two_proven_addresses_that_of_invoices_is_written_to(some_customers: None) -> None:
    confirm(process(acceptance("faktury@example.com"), "AAAA-BBB1"))
    confirm(process(signup("login@example.com"), "AAAA-BBB2"))
    with transaction() as session:
        assert reach(session, JAN).address == "faktury@example.com"
        assert by_email(session, JAN.customer_no, "login@example.com").proven is True
        assert by_email(session, JAN.customer_no, "inna@example.com").proven is False


def test_no_consent_of_another_effect_comes_before_that_to_e_invoices_whatever_its_name(some_customers: None) -> None:
    confirm(process(acceptance("faktury@example.com"), "AAAA-BBB1"))
    confirm(process(signup("login@example.com"), "AAAA-BBB2"))
    for subject in ("sms", "account", "aaa", "zzz"):
        with transaction() as session:
            other = session.scalars(select(Consent).where(Consent.email == "login@example.com")).one()
            other.subject = subject
            session.flush()
            assert reach(session, JAN).address == "faktury@example.com"


def test_a_postal_address_names_flat_and_village_as_people_write_them() -> None:
    assert postal_address(JAN).splitlines()[1] == "ul. Adama Mickiewicza 12/3"
    village = replace(JAN, street=None, flat=None, town="Drzewice")
    assert postal_address(village).splitlines()[1:] == ["Drzewice 12", "66-470 Drzewice"]
    assert len(postal_address(replace(JAN, postcode=None)).splitlines()) == 2
    for lost in ("street", "house", "flat"):
        damaged = replace(JAN, **{lost: None}, unusable={lost: "05.lip"})
        assert postal_address(damaged).splitlines() == [JAN.name, "66-470 Kostrzyn nad Odrą"]
