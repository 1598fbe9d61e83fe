"""What holds for every effect: told with its facts, once, by whom and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from customers.applying import apply, request_digest
from customers.register import changes_of
from customers.tables import Request
from database.engine import transaction
from environment.clock import now, today
from forms.submission import FieldValue
from tests.customers.effects_on_jan import LATER, NO, facts, result, row, with_einvoice
from tests.customers.samples import (
    FIRM,
    JAN,
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

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


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
