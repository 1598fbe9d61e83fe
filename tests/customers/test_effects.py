"""The four effects and the rules of law and practice, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from customers.applying import apply, request_digest
from customers.compensation import undo
from customers.outcome import AgreedDayError, Outcome
from customers.register import Delivery, changes_of, delivery_on
from customers.tables import Consent, Request
from database.clock import local_day, now, today
from database.engine import transaction
from forms.submission import FieldValue
from tests.customers.samples import (
    FIRM,
    JAN,
    RECEIVED,
    SIGNED,
    acceptance,
    applied,
    change,
    origin,
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
RECEIVED_ON = date(2025, 3, 30)
LATER = RECEIVED + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def row() -> dict[str, object]:
    with transaction() as session:
        found = register_row(session, NO)
    assert found is not None
    return found


def delivery(day: date) -> Delivery:
    with transaction() as session:
        return delivery_on(session, NO, day)


def result(outcome: Outcome) -> tuple[str, str]:
    return outcome.kind, outcome.code


def with_einvoice(email: str = "nowa@example.com") -> None:
    proven(applied(acceptance(email), "START"))


# --- acceptance


def test_an_acceptance_keeps_invoices_on_paper_until_its_link_is_used() -> None:
    outcome = applied(acceptance(), "T1")
    assert result(outcome) == ("done", "consent_recorded")
    assert outcome.facts["email"] == "nowa@example.com"
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("paper", None)
    proven(outcome)
    assert (row()["invoice_delivery"], row()["invoice_email"]) == ("email", "nowa@example.com")
    assert delivery(today()) == Delivery("email", "nowa@example.com")
    assert delivery(today() - timedelta(days=1)) == Delivery("paper")


def test_a_consent_keeps_its_whole_proof() -> None:
    applied(acceptance(), "T1")
    with transaction() as session:
        consent = session.query(Consent).one()
    assert (consent.form, consent.form_version, consent.terms_version) == ("einvoice_acceptance", "1", "1")
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


# --- change of address


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


# --- withdrawal


def test_a_withdrawal_brings_paper_back_from_the_polish_day_after_its_receipt() -> None:
    with_einvoice()
    given = withdrawal(email_current="nowa@example.com")
    received = now()
    outcome = applied(given, "T2", received)
    first_day = local_day(received) + timedelta(days=1)
    assert result(outcome) == ("done", "consent_ended")
    assert (outcome.facts["effective_from"], outcome.facts["email"]) == (first_day.isoformat(), "nowa@example.com")
    assert (row()["invoice_delivery"], row()["delivery_from"]) == ("paper", first_day.isoformat())
    assert delivery(local_day(received)) == Delivery("email", "nowa@example.com")
    assert delivery(first_day) == Delivery("paper")


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
    assert delivery(day + timedelta(days=20)) == Delivery("email", "nowa@example.com")
    assert (row()["invoice_delivery"], row()["delivery_from"]) == ("email", day.isoformat())


# --- order


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


# --- account


def test_a_sign_up_opens_a_pending_account_that_its_link_activates() -> None:
    outcome = applied(signup(), "T1")
    account = row()["account"]
    assert (outcome.kind, outcome.facts["email"]) == ("done", "login@example.com")
    assert (account["state"], account["notify_sms"], account["notify_email"], account["phone"]) == (
        "pending", True, False, JAN.phone,
    )  # fmt: skip
    assert proven(outcome).purpose == "account"
    assert row()["account"]["state"] == "active"
    assert row()["invoice_delivery"] == "paper"


def test_a_second_sign_up_with_the_same_login_is_already_done() -> None:
    proven(applied(signup(), "T1"))
    assert result(applied(signed(signup(), SIGNED + timedelta(days=1)), "T2")) == ("already_done", "account_active")


def test_a_pending_account_takes_the_newer_data_and_only_the_newer_link() -> None:
    applied(signup("literowka@example.com"), "T1")
    second = applied(signup("login@example.com", notify_email=True), "T2", LATER)
    account = row()["account"]
    assert (account["login"], account["notify_email"], account["tracking"]) == ("login@example.com", True, "T2")
    with transaction() as session:
        assert changes_of(session, "T1")[0]["proof"] == "replaced"
    proven(second)


@pytest.mark.parametrize(
    ("email", "values", "code"),
    [
        ("inny@example.com", {}, "account_active_other_login"),
        ("login@example.com", {"phone": "501502503"}, "account_active_other_preferences"),
    ],
)
def test_a_sign_up_that_would_change_an_active_account_goes_to_a_human(
    email: str, values: dict[str, str], code: str
) -> None:
    proven(applied(signup(), "T1"))
    assert result(applied(signup(email, **values), "T2")) == ("needs_human", code)


def test_the_login_of_another_customer_goes_to_a_human() -> None:
    applied(signup(), "T1")
    other = submission("ebok_signup", FIRM, email="login@example.com")
    assert result(applied(other, "T2")) == ("needs_human", "login_taken")


# --- what is told of each outcome


def facts(outcome: Outcome) -> dict[str, object]:
    return dict(outcome.facts)


def test_every_outcome_of_an_acceptance_tells_its_facts() -> None:
    first = applied(acceptance(), "T1")
    assert facts(first) == {"email": "nowa@example.com", "terms_version": "1"}
    proven(first)
    again = applied(signed(acceptance(), SIGNED + timedelta(days=1)), "T2")
    assert facts(again) == {"email": "nowa@example.com", "effective_from": today().isoformat()}
    assert (again.customer_no, again.proof_token, again.duplicate_of) == (NO, None, None)


def test_every_outcome_of_a_change_tells_its_facts() -> None:
    with_einvoice("stara@example.com")
    told = {"old_email": "stara@example.com", "old_email_proven": True}
    assert facts(applied(change("stara@example.com", "b@example.com"), "T2")) == {"email": "b@example.com", **told}
    same = applied(change("dawna@example.com", "stara@example.com"), "T3", LATER)
    assert (result(same), facts(same)) == (("already_done", "email_in_force"), {"email": "stara@example.com"})


def test_every_outcome_of_a_withdrawal_tells_its_facts() -> None:
    with_einvoice()
    first = applied(withdrawal(), "T2")
    told = {"email": "nowa@example.com", "effective_from": "2025-03-31"}
    assert facts(first) == {**told, "was_active": True}
    assert facts(applied(signed(withdrawal(), SIGNED + timedelta(days=1)), "T3", LATER)) == told


def test_every_outcome_of_a_sign_up_tells_its_facts() -> None:
    first = applied(signup(notify_email=True), "T1")
    assert facts(first) == {"email": "login@example.com", "notify_sms": True, "notify_email": True}
    proven(first)
    again = applied(signed(signup(notify_email=True), SIGNED + timedelta(days=1)), "T2")
    assert (result(again), facts(again)) == (("already_done", "account_active"), {"email": "login@example.com"})


def test_the_same_request_again_tells_the_facts_of_the_first() -> None:
    first = applied(acceptance(), "T1")
    again = applied(acceptance(), "T2", LATER)
    assert (result(again), facts(again)) == (("same_request", "same_request"), facts(first))


def test_an_account_is_kept_whole() -> None:
    proven(applied(signup(notify_email=True), "T1"))
    account = row()["account"]
    assert isinstance(account, dict)
    activated = account.pop("activated_at")
    assert activated is not None and activated.startswith(now().isoformat()[:10])
    assert account == {
        "login": "login@example.com",
        "state": "active",
        "phone": JAN.phone,
        "notify_sms": True,
        "notify_email": True,
        "terms_version": "1",
        "tracking": "T1",
        "password_set_at": None,
    }


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


def test_what_came_of_a_document_is_told_with_the_state_of_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> dict[str, object]:
        with transaction() as session:
            (change,) = changes_of(session, "T1")
        assert str(change.pop("at"))[:10] == now().isoformat()[:10]
        return change

    with transaction() as session:
        assert changes_of(session, "T1") == []
    outcome = applied(acceptance(), "T1")
    expected = {
        "effect": "start_einvoice",
        "outcome": "done",
        "code": "consent_recorded",
        "message": outcome.message,
        "facts": facts(outcome),
        "customer_no": NO,
        "duplicate_of": None,
        "proof": "waiting",
    }
    assert told() == expected
    moment = now() + timedelta(days=14)
    with monkeypatch.context() as patch:
        patch.setattr("customers.register.now", lambda: moment)
        assert told() == {**expected, "proof": "expired"}
    proven(outcome)
    assert told() == {**expected, "proof": "proven"}


def test_a_request_differs_by_each_of_its_values_and_not_by_its_signature() -> None:
    base = acceptance(paper=True)
    same = base.with_value("signature", FieldValue(False))
    assert request_digest(base) == request_digest(same) == request_digest(acceptance(paper=True))
    others = [
        acceptance("inna@example.com", paper=True),
        signed(base, SIGNED + timedelta(days=1)),
        base.with_value("phone", FieldValue("501502503")),
        submission("ebok_signup", paper=True),
    ]
    assert len({request_digest(one) for one in (base, *others)}) == 5


def test_a_document_of_nobody_is_for_a_human_and_leaves_nothing(database: str) -> None:
    outcome = applied(acceptance(customer_no="99999999"), "T1")
    assert (result(outcome), outcome.customer_no) == (("needs_human", "unknown_customer"), None)
    with transaction() as session:
        assert changes_of(session, "T1") == []


def test_an_incomplete_document_is_never_applied_whoever_sent_it() -> None:
    outcome = applied(acceptance(accept_terms=False), "T1")
    assert result(outcome) == ("needs_human", "incomplete")
    assert row()["consents"] == []
    assert applied(acceptance(), "T1").kind == "done", "corrected, it is decided anew"


def test_a_clerk_overrules_only_what_may_be_overruled() -> None:
    with_einvoice()
    given = acceptance("inna@example.com")
    assert result(applied(given, "T2", approved={"consent_active_other_email"})) == (
        "needs_human",
        "consent_active_other_email",
    )


def test_a_form_of_another_matter_or_another_customer_is_no_later_form() -> None:
    applied(signup(), "T1", LATER)
    applied(submission("einvoice_acceptance", FIRM, email="a@example.com"), "T2", LATER)
    assert applied(acceptance(), "T3").kind == "done"


def test_the_login_of_a_closed_account_is_free_again() -> None:
    proven(applied(signup(), "T1"))
    with transaction() as session:
        assert undo(session, "T1", "T2").done
    assert applied(submission("ebok_signup", FIRM, email="login@example.com"), "T3").kind == "done"


# --- requests and exactly once


def test_a_request_is_kept_encrypted_with_all_its_values_and_once_a_day() -> None:
    base = acceptance()
    request = replace(base, form=replace(base.form, code="meter_exchange", effect="record_request"))
    assert result(applied(request, "T1")) == ("done", "request_recorded")
    assert applied(request, "T2").kind == "same_request"
    assert applied(signed(request, SIGNED - timedelta(days=1)), "T3").kind == "done"
    with transaction() as session:
        assert session.query(Request).order_by(Request.id).first().values["pesel"] == JAN.pesel
        stored = session.connection().exec_driver_sql('SELECT "values" FROM requests').first()[0]
    assert (JAN.pesel or "").encode() not in bytes(stored)


def test_applying_one_document_again_tells_the_same_with_the_same_link() -> None:
    first = applied(acceptance(), "T1")
    assert applied(acceptance(), "T1") == first
    proven(first)
    assert applied(acceptance(), "T1") == replace(first, proof_token=None)
    assert len(row()["consents"]) == 1


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        apply(session, acceptance(), origin("T1"), today())
        raise RuntimeError("killed before the commit")
    assert row()["consents"] == []
    assert applied(acceptance(), "T1").kind == "done"


def test_what_went_to_a_human_is_decided_anew_after_a_correction() -> None:
    assert applied(acceptance(customer_no="99999999"), "T1").code == "unknown_customer"
    assert applied(withdrawal(), "T2").kind == "needs_human"
    assert applied(acceptance(), "T2").kind == "done"


def test_an_incomplete_form_is_never_applied_whoever_sent_it() -> None:
    outcome = applied(acceptance(paper=True, signature=False), "T1")
    assert result(outcome) == ("needs_human", "incomplete")
    assert row()["consents"] == []


def test_paper_and_web_form_with_the_same_content_are_one_request() -> None:
    online, paper = acceptance(), acceptance(paper=True)
    assert request_digest(online) == request_digest(paper)
    ticked_off = online.with_value("phone", FieldValue(None))
    assert request_digest(online) != request_digest(ticked_off)


def test_changes_of_a_document_tell_its_outcome_and_its_link() -> None:
    outcome = applied(acceptance(), "T1")
    with transaction() as session:
        (story,) = changes_of(session, "T1")
    assert (story["outcome"], story["effect"], story["proof"]) == ("done", "start_einvoice", "waiting")
    proven(outcome)
    with transaction() as session:
        assert changes_of(session, "T1")[0]["proof"] == "proven"
        assert changes_of(session, "NONE") == []


def test_the_row_of_a_customer_masks_the_pesel() -> None:
    assert JAN.pesel not in str(row())
