"""What comes of a clerk's decision, down to the register and the outbox."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from customers.records import CustomerRecord
from customers.register import changes_of
from database.engine import reading, transaction
from documents import loading, summaries, transitions
from documents.states import State
from environment import clock
from forms.form import Problem
from forms.submission import FieldValue
from review import decisions
from review.case_sheet import sheet
from review.decisions import RefusedError
from review.history import reopen
from review.queue import DeskConflictError
from review.reasons import Rejection, all_rejections
from tests.customers import samples
from tests.customers.samples import FIRM, JAN, acceptance, change, untrusted, withdrawal
from tests.documents.examples import together
from tests.review.papers import EWA, OLGA, applied, approve, bare, lying, messages, paper, state_of, taken, waiting

TODAY = clock.today()


def test_two_doubts_that_are_looked_at_change_the_register_and_write_the_message(database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email", "date_signed", email="nowa@exarnple.com"))
    seen = taken(tracking)
    assert [one.name for one in lying(tracking).doubtful] == ["email", "date_signed"]
    approve(tracking, seen, email="nowa@example.com", date_signed=f"{TODAY:%d.%m.%Y}")
    assert state_of(tracking) == "ready"
    assert applied(tracking) == "applied"
    with transaction() as session:
        story = summaries.story(session, tracking)
        facts = changes_of(session, tracking)[0]["facts"]
    readers = {row["field"]: row["reader"] for row in story["readings"] if not row["superseded"]}
    assert {name for name, reader in readers.items() if reader == "clerk:ewa"} == {"email", "date_signed"}
    assert [state["actor"] for state in story["states"]][-2:] == ["clerk:ewa", "machine"]
    assert facts["email"] == "nowa@example.com"
    assert [recipient for _, recipient, _ in messages(tracking)] == ["nowa@example.com"]


def test_a_value_that_is_wrong_is_told_by_field_and_nothing_is_kept(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email", "date_signed"))
    seen = taken(tracking)
    with pytest.raises(RefusedError) as refused:
        approve(tracking, seen, email="nowa@", date_signed=TODAY.isoformat())
    assert [(one.field, one.code) for one in refused.value.problems] == [("email", "bad_email")]
    with pytest.raises(RefusedError) as unseen:
        approve(tracking, seen, email="nowa@example.com")
    assert [(one.field, one.code) for one in unseen.value.problems] == [("date_signed", "doubtful_field")]
    assert state_of(tracking) == "in_review"
    assert taken(tracking) == seen


def test_a_mismatch_with_the_register_goes_through_only_when_a_human_says_so(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny")))
    shown, seen = lying(tracking), taken(tracking)
    assert [(one.code, one.overrulable) for one in shown.remarks] == [("mismatch_name", True)]
    with pytest.raises(RefusedError) as refused:
        approve(tracking, seen)
    assert [one.code for one in refused.value.problems] == ["mismatch_name"]
    approve(tracking, seen, overrule=("mismatch_name", "unknown_customer"))
    assert applied(tracking) == "applied"


def test_files_attached_to_a_form_stand_against_it_until_a_human_says_that_he_saw_them(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(paper(acceptance()), problems=(Problem(None, "attachments", "Plik ma załączniki."),))
    seen = taken(tracking)
    assert [(one.code, one.overrulable) for one in lying(tracking).remarks] == [("attachments", True)]
    with pytest.raises(RefusedError) as refused:
        approve(tracking, seen)
    assert [one.code for one in refused.value.problems] == ["attachments"]
    approve(tracking, seen, overrule=("attachments",))
    assert (state_of(tracking), applied(tracking)) == ("ready", "applied")


def test_several_reasons_of_the_effect_are_shown_at_once_and_overruled_together(sqlite_database: str) -> None:
    samples.register()
    later = datetime(2026, 1, 5, 12, tzinfo=UTC)
    samples.proven(samples.applied(acceptance("stara@example.com"), "AAAA-AAA1", later - timedelta(days=9)))
    proof = samples.applied(change("stara@example.com", "inna@example.com", signed=TODAY), "AAAA-AAA2", later)
    samples.proven(proof)
    given = paper(change("dawna@example.com", "nowa@example.com"))
    given = given.with_value("date_signed", FieldValue((TODAY - timedelta(days=30)).isoformat()))
    tracking = waiting(untrusted(given, "email_new"), later + timedelta(days=1))
    seen = taken(tracking)
    reasons = {one.code for one in lying(tracking).remarks}
    assert reasons == {"current_email_differs", "signed_before_last"}
    with pytest.raises(RefusedError) as refused:
        approve(tracking, seen, email_new="nowa@example.com", overrule=("current_email_differs",))
    assert [one.code for one in refused.value.problems] == ["signed_before_last"]
    approve(tracking, seen, email_new="nowa@example.com", overrule=tuple(reasons))
    assert applied(tracking) == "applied"


def test_what_only_the_customer_can_settle_is_not_to_be_overruled(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(change("stara@example.com", "nowa@example.com")), "email_new"))
    seen = taken(tracking)
    assert [(one.code, one.overrulable) for one in lying(tracking).remarks] == [("no_active_consent", False)]
    with pytest.raises(RefusedError) as refused:
        approve(tracking, seen, email_new="nowa@example.com", overrule=("no_active_consent",))
    assert [one.code for one in refused.value.problems] == ["no_active_consent"]


def test_the_agreed_day_of_a_withdrawal_is_kept_within_the_law(sqlite_database: str) -> None:
    samples.register()
    samples.proven(samples.applied(acceptance("stara@example.com"), "AAAA-AAA1"))
    tracking = waiting(untrusted(paper(withdrawal(email_current="stara@example.com")), "date_signed"))
    seen, values = taken(tracking), {"date_signed": TODAY.isoformat()}

    def agreed(day: date) -> None:
        with transaction() as session:
            decisions.approve(session, tracking, EWA, seen=seen, values=values, paper_from=day)

    with pytest.raises(RefusedError) as refused:
        agreed(TODAY + timedelta(days=31))
    assert [(one.field, one.code) for one in refused.value.problems] == [("paper_from", "agreed_day")]
    agreed(TODAY + timedelta(days=20))
    assert applied(tracking) == "applied"
    with transaction() as session:
        facts = changes_of(session, tracking)[0]["facts"]
    assert facts["effective_from"] == (TODAY + timedelta(days=20)).isoformat()


def test_who_saw_an_older_state_or_does_not_hold_the_document_changes_nothing(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    seen = taken(tracking)
    with transaction() as session:
        decisions.save(session, tracking, EWA, seen, {"email": "inna@example.com"})
    with pytest.raises(DeskConflictError) as stale:
        approve(tracking, seen, email="nowa@example.com")
    assert stale.value.code == "changed"
    with pytest.raises(DeskConflictError) as other, transaction() as session:
        decisions.reject(session, tracking, OLGA, seen=taken(tracking), code="other", note="Nie.")
    assert (other.value.code, other.value.owner) == ("held", "ewa")
    approve(tracking, taken(tracking), email="nowa@example.com")
    with pytest.raises(DeskConflictError) as settled:
        approve(tracking, seen, email="nowa@example.com")
    assert (settled.value.code, settled.value.owner) == ("settled", "ewa")


def test_of_two_approvals_at_one_moment_one_counts(database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    seen, refused = taken(tracking), []

    def work(_: int) -> None:
        try:
            approve(tracking, seen, email="nowa@example.com")
        except DeskConflictError as conflict:
            refused.append(conflict.code)

    together(3, work)
    assert refused == ["settled", "settled"]
    with transaction() as session:
        states = [state["to"] for state in summaries.story(session, tracking)["states"]]
    assert states == ["received", "in_review", "ready"]


@pytest.mark.parametrize("reason", all_rejections(), ids=lambda reason: reason.code)
def test_the_message_that_is_shown_is_the_one_that_goes_out(sqlite_database: str, reason: Rejection) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    seen, words = taken(tracking), "Prosimy przyjść z dowodem osobistym."
    with reading() as session:
        shown = decisions.preview_rejection(session, tracking, EWA, reason.code, words)
    assert messages(tracking) == []
    assert all(words in one.content().plain for one in shown)
    with transaction() as session:
        decisions.reject(session, tracking, EWA, seen=seen, code=reason.code, note=words)
    sent = messages(tracking)
    assert sent == [(one.medium.value, one.recipient, one.context) for one in shown]
    assert len(sent) == 1
    assert state_of(tracking) == "rejected"


@pytest.mark.parametrize("words", ["PESEL 44051401359 jest inny.", "Pan (440514-01359) już to zgłosił."])
def test_no_pesel_goes_out_in_the_words_of_a_clerk(sqlite_database: str, words: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    seen = taken(tracking)
    for reason in all_rejections():
        with pytest.raises(RefusedError) as shown, reading() as session:
            decisions.preview_rejection(session, tracking, EWA, reason.code, words)
        with pytest.raises(RefusedError) as sent, transaction() as session:
            decisions.reject(session, tracking, EWA, seen=seen, code=reason.code, note=words)
        assert [one.value.problems[0].code for one in (shown, sent)] == ["pesel", "pesel"]
    assert (messages(tracking), state_of(tracking)) == ([], "in_review")


def test_a_document_that_was_opened_again_and_is_rejected_again_is_told_again(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    for words in ("Prosimy o podpis.", "Podpis jest nieczytelny."):
        seen = taken(tracking)
        with transaction() as session:
            decisions.reject(session, tracking, EWA, seen=seen, code="missing_signature", note=words)
        with transaction() as session:
            reopen(session, tracking, EWA.actor)
    assert [context["note"] for _, _, context in messages(tracking)] == [
        "Prosimy o podpis.",
        "Podpis jest nieczytelny.",
    ]


def test_nobody_is_told_of_what_is_not_ours_or_a_repetition(sqlite_database: str) -> None:
    samples.register()
    first = waiting(untrusted(paper(acceptance()), "email"))
    second, third = waiting(untrusted(paper(acceptance()), "email")), bare(form=None, reason="unknown_form")
    with pytest.raises(RefusedError), transaction() as session:
        decisions.mark_duplicate(session, second, EWA, taken(second), second)
    for tracking, decide in (
        (second, lambda session, seen: decisions.mark_duplicate(session, second, EWA, seen, first)),
        (third, lambda session, seen: decisions.reject_as_not_ours(session, third, EWA, seen)),
    ):
        seen = taken(tracking)
        with transaction() as session:
            decide(session, seen)
        assert messages(tracking) == []
    with transaction() as session:
        assert loading.load(session, second).duplicate_of == first
    assert (state_of(second), state_of(third)) == ("duplicate", "rejected")


def test_candidates_are_found_by_a_slip_in_the_number_by_pesel_and_by_the_name_turned_round(database: str) -> None:
    twin = CustomerRecord("10000091", "Adam Obcy", street="Krótka", house="1", postcode="66-470", town="Kostrzyn")
    samples.register(JAN, FIRM, twin)
    slip = waiting(paper(acceptance(customer_no="10000011", pesel=None, nip=FIRM.nip)))
    turned = waiting(paper(acceptance(customer_no="77777777", pesel=None, nip="5260001246", name="WÓJCIK ŻANETA")))
    for tracking in (slip, turned):
        taken(tracking)
    by_slip, by_name = lying(slip).candidates, lying(turned).candidates
    assert {one.customer_no for one in by_slip} == {JAN.customer_no, FIRM.customer_no}
    assert by_slip[0].customer_no == JAN.customer_no
    assert "numer różni się jednym znakiem" in by_slip[0].reasons
    assert [one.customer_no for one in by_name] == [JAN.customer_no]


def test_a_number_under_which_somebody_else_stands_asks_for_a_look(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny", pesel="77030259508")))
    taken(tracking)
    shown = {one.name: one.doubts for one in lying(tracking).doubtful}
    assert set(shown) == {"customer_no", "name", "pesel"}
    assert "ktoś inny" in shown["customer_no"][0]


def test_a_sensitive_number_is_shown_to_the_clerk_who_holds_the_document_only(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    taken(tracking, EWA)
    with transaction() as session:
        texts = {
            clerk.login: {one.name: one.text for one in sheet(session, tracking, clerk).fields} for clerk in (EWA, OLGA)
        }
    assert texts["ewa"]["pesel"] == JAN.pesel
    assert texts["olga"]["pesel"] == "•" * 11


def test_what_was_decided_of_one_customer_is_forgotten_for_another(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny")))
    approve(tracking, taken(tracking), overrule=("mismatch_name",))
    with transaction() as session:  # as the machine does when the register changed meanwhile
        transitions.move(session, loading.load(session, tracking), State.IN_REVIEW, actor="machine")
    seen = taken(tracking)
    assert [(one.code, one.overruled) for one in lying(tracking).remarks] == [("mismatch_name", True)]
    with transaction() as session:
        decisions.save(session, tracking, EWA, seen, {"customer_no": FIRM.customer_no})
    assert {(one.code, one.overruled) for one in lying(tracking).remarks} >= {("mismatch_name", False)}
