"""Taking back what a misread document did, effect by effect, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from customers.compensation import Undone, amend, corrected_by, owed, undo
from customers.proofs import ProofError
from customers.proving import check, prove
from customers.register import InvoiceDelivery, changes_of, deliveries_on, delivery_on
from customers.tables import Account, Change, Consent, Proof, Request
from database.engine import transaction
from environment.clock import now, today
from forms.catalogue import form_by_code
from tests.customers.samples import (
    FIRM,
    JAN,
    RECEIVED,
    acceptance,
    applied,
    change,
    proven,
    register,
    signed,
    signup,
    submission,
    withdrawal,
)
from tests.own_terms import own_terms
from tests.registered import register_row

pytestmark = pytest.mark.usefixtures("database")
NO = JAN.customer_no
LATER = RECEIVED + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def taken_back(tracking: str, by: str = "FIX") -> Undone:
    with transaction() as session:
        return undo(session, tracking, by)


def row() -> dict[str, object]:
    with transaction() as session:
        found = register_row(session, NO)
    assert found is not None
    return found


def delivery() -> InvoiceDelivery:
    with transaction() as session:
        return delivery_on(session, NO, today())


def outcome_of(tracking: str) -> str:
    with transaction() as session:
        return str(changes_of(session, tracking)[0]["outcome"])


def why_dead(token: str | None) -> str:
    assert token is not None
    with transaction() as session, pytest.raises(ProofError) as refused:
        check(session, token)
    return refused.value.code


def test_an_acceptance_with_a_wrong_address_is_taken_back_and_its_link_dies() -> None:
    first = applied(acceptance("zla@example.com"), "T1")
    assert taken_back("T1").done
    assert why_dead(first.proof_token) == "corrected"
    assert outcome_of("T1") == "compensated"
    assert applied(acceptance("dobra@example.com"), "T2").code == "consent_recorded"


def test_a_proven_wrong_address_gets_no_invoice_from_this_day_on() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    assert delivery() == InvoiceDelivery("email", "zla@example.com")
    assert taken_back("T1").done
    assert delivery() == InvoiceDelivery("paper")
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("paper", None)


def test_an_acceptance_whose_address_the_customer_has_changed_himself_stands() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    proven(applied(change("zla@example.com", "moja@example.com"), "T2", LATER))
    assert not taken_back("T1").done
    assert delivery() == InvoiceDelivery("email", "moja@example.com")
    assert outcome_of("T1") == "done"


def test_a_change_of_address_that_was_not_used_yet_leaves_the_old_one() -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    wrong = applied(change("stara@example.com", "zla@example.com"), "T2", LATER)
    assert taken_back("T2").done
    assert why_dead(wrong.proof_token) == "corrected"
    assert delivery() == InvoiceDelivery("email", "stara@example.com")


def test_after_a_change_to_a_wrong_address_the_old_one_is_in_force_again() -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    proven(applied(change("stara@example.com", "zla@example.com"), "T2", LATER))
    assert delivery() == InvoiceDelivery("email", "zla@example.com")
    assert taken_back("T2").done
    assert delivery() == InvoiceDelivery("email", "stara@example.com")
    assert row()["invoice_email"] == "stara@example.com"
    assert applied(change("stara@example.com", "dobra@example.com"), "T3", LATER).code == "change_recorded"


def long_ago(*used: tuple[str, int]) -> None:
    """The acceptance holds since twenty days ago; links of these documents were used so many days ago."""
    with transaction() as session:
        consent = session.scalars(select(Consent).where(Consent.customer_no == NO)).one()
        consent.effective_from = today() - timedelta(days=20)
        for tracking, days in used:
            proof = session.scalars(select(Proof).where(Proof.tracking == tracking)).one()
            proof.used_at = now() - timedelta(days=days)


def ways() -> tuple[InvoiceDelivery, InvoiceDelivery]:
    """Where an invoice of five days ago went, and where it goes if it leaves only now."""
    whose = NO, today() - timedelta(days=5)
    with transaction() as session:
        return delivery_on(session, *whose), deliveries_on(session, [whose], to_send=True)[whose]


def test_what_leaves_later_goes_to_no_address_that_was_taken_back_whatever_day_it_is_of() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    long_ago(("T1", 20))
    assert ways() == (InvoiceDelivery("email", "zla@example.com"),) * 2
    assert taken_back("T1").done
    assert ways() == (InvoiceDelivery("email", "zla@example.com"), InvoiceDelivery("paper"))


def test_what_leaves_later_goes_to_the_address_before_where_a_change_was_taken_back() -> None:
    proven(applied(acceptance("stara@example.com"), "T1"))
    proven(applied(change("stara@example.com", "zla@example.com"), "T2", LATER))
    long_ago(("T1", 20), ("T2", 9))
    assert taken_back("T2").done
    assert ways() == (InvoiceDelivery("email", "zla@example.com"), InvoiceDelivery("email", "stara@example.com"))


def test_a_withdrawal_ascribed_to_the_wrong_customer_never_happened_to_him() -> None:
    proven(applied(acceptance("moja@example.com"), "T1"))
    applied(withdrawal(), "T2", LATER)
    assert row()["invoice_delivery"] == "paper"
    assert taken_back("T2").done
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("email", "moja@example.com")
    assert delivery() == InvoiceDelivery("email", "moja@example.com")


def test_a_withdrawal_after_which_the_customer_accepted_anew_is_left() -> None:
    proven(applied(acceptance("moja@example.com"), "T1"))
    applied(withdrawal(), "T2", LATER)
    proven(applied(acceptance("nowa@example.com"), "T3", LATER))
    assert not taken_back("T2").done
    assert delivery() == InvoiceDelivery("email", "nowa@example.com")


def test_a_withdrawal_before_the_proof_gives_a_new_link_when_taken_back() -> None:
    first = applied(acceptance("moja@example.com"), "T1")
    applied(withdrawal(), "T2", LATER)
    assert why_dead(first.proof_token) == "withdrawn"
    undone = taken_back("T2")
    assert undone.renewal is not None and undone.renewal.email == "moja@example.com"
    with transaction() as session:
        assert check(session, undone.renewal.token).purpose == "einvoice"


def test_an_account_with_a_wrong_login_is_closed_and_a_right_one_can_be_opened() -> None:
    proven(applied(signup("zly@example.com"), "T1"))
    assert taken_back("T1").done
    assert row()["account"] is None
    assert applied(signup("dobry@example.com"), "T2").code == "account_pending"


def test_a_wrong_telephone_of_an_active_account_is_put_right_in_place() -> None:
    given = signup("login@example.com", phone="600700809", notify_email=True)
    proven(applied(given, "T1"))
    right = {**given.values, "phone": "600700800", "notify_email": False}
    with transaction() as session:
        assert amend(session, "T1", right)
        assert not amend(session, "T1", right)
    account = row()["account"]
    assert isinstance(account, dict)
    assert (account["state"], account["phone"], account["notify_email"]) == ("active", "600700800", False)


def test_taking_back_twice_finds_nothing_the_second_time() -> None:
    applied(acceptance(), "T1")
    assert taken_back("T1").done
    assert not taken_back("T1", "OTHER").done


def test_what_a_wrong_field_owes_follows_from_the_effect() -> None:
    signup_form, change_form = form_by_code("ebok_signup"), form_by_code("einvoice_email_change")
    assert owed(signup_form, ["email"]) == "undoing"
    assert owed(signup_form, ["phone", "name"]) == "amendment"
    assert owed(signup_form, ["name", "street"]) == "nothing"
    assert owed(change_form, ["email_new"]) == "undoing"


def test_a_change_that_was_taken_back_names_its_correction_and_one_that_stands_names_none() -> None:
    applied(acceptance(), "T1")
    with transaction() as session:
        assert corrected_by(session, "T1") is None
        assert corrected_by(session, "NONE") is None
    assert taken_back("T1", "FIX").done
    with transaction() as session:
        assert corrected_by(session, "T1") == "FIX"
        change = session.scalars(select(Change).where(Change.tracking == "T1")).one()
    assert (change.detail["corrected_by"], change.detail["undone"]) == ("FIX", True)
    assert change.detail["facts"]["email"] == "nowa@example.com", "what was told stays told"


def test_what_cannot_be_taken_back_keeps_its_outcome_and_says_so() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    proven(applied(change("zla@example.com", "moja@example.com"), "T2", LATER))
    assert not taken_back("T1", "FIX").done
    with transaction() as session:
        change_row = session.scalars(select(Change).where(Change.tracking == "T1")).one()
        assert corrected_by(session, "T1") is None
    assert (change_row.detail["corrected_by"], change_row.detail["undone"]) == ("FIX", False)


def test_nothing_is_taken_back_of_a_document_that_changed_nothing() -> None:
    applied(withdrawal(), "T1")
    assert outcome_of("T1") == "needs_human"
    assert taken_back("T1") == Undone(False)
    assert taken_back("NONE") == Undone(False)


@pytest.mark.parametrize(("used", "last_day"), [(True, -1), (False, 0)])
def test_a_wrong_acceptance_ends_by_its_correction_today_or_the_day_before_when_it_was_in_force(
    used: bool, last_day: int
) -> None:
    outcome = applied(acceptance("zla@example.com"), "T1")
    if used:
        proven(outcome)
    assert taken_back("T1", "FIX").done
    (consent,) = consents()
    assert (consent.effective_to, consent.ended_by_tracking) == (today() + timedelta(days=last_day), "FIX")
    assert row()["delivery_from"] == (today().isoformat() if used else None)


def test_a_closed_account_keeps_its_consent_with_the_day_and_the_cause_of_its_end() -> None:
    first = applied(signup("zly@example.com"), "T1")
    assert taken_back("T1", "FIX").done
    (consent,) = consents()
    assert (consent.subject, consent.effective_to, consent.ended_by_tracking) == ("account", today(), "FIX")
    assert why_dead(first.proof_token) == "corrected"


def test_a_withdrawal_that_was_taken_back_leaves_the_consent_as_it_was() -> None:
    proven(applied(acceptance("moja@example.com"), "T1"))
    (before,) = consents()
    applied(withdrawal(), "T2", LATER)
    assert taken_back("T2").done
    (after,) = consents()
    assert (after.effective_to, after.ended_by_tracking, after.withdrawn) == (None, None, False)
    assert after.effective_from == before.effective_from
    assert row()["delivery_from"] == today().isoformat()


def test_after_a_change_to_a_wrong_address_before_the_first_was_proven_the_first_gets_a_new_link() -> None:
    applied(acceptance("moja@example.com"), "T1")
    proven(applied(change("moja@example.com", "zla@example.com"), "T2", LATER))
    assert delivery() == InvoiceDelivery("email", "zla@example.com")
    undone = taken_back("T2")
    assert undone.done and undone.renewal is not None
    told = undone.renewal
    assert (told.email, told.tracking, told.purpose, told.customer_no) == ("moja@example.com", "T1", "einvoice", NO)
    assert delivery() == InvoiceDelivery("paper")
    (consent,) = consents()
    assert (consent.email, consent.email_proven_at, consent.effective_from) == ("moja@example.com", None, None)
    with transaction() as session:
        prove(session, undone.renewal.token)
    assert delivery() == InvoiceDelivery("email", "moja@example.com")


def test_a_request_of_the_wrong_customer_is_taken_back_and_others_stay() -> None:
    base = acceptance()
    request = replace(base, form=replace(base.form, code="meter_exchange", effect="record_request"))
    for tracking, day in (("T1", 20), ("T2", 19)):
        applied(signed(request, date(2025, 3, day)), tracking)
    assert taken_back("T1").done
    with transaction() as session:
        assert list(session.scalars(select(Request.tracking))) == ["T2"]
    assert owed(request.form, ["phone"]) == "undoing"


def test_a_wrong_day_of_signature_is_put_right_in_change_and_consent() -> None:
    applied(acceptance(), "T1")
    values = {**acceptance().values, "date_signed": "2025-03-19"}
    with transaction() as session:
        assert amend(session, "T1", values)
        assert not amend(session, "T1", values)
        assert not amend(session, "NONE", values)
    with transaction() as session:
        assert session.scalars(select(Change.signed_on)).one() == date(2025, 3, 19)
    (consent,) = consents()
    assert consent.signed_on == date(2025, 3, 19)


def test_a_corrected_day_of_signature_is_that_of_the_regulamin_of_that_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second version was not in force when he signed, so he is asked about it; a later answer stands."""
    first, second = "2024-01-01", date(2025, 3, 18)
    own_terms(
        tmp_path / "terms", monkeypatch, ("ebok", "1", first), ("ebok", "2", str(second)), ("einvoice", "1", first)
    )
    proven(applied(signup("login@example.com"), "T1"))
    (consent,) = consents()
    assert consent.terms_version == "2"
    with transaction() as session:
        assert amend(session, "T1", {**signup().values, "date_signed": str(second - timedelta(days=3))})
    (consent,) = consents()
    with transaction() as session:
        account = session.scalars(select(Account)).one()
        assert (consent.terms_version, account.terms_version) == ("1", "1")
        account.terms_version = "3"
    with transaction() as session:
        assert amend(session, "T1", {**signup().values, "date_signed": str(second)})
        assert session.scalars(select(Account.terms_version)).one() == "3", "he has answered to a later one since"
    assert consents()[0].terms_version == "2"


def consents() -> list[Consent]:
    with transaction() as session:
        return list(session.scalars(select(Consent).order_by(Consent.id)))


def test_a_withdrawal_is_taken_back_though_another_customer_accepted_since() -> None:
    proven(applied(acceptance("moja@example.com"), "T1"))
    applied(withdrawal(), "T2", LATER)
    proven(applied(submission("einvoice_acceptance", FIRM, email="firma@example.com"), "T3", LATER))
    assert taken_back("T2").done is True
    assert delivery() == InvoiceDelivery("email", "moja@example.com")


def test_a_link_of_a_change_that_was_never_used_is_no_other_address() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    unused = applied(change("zla@example.com", "moja@example.com"), "T2", LATER)
    assert taken_back("T1").done is True
    assert why_dead(unused.proof_token) == "corrected"


def test_a_change_that_is_taken_back_leaves_the_link_of_the_acceptance_alone() -> None:
    first = applied(acceptance("moja@example.com"), "T1")
    wrong = applied(change("moja@example.com", "zla@example.com"), "T2", LATER)
    assert taken_back("T2").done is True
    assert why_dead(wrong.proof_token) == "corrected"
    proven(first)
    assert delivery() == InvoiceDelivery("email", "moja@example.com")


def test_the_details_of_a_closed_account_and_of_others_are_not_amended() -> None:
    applied(signup("login@example.com"), "T1")
    applied(submission("ebok_signup", FIRM, email="firma@example.com"), "T2")
    with transaction() as session:
        undo(session, "T1", "FIX")
        assert amend(session, "T1", {**signup().values, "phone": "501502503"}) is False
        phones = list(session.scalars(select(Account.phone).order_by(Account.id)))
    assert phones == [JAN.phone, FIRM.phone]


def test_an_account_that_is_closed_already_cannot_be_taken_back_again() -> None:
    applied(signup("login@example.com"), "T1")
    with transaction() as session:
        session.scalars(select(Account)).one().state = "closed"
    assert taken_back("T1") == Undone(False)


def test_a_withdrawal_after_an_acceptance_that_was_taken_back_is_not_done_already() -> None:
    proven(applied(acceptance("zla@example.com"), "T1"))
    assert taken_back("T1").done is True
    outcome = applied(withdrawal(), "T2")
    assert (outcome.kind, outcome.code) == ("needs_human", "no_active_consent")
