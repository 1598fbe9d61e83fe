"""The second look at what went through untouched: drawing, comparing, putting right, counting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from api.case_access import Access
from api.case_view import case_view
from audit.tables import AuditEntry
from confirmations.overview import messages_of
from confirmations.tables import Message
from customers.register import changes_of
from customers.tables import Account
from database.engine import transaction
from documents import loading, splitting, summaries
from documents.splitting import FoundForm
from documents.states import IntakeChannel, State
from documents.tables import Reading
from documents.values import problems_of
from environment import clock
from flows import steps
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission
from review import second_look
from review.second_look import WRONG, Ended, LookError
from review.tables import SecondLook
from specimens.files import letter
from tests.confirmations.conftest import set_settings
from tests.flows.samples import PEOPLE, fill_register, received, values
from tests.registered import register_row
from tests.review.stacks import document_of

__all__ = ["set_settings"]

ANNA = "clerk:anna"


@pytest.fixture(autouse=True)
def _office(database: str, set_settings: Callable[..., None]) -> None:
    set_settings(second_look_rate=1.0, second_looks_a_day=0)
    fill_register()


def applied(folder: Path, code: str = "einvoice_acceptance", number: int = 1, **misread: Value) -> str:
    """A printed form that goes straight through, some fields of it misread; its tracking number."""
    path = folder / f"{code}{number}.pdf"
    path.write_bytes(letter(number))
    tracking = received(path)
    with transaction() as session:
        document = loading.load(session, tracking)
        form = form_by_code(code)
        read = {**values(code), **misread}
        fields = {name: FieldValue(value, source=Source.PRINT, page=1) for name, value in read.items() if name in form}
        submission = Submission(form, fields, paper=True)
        splitting.split(session, document, [FoundForm(code, form.version, (1,), submission, "scan")])
    assert steps._match(tracking) is State.READY
    assert steps._apply(tracking) is State.APPLIED
    return tracking


def looked(tracking: str, clerk: str = ANNA, **right: Value) -> Ended:
    """A clerk ends the look with these values differing from what was read."""
    with transaction() as session:
        second_look.claim(session, tracking, clerk)
        read = second_look.compared_fields(session, loading.load(session, tracking))
        return second_look.finish(
            session, tracking, clerk, {name: right.get(name, one.value) for name, one in read.items()}
        )


def templates(tracking: str) -> list[str]:
    with transaction() as session:
        return [message["template"] for message in messages_of(session, tracking)]


def test_only_what_no_clerk_has_seen_is_drawn_and_only_once(tmp_path: Path, set_settings: Callable[..., None]) -> None:
    tracking = applied(tmp_path)
    with transaction() as session:
        assert [look.tracking for look in second_look.waiting(session)] == [tracking]
        assert not second_look.consider(session, loading.load(session, tracking))
    set_settings(second_look_rate=0.0)
    applied(tmp_path, "einvoice_withdrawal", 2)
    with transaction() as session:
        assert second_look.figures(session)["waiting"] == 1


def test_a_right_document_is_counted_and_nothing_else_happens(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    before = templates(tracking)
    assert looked(tracking) == Ended((), None)
    with transaction() as session:
        found = second_look.figures(session)
    assert (found["looked"], found["documents_wrong"], found["fields_wrong"], found["waiting"]) == (1, 0, 0, 0)
    assert found["fields_checked"] > 5
    assert templates(tracking) == before


def test_a_misread_address_is_taken_back_and_the_form_is_carried_out_anew(tmp_path: Path) -> None:
    tracking = applied(tmp_path, email="misread@example.com")
    ended = looked(tracking, email="right@example.com")
    assert ended.wrong == ("email",) and ended.correction is not None and not ended.unsettled
    with transaction() as session:
        assert [change["outcome"] for change in changes_of(session, tracking)] == ["compensated"]
        again = loading.load(session, ended.correction)
        assert (again.at, again.way_in) == (State.READY, IntakeChannel.DESK)
        assert again.received_at == loading.load(session, tracking).received_at
        case = case_view(session, tracking, Access.SENDER)
    assert (case.standing, case.duplicate_of, case.link) == ("Poprawione przez nas", ended.correction, None)
    assert templates(tracking)[-1] == "correction"
    assert steps._apply(ended.correction) is State.APPLIED
    with transaction() as session:
        row = register_row(session, PEOPLE[0]["customer_no"])
        assert row is not None
        assert [one["email"] for one in row["consents"] if one["effective_to"] is None] == ["right@example.com"]
        assert second_look.figures(session)["by_field"] == {"email": 1}
        assert second_look.figures(session)["waiting"] == 0  # a clerk has seen the correction already
    assert templates(ended.correction) == ["einvoice_link"]


def test_a_form_ascribed_to_another_customer_is_taken_from_him_and_he_is_told(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    ended = looked(tracking, customer_no=PEOPLE[1]["customer_no"])
    assert ended.correction is not None
    with transaction() as session:
        row = register_row(session, PEOPLE[0]["customer_no"])
        assert row is not None and [one for one in row["consents"] if one["effective_to"] is None] == []
        assert loading.load(session, ended.correction).customer_no == PEOPLE[1]["customer_no"]
        told = [one for one in messages_of(session, tracking) if one["template"] == "correction"]
    assert [one["key"].rsplit(":", 1)[-1] for one in told] == ["stranger"]


def test_what_is_wrong_with_the_right_values_is_for_a_clerk(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    ended = looked(tracking, accept_terms=None)
    assert ended.correction is not None
    with transaction() as session:
        again = loading.load(session, ended.correction)
        assert (again.at, again.reason_code) == (State.IN_REVIEW, "not_ticked")
        assert again.reason and again.reason.endswith("."), "the clerk is told in words"


def test_a_spelling_that_changes_no_effect_is_only_counted(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    before = templates(tracking)
    assert looked(tracking, phone="600111222") == Ended(("phone",), None)
    assert templates(tracking) == before


def test_two_clerks_do_not_look_at_the_same_document(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    with transaction() as session:
        assert second_look.claim_next(session, ANNA) == tracking
        assert second_look.claim_next(session, "clerk:ewa") is None
        with pytest.raises(LookError, match="ktoś inny"):
            second_look.claim(session, tracking, "clerk:ewa")
    looked(tracking)
    with transaction() as session, pytest.raises(LookError, match="już sprawdzono"):
        second_look.claim(session, tracking, "clerk:ewa")


def test_a_look_is_told_of_with_who_when_and_what(tmp_path: Path) -> None:
    tracking = applied(tmp_path, email="misread@example.com")
    looked(tracking, email="right@example.com", phone="600111222")
    with transaction() as session:
        look = session.scalar(select(SecondLook).where(SecondLook.tracking == tracking))
        audit = [one for one in summaries.story(session, tracking)["audit"] if one["action"] == "looked_again"]
        entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "looked_again"))
        assert look is not None and entry is not None
        assert (look.verdict, look.wrong, look.clerk) == (WRONG, ["phone", "email"], ANNA)
        assert look.looked_at is not None and look.looked_at <= entry.at
        assert entry.detail == {"checked": look.checked, "wrong": ["phone", "email"]}
        assert [one["actor"] for one in audit] == [ANNA]
        correction = loading.load(session, str(look.correction))
        story = summaries.story(session, correction.tracking)
    first = document_of(tracking)
    kept = ("original_sha256", "file_name", "form", "version", "pages", "paper", "received_at", "customer_no")
    assert all(getattr(correction, name) == getattr(first, name) for name in kept)
    assert (correction.reason_code, correction.reason) == (None, None)
    assert ("correction", ANNA) in [(one["action"], one["actor"]) for one in story["audit"]]
    assert {one["reader"] for one in story["readings"]} == {ANNA}
    assert {one["page"] for one in story["readings"]} == {1}


def test_a_detail_read_wrong_is_amended_in_place_and_told(tmp_path: Path) -> None:
    tracking = applied(tmp_path, "ebok_signup", phone="600111222")
    assert looked(tracking, phone="600700800") == Ended(("phone",), None)
    with transaction() as session:
        assert list(session.scalars(select(Account.phone))) == ["600700800"]
        (told,) = [one for one in session.scalars(select(Message)) if one.template == "correction"]
    assert (told.context["stranger"], told.context["correction"]) == (False, None)
    assert len(told.context["fields"]) == 1


def test_an_acceptance_that_lives_again_gets_a_new_link(tmp_path: Path) -> None:
    first = applied(tmp_path)
    tracking = applied(tmp_path, "einvoice_withdrawal", 2, email_current=values("einvoice_acceptance")["email"])
    before = templates(first)
    ended = looked(tracking, email_current="other@example.com")
    assert ended.correction is not None and not ended.unsettled
    assert templates(first) == [*before, "einvoice_link"]


def test_what_a_later_paper_rests_on_is_not_taken_back_and_counts_as_unsettled(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    applied(tmp_path, "einvoice_withdrawal", 2, email_current=values("einvoice_acceptance")["email"])
    before = templates(tracking)
    ended = looked(tracking, email="other@example.com")
    assert (ended.wrong, ended.unsettled) == (("email",), True)
    assert ended.correction is not None
    assert templates(tracking) == [*before, "correction"]
    other = applied(tmp_path, "einvoice_acceptance", 3)
    applied(tmp_path, "einvoice_withdrawal", 4, email_current=values("einvoice_acceptance")["email"])
    before = templates(other)
    assert looked(other, customer_no=PEOPLE[1]["customer_no"]).unsettled
    assert templates(other) == before, "a stranger is told when it was taken from him, not before"


def test_a_number_that_nobody_has_leaves_the_correction_to_a_clerk(tmp_path: Path) -> None:
    for number in ("99999999", None):
        ended = looked(applied(tmp_path, number=1 if number else 2), customer_no=number)
        again = document_of(str(ended.correction))
        assert (again.at, again.customer_no) == (State.IN_REVIEW, number)
        assert "unknown_customer" in {one.code for one in problems_of(again)}


def test_figures_add_up_over_looks(tmp_path: Path) -> None:
    right, wrong, other = (
        applied(tmp_path, code, at)
        for at, code in enumerate(("einvoice_acceptance", "ebok_signup", "einvoice_withdrawal"), start=1)
    )
    with transaction() as session:
        assert second_look.figures(session) == {
            "waiting": 3, "looked": 0, "documents_wrong": 0, "fields_checked": 0, "fields_wrong": 0, "by_field": {},
        }  # fmt: skip
        read = [len(second_look.compared_fields(session, loading.load(session, one))) for one in (right, wrong)]
    looked(right)
    looked(wrong, phone="600700800", name="Kto Inny")
    with transaction() as session:
        assert second_look.figures(session) == {
            "waiting": 1, "looked": 2, "documents_wrong": 1, "fields_checked": sum(read), "fields_wrong": 2,
            "by_field": {"name": 1, "phone": 1},
        }  # fmt: skip
        assert [look.tracking for look in second_look.waiting(session)] == [other]


def test_looks_are_taken_the_oldest_first_and_are_free_again_after_ten_minutes(tmp_path: Path) -> None:
    first, second = applied(tmp_path), applied(tmp_path, "ebok_signup", 2)
    with transaction() as session:
        until = second_look.claim(session, second, ANNA).clerk_until
        assert until is not None
        assert timedelta(minutes=9) < until - clock.now() <= timedelta(minutes=10)
        assert second_look.claim_next(session, "clerk:ewa") == first
        assert second_look.claim_next(session, ANNA) == second, "what he has already"
        session.execute(update(SecondLook).values(clerk_until=clock.now()))
        assert second_look.claim_next(session, ANNA) == first
        assert [look.tracking for look in second_look.waiting(session, 1)] == [first]
        with pytest.raises(LookError, match="nie jest wylosowana"):
            second_look.claim(session, "K7M4-PX9A", ANNA)


@pytest.mark.parametrize(("rate", "drawn"), [(0.5, True), (0.4999, False)])
def test_a_document_is_drawn_when_its_keyed_digest_is_under_the_rate(
    tmp_path: Path, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, rate: float, drawn: bool
) -> None:
    set_settings(second_look_rate=0.0)
    document = document_of(applied(tmp_path))
    asked: list[tuple[str, ...]] = []

    def digest(*parts: str) -> str:
        asked.append(parts)
        return "7fffffff" + "f" * 56

    monkeypatch.setattr(second_look, "digest", digest)
    set_settings(second_look_rate=rate)
    with transaction() as session:
        assert second_look.consider(session, document) is drawn
    assert asked == [("second-look", document.tracking)]


def test_what_somebody_typed_is_compared_by_nobody(tmp_path: Path) -> None:
    document = document_of(applied(tmp_path))
    with transaction() as session:
        session.execute(update(Reading).where(Reading.field != "town").values(source="online"))
        assert list(second_look.compared_fields(session, document)) == ["town"]
        session.execute(update(Reading).values(source="clerk"))
        session.execute(delete(SecondLook))
        assert second_look.compared_fields(session, document) == {}
        assert not second_look.consider(session, document)
