"""What a clerk saves, approves, rejects and opens again: what is refused, what is written, who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from benchmarks import office
from database.engine import reading, transaction
from documents import loading, summaries
from environment import clock
from forms.submission import FieldValue
from review import decisions
from review.decisions import RefusedError
from review.history import NotReopenableError, history, note_revealed, reopen
from review.queue import DeskConflictError
from tests.customers import samples
from tests.customers.samples import JAN, acceptance, untrusted
from tests.review.papers import EWA, OLGA, approve, bare, lying, messages, paper, state_of, taken, waiting

TODAY = clock.today()


def reject(tracking: str, code: str, note: str = "", seen: str | None = None, **more: bool) -> None:
    seen = seen or taken(tracking)
    with transaction() as session:
        decisions.reject(session, tracking, EWA, seen=seen, code=code, note=note, **more)


def story(tracking: str) -> dict[str, Any]:
    with transaction() as session:
        return summaries.story(session, tracking)


def repeat(tracking: str, of: str) -> None:
    seen = taken(tracking)
    with transaction() as session:
        decisions.mark_duplicate(session, tracking, EWA, seen, of)


@pytest.fixture
def doubtful(sqlite_database: str) -> str:
    """A paper whose address and day of signing are doubtful; it waits."""
    samples.register()
    return waiting(untrusted(paper(acceptance()), "email", "date_signed"))


def test_what_is_saved_is_kept_as_typed_and_the_rest_stays_doubtful(doubtful: str) -> None:
    seen = taken(doubtful)
    with transaction() as session:
        decisions.save(session, doubtful, EWA, seen, {"email": "inna@example.com", "date_signed": TODAY.isoformat()})
    shown = {one.name: one for one in lying(doubtful).fields}
    assert shown["email"].text == "inna@example.com"
    assert [one.name for one in lying(doubtful).doubtful] == ["date_signed"], "only what was changed was looked at"
    with pytest.raises(DeskConflictError) as stale, transaction() as session:
        decisions.save(session, doubtful, EWA, seen, {"email": "trzecia@example.com"})
    assert stale.value.code == "changed"
    with pytest.raises(DeskConflictError) as other, transaction() as session:
        decisions.save(session, doubtful, OLGA, seen, {})
    assert (other.value.code, other.value.owner) == ("held", "ewa")


def test_all_that_is_typed_wrong_is_told_at_once_and_fields_of_other_forms_are_nothing(doubtful: str) -> None:
    with pytest.raises(RefusedError) as refused:
        approve(doubtful, taken(doubtful), email="nowa@", postcode="1", email_new="x@example.com")
    assert [one.field for one in refused.value.problems] == ["email", "postcode"]
    assert str(refused.value) == ", ".join(one.code for one in refused.value.problems)
    approve(doubtful, taken(doubtful), email="nowa@example.com", date_signed=TODAY.isoformat(), email_new="x@")
    assert state_of(doubtful) == "ready"


def test_an_approved_document_is_nobodys_and_tells_what_was_overruled(sqlite_database: str) -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny", street="Inna")))
    codes = {one.code for one in lying(tracking).remarks}
    approve(tracking, taken(tracking), overrule=tuple(codes))
    with transaction() as session:
        document = loading.load(session, tracking)
    assert (document.desk_owner, document.desk_until, document.customer_no) == (None, None, JAN.customer_no)
    assert (set(document.overruled or ()), document.paper_from) == (codes, None)
    last = story(tracking)["states"][-1]
    assert (last["to"], last["actor"], last["reason_code"] in codes) == ("ready", "clerk:ewa", True)
    assert last["reason"].startswith("Przyjęto mimo to: ")


def test_a_document_without_anything_against_it_is_approved_without_a_reason(doubtful: str) -> None:
    with transaction() as session:
        loading.load(session, doubtful).overruled = ["mismatch_name"]
    approve(doubtful, taken(doubtful), email="nowa@example.com", date_signed=TODAY.isoformat())
    with transaction() as session:
        document = loading.load(session, doubtful)
    assert (document.overruled, document.reason, document.reason_code) == (None, None, None)


def test_an_agreed_day_of_another_form_than_a_withdrawal_is_nothing(doubtful: str) -> None:
    seen, values = taken(doubtful), {"email": "nowa@example.com", "date_signed": TODAY.isoformat()}
    with transaction() as session:
        decisions.approve(session, doubtful, EWA, seen=seen, values=values, paper_from=TODAY + timedelta(days=99))
    with transaction() as session:
        assert loading.load(session, doubtful).paper_from is None


@pytest.mark.parametrize(
    ("code", "note", "field", "problem"),
    [("none", "Nie.", "code", "unknown_reason"), ("other", "  ", "note", "missing")],
)
@pytest.mark.parametrize("tell", [True, False])
def test_a_rejection_without_its_reason_is_refused(
    doubtful: str, code: str, note: str, field: str, problem: str, tell: bool
) -> None:
    with pytest.raises(RefusedError) as refused:
        reject(doubtful, code, note, tell=tell)
    assert [(one.field, one.code) for one in refused.value.problems] == [(field, problem)]
    assert (state_of(doubtful), messages(doubtful)) == ("in_review", [])


def test_a_rejection_that_is_not_to_be_told_writes_no_message(doubtful: str) -> None:
    reject(doubtful, "not_authorised", " Nie ona. ", tell=False)
    last = story(doubtful)["states"][-1]
    assert (last["to"], last["reason_code"]) == ("rejected", "not_authorised")
    assert last["reason"] == "Składa to ktoś inny niż klient, bez pełnomocnictwa. Nie ona."
    assert messages(doubtful) == []


def test_a_stale_view_decides_nothing(doubtful: str) -> None:
    seen = taken(doubtful)
    with transaction() as session:
        decisions.save(session, doubtful, EWA, seen, {"email": "inna@example.com"})
    for decide in (
        lambda session: decisions.reject(session, doubtful, EWA, seen=seen, code="incomplete"),
        lambda session: decisions.reject_as_not_ours(session, doubtful, EWA, seen),
        lambda session: decisions.mark_duplicate(session, doubtful, EWA, seen, "K7M4-PX9A"),
    ):
        with pytest.raises(DeskConflictError) as stale, transaction() as session:
            decide(session)
        assert stale.value.code == "changed"
    assert state_of(doubtful) == "in_review"


def test_what_an_incomplete_form_lacks_is_named_in_its_message_but_not_a_signature(sqlite_database: str) -> None:
    samples.register()
    given = paper(acceptance()).with_value("email", FieldValue(None)).with_value("signature", FieldValue(None))
    unsigned = waiting(given)
    taken(unsigned)
    with transaction() as session:
        (lacking,) = decisions.preview_rejection(session, unsigned, EWA, "incomplete")
        (signature,) = decisions.preview_rejection(session, unsigned, EWA, "missing_signature", " Tu. ")
    label = given.form["email"].label
    assert (lacking.template, lacking.context["fields"], lacking.context["note"]) == (
        "incomplete_unreadable", [label], None,
    )  # fmt: skip
    assert (signature.template, signature.context["note"]) == ("incomplete_signature", "Tu.")
    assert "fields" not in signature.context


def test_a_paper_of_no_form_is_answered_to_the_customer_whose_it_is_or_to_nobody(sqlite_database: str) -> None:
    samples.register()
    for number, told in ((JAN.customer_no, 1), (None, 0)):
        tracking = bare(form=None, reason="unknown_form")
        with transaction() as session:
            loading.load(session, tracking).customer_no = number
        reject(tracking, "incomplete")
        assert (len(messages(tracking)), state_of(tracking)) == (told, "rejected")
    unread = bare(form=None, reason="unknown_form")
    with pytest.raises(RefusedError) as refused:
        approve(unread, taken(unread))
    assert [(one.field, one.code) for one in refused.value.problems] == [(None, "unknown_form")]


def test_what_repeats_another_document_names_it_and_one_that_is_not_there_is_refused(doubtful: str) -> None:
    for other, code in (("K7M4-PX9A", "unknown_document"), (doubtful, "same_document")):
        with pytest.raises(RefusedError) as refused, transaction() as session:
            decisions.mark_duplicate(session, doubtful, EWA, taken(doubtful), other)
        (told,) = refused.value.problems
        assert (told.field, told.code) == ("duplicate_of", code)
        assert told.message.endswith("."), "the clerk is told in words"
    first, seen = bare(), taken(doubtful)
    with transaction() as session:
        decisions.mark_duplicate(session, doubtful, EWA, seen, first)
    last = story(doubtful)["states"][-1]
    assert (last["reason_code"], last["reason"]) == ("duplicate", f"Powtórzenie sprawy {first}.")
    ours = bare(form=None)
    seen = taken(ours)
    with transaction() as session:
        decisions.reject_as_not_ours(session, ours, EWA, seen)
    last = story(ours)["states"][-1]
    assert (last["reason_code"], last["reason"]) == ("not_ours", "To nie jest formularz do nas.")


def test_of_documents_that_repeat_each_other_one_is_left_to_be_answered(doubtful: str) -> None:
    other, third = bare(), bare()
    repeat(third, doubtful)
    repeat(doubtful, other)
    for closed in (doubtful, third):
        with pytest.raises(RefusedError) as refused:
            repeat(other, closed)
        assert [(one.field, one.code) for one in refused.value.problems] == [("duplicate_of", "repeats_this")]
    assert state_of(other) == "in_review"
    with transaction() as session:
        reopen(session, doubtful, EWA.actor)
        assert loading.load(session, doubtful).duplicate_of is None, "nobody is told any more that the other one counts"
    repeat(other, doubtful)
    assert (state_of(other), state_of(doubtful)) == ("duplicate", "in_review")


def test_a_document_is_opened_again_only_when_it_was_put_away(doubtful: str) -> None:
    with pytest.raises(NotReopenableError), transaction() as session:
        reopen(session, doubtful, EWA.actor)
    reject(doubtful, "incomplete", tell=False)
    with transaction() as session:
        assert history(session, doubtful).reopenable
        reopen(session, doubtful, EWA.actor)
        assert not history(session, doubtful).reopenable
    last = story(doubtful)["states"][-1]
    assert (last["to"], last["reason_code"], last["actor"]) == ("in_review", "reopened", "clerk:ewa")
    assert last["reason"] == "Otwarta ponownie w biurze."
    with transaction() as session:
        note_revealed(session, doubtful, OLGA.actor)
    with reading() as session:
        found = history(session, doubtful, masked=False)
    assert (found.customer, found.changes, found.messages, found.link, found.second_look) == (JAN, [], [], None, None)
    assert ("clerk:olga", "revealed") in [(one["actor"], one["action"]) for one in found.told["audit"]]


def test_the_history_of_a_case_tells_its_own_change_message_and_link(sqlite_database: str) -> None:
    office.fill_register()
    first, second = (office.online("einvoice_acceptance", person) for person in (0, 1))
    office.worked_off(first)
    office.worked_off(second)
    with transaction() as session:
        found = history(session, second)
    assert found.link is not None
    assert (found.link.tracking, found.link.purpose) == (second, "einvoice")
    assert len(found.changes) == len(found.messages) == len(found.kept) == 1
