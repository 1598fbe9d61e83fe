"""E-invoices: accepted, sent elsewhere, given up, by the rules of law and practice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from customers.outcome import AgreedDayError
from customers.register import InvoiceDelivery, changes_of
from customers.tables import Consent
from database.engine import transaction
from environment.clock import local_day, now, today
from tests.customers.effects_on_jan import LATER, NO, RECEIVED_ON, delivery, result, row, with_einvoice
from tests.customers.samples import SIGNED, acceptance, applied, change, proven, register, signed, withdrawal
from tests.own_terms import own_terms

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def test_an_acceptance_keeps_invoices_on_paper_until_its_link_is_used() -> None:
    outcome = applied(acceptance(), "T1")
    assert result(outcome) == ("done", "consent_recorded")
    assert outcome.facts["email"] == "nowa@example.com"
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("paper", None)
    proven(outcome)
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("email", "nowa@example.com")
    assert delivery(today()) == InvoiceDelivery("email", "nowa@example.com")
    assert delivery(today() - timedelta(days=1)) == InvoiceDelivery("paper")


def test_a_consent_keeps_its_whole_proof() -> None:
    applied(acceptance(), "T1")
    with transaction() as session:
        consent = session.query(Consent).one()
    assert (consent.form, consent.form_version, consent.terms_version) == ("einvoice_acceptance", "2", "1")
    assert (consent.signed_on, consent.received_on) == (SIGNED, RECEIVED_ON), "the Polish day, not the day in UTC"
    assert (consent.tracking, consent.original_sha256) == ("T1", "ab" * 32)


@pytest.mark.parametrize(
    ("signed_on", "version"),
    [(SIGNED, "1"), (date(2025, 3, 21), "2"), (RECEIVED_ON + timedelta(days=1), "3")],
    ids=["before the new text", "on its first day", "a wrong day counts as that of the receipt"],
)
def test_a_consent_names_the_regulamin_in_force_on_the_day_of_its_signature(
    home: Path, monkeypatch: pytest.MonkeyPatch, signed_on: date, version: str
) -> None:
    days = (("1", "2025-01-01"), ("2", "2025-03-21"), ("3", "2025-03-30"), ("4", "2025-03-31"))
    rows = [(key, *row) for key in ("einvoice", "ebok") for row in days]
    own_terms(home / "terms", monkeypatch, *rows)
    applied(signed(acceptance(), signed_on), "T1")
    with transaction() as session:
        assert session.query(Consent).one().terms_version == version


def test_the_same_acceptance_twice_changes_nothing_and_names_the_first() -> None:
    applied(acceptance(), "T1")
    again = applied(acceptance(), "T2", LATER)
    assert (again.kind, again.duplicate_of, again.proof_token) == ("same_request", "T1", None)
    assert len(row()["consents"]) == 1


def test_an_acceptance_of_another_day_with_the_address_in_force_is_already_done() -> None:
    with_einvoice()
    outcome = applied(signed(acceptance(), SIGNED + timedelta(days=1)), "T2")
    assert result(outcome) == ("already_done", "einvoice_active")


def test_an_acceptance_with_another_address_while_one_is_in_force_goes_to_a_human() -> None:
    with_einvoice()
    assert result(applied(acceptance("inna@example.com"), "T2")) == ("needs_human", "consent_active_other_email")
    assert row()["invoice_email"] == "nowa@example.com"


def test_a_newer_acceptance_replaces_one_that_is_not_proven() -> None:
    first = applied(acceptance("pomylka@example.com"), "T1")
    second = applied(acceptance("dobra@example.com"), "T2", LATER)
    assert second.kind == "done"
    proven(second)
    assert row()["invoice_email"] == "dobra@example.com"
    assert [consent["ended_by_tracking"] for consent in row()["consents"]] == ["T2", None]
    assert first.proof_token != second.proof_token


def test_the_same_acceptance_sends_a_new_link_when_the_first_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    first = applied(acceptance(), "T1")
    moment = now() + timedelta(days=15)
    monkeypatch.setattr("customers.proofs.now", lambda: moment)
    again = applied(acceptance(), "T2", LATER)
    assert again.kind == "done"
    assert again.proof_token not in (None, first.proof_token)


def test_a_change_keeps_the_old_address_until_the_new_one_is_proven_and_names_both() -> None:
    with_einvoice("stara@example.com")
    outcome = applied(change("stara@example.com", "nowa@example.com"), "T2")
    assert (outcome.kind, outcome.facts["email"], outcome.facts["old_email"]) == (
        "done", "nowa@example.com", "stara@example.com",
    )  # fmt: skip
    assert outcome.facts["old_email_proven"] is True
    assert delivery(today()).email == "stara@example.com"
    assert proven(outcome).email == "nowa@example.com"
    assert delivery(today()).email == row()["invoice_email"] == "nowa@example.com"


def test_a_change_without_acceptance_goes_to_a_human_with_the_reason() -> None:
    outcome = applied(change("a@example.com", "b@example.com"), "T1")
    assert result(outcome) == ("needs_human", "no_active_consent")
    assert "nie wyraził zgody" in outcome.message


def test_a_change_after_a_withdrawal_goes_to_a_human_with_the_reason() -> None:
    with_einvoice()
    applied(withdrawal(), "T2")
    outcome = applied(change("nowa@example.com", "b@example.com"), "T3")
    assert result(outcome) == ("needs_human", "no_active_consent")
    assert "wycofana; ostatni dzień: 30.03.2025" in outcome.message


def test_a_change_that_names_another_present_address_goes_to_a_human() -> None:
    with_einvoice()
    outcome = applied(change("cudza@example.com", "b@example.com"), "T2")
    assert result(outcome) == ("needs_human", "current_email_differs")
    assert "@" not in outcome.message


def test_a_clerk_may_approve_what_went_to_a_human() -> None:
    with_einvoice()
    given = change("cudza@example.com", "b@example.com")
    applied(given, "T2")
    assert applied(given, "T2", approved={"current_email_differs"}).kind == "done"


def test_a_change_to_the_address_in_force_is_already_done() -> None:
    with_einvoice()
    assert result(applied(change("stara@example.com", "nowa@example.com"), "T2")) == ("already_done", "email_in_force")


def test_a_change_corrects_the_address_of_an_acceptance_that_is_not_proven() -> None:
    first = applied(acceptance("literowka@example.com"), "T1")
    outcome = applied(change("literowka@example.com", "dobra@example.com"), "T2")
    assert outcome.facts["old_email_proven"] is False
    assert row()["invoice_delivery"] == "paper"
    proven(outcome)
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("email", "dobra@example.com")
    assert first.proof_token is not None


def test_a_withdrawal_brings_paper_back_from_the_polish_day_after_its_receipt() -> None:
    with_einvoice()
    given = withdrawal(email_current="nowa@example.com")
    received = now()
    outcome = applied(given, "T2", received)
    first_day = local_day(received) + timedelta(days=1)
    assert result(outcome) == ("done", "consent_ended")
    assert (outcome.facts["effective_from"], outcome.facts["email"]) == (first_day.isoformat(), "nowa@example.com")
    assert (row()["invoice_delivery"], row()["delivery_from"]) == ("paper", first_day.isoformat())
    assert delivery(local_day(received)) == InvoiceDelivery("email", "nowa@example.com")
    assert delivery(first_day) == InvoiceDelivery("paper")


def test_the_day_of_receipt_is_the_polish_one_also_when_clocks_change() -> None:
    with_einvoice()
    assert applied(withdrawal(), "T2").facts["effective_from"] == "2025-03-31"


def test_a_later_day_may_be_agreed_up_to_30_days_after_receipt() -> None:
    with_einvoice()
    with pytest.raises(AgreedDayError, match=r"od 31\.03\.2025 do 29\.04\.2025"):
        applied(withdrawal(), "T2", paper_from=RECEIVED_ON + timedelta(days=31))
    with pytest.raises(AgreedDayError):
        applied(withdrawal(), "T2", paper_from=RECEIVED_ON)
    agreed = RECEIVED_ON + timedelta(days=30)
    assert applied(withdrawal(), "T2", paper_from=agreed).facts["effective_from"] == agreed.isoformat()


def test_a_day_is_agreed_for_a_withdrawal_only() -> None:
    with pytest.raises(ValueError, match="no day is agreed for the effect start_einvoice"):
        applied(acceptance(), "T1", paper_from=RECEIVED_ON + timedelta(days=3))


def test_a_withdrawal_without_acceptance_goes_to_a_human_with_the_reason() -> None:
    outcome = applied(withdrawal(), "T1")
    assert (result(outcome), outcome.customer_no) == (("needs_human", "no_active_consent"), NO)


def test_a_second_withdrawal_is_already_done_and_tells_the_day() -> None:
    with_einvoice()
    applied(withdrawal(), "T2")
    outcome = applied(signed(withdrawal(), SIGNED + timedelta(days=1)), "T3", LATER)
    assert (result(outcome), outcome.facts["effective_from"]) == (("already_done", "already_withdrawn"), "2025-03-31")


def test_a_withdrawal_with_another_present_address_goes_to_a_human() -> None:
    with_einvoice()
    assert result(applied(withdrawal(email_current="inna@example.com"), "T2")) == (
        "needs_human", "current_email_differs",
    )  # fmt: skip


def test_a_withdrawal_ends_an_acceptance_that_is_not_proven() -> None:
    applied(acceptance(), "T1")
    outcome = applied(withdrawal(), "T2")
    assert (outcome.kind, outcome.facts["was_active"]) == ("done", False)
    with transaction() as session:
        assert changes_of(session, "T1")[0]["proof"] == "withdrawn"
    assert row()["invoice_delivery"] == "paper"


def test_an_acceptance_after_a_withdrawal_works_again() -> None:
    with_einvoice()
    applied(withdrawal(), "T2")
    again = applied(acceptance(), "T3", LATER)
    assert again.kind == "done"
    proven(again)
    assert row()["invoice_delivery"] == "email"
    assert [consent["withdrawn"] for consent in row()["consents"]] == [True, False]


def test_an_agreed_later_day_keeps_email_until_then_and_a_new_acceptance_before_it_goes_on() -> None:
    with_einvoice()
    received, day = now(), today()
    applied(withdrawal(), "T2", received, paper_from=day + timedelta(days=20))
    assert delivery(day + timedelta(days=19)).channel == "email"
    assert delivery(day + timedelta(days=20)).channel == "paper"
    proven(applied(acceptance(), "T3", received + timedelta(hours=1)))
    assert delivery(day + timedelta(days=20)) == InvoiceDelivery("email", "nowa@example.com")
    assert (row()["invoice_delivery"], row()["delivery_from"]) == ("email", day.isoformat())


def test_an_old_acceptance_that_turns_up_after_a_withdrawal_goes_to_a_human() -> None:
    with_einvoice()
    applied(signed(withdrawal(), SIGNED + timedelta(days=3)), "T2")
    outcome = applied(acceptance(), "T3", LATER)
    assert result(outcome) == ("needs_human", "signed_before_last")
    assert "T2" in outcome.message
    assert applied(acceptance(), "T3", LATER, approved={"signed_before_last"}).kind == "done"


def test_an_acceptance_that_waited_while_a_withdrawal_came_goes_to_a_human() -> None:
    assert applied(withdrawal(), "LATE", LATER).kind == "needs_human"
    assert result(applied(acceptance(), "EARLY")) == ("needs_human", "received_before_last")


def test_a_consent_that_was_withdrawn_keeps_by_what_and_to_which_day_it_held() -> None:
    with_einvoice()
    applied(withdrawal(), "T2")
    (consent,) = row()["consents"]
    assert (consent["effective_to"], consent["ended_by_tracking"], consent["withdrawn"]) == ("2025-03-30", "T2", True)
    assert (consent["subject"], consent["email"]) == ("einvoice", "nowa@example.com")


def test_a_consent_that_gives_way_to_a_newer_one_ends_on_the_day_of_its_receipt() -> None:
    applied(acceptance("pomylka@example.com"), "T1")
    applied(acceptance("dobra@example.com"), "T2", LATER)
    first = row()["consents"][0]
    assert (first["effective_to"], first["ended_by_tracking"], first["withdrawn"]) == ("2025-03-30", "T2", False)
