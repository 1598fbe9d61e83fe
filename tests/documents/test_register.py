from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from audit.tables import AuditEntry
from database import clock
from database.engine import transaction
from database.settings import get_settings
from documents.intake import receive_stored, receive_values
from documents.originals import original_path, store_bytes
from documents.register import (
    CorrectionError,
    Part,
    UnknownDocumentError,
    correct,
    counts,
    list_documents,
    load,
    move,
    problems_of,
    record_problems,
    save_readings,
    split,
    story,
    submission_of,
)
from documents.states import Channel, StaleDocumentError, State, TransitionError, may_follow
from documents.tables import Document, Reading, Transition
from forms.form import Problem
from forms.submission import FieldValue, Source
from tests.documents.examples import VALUES, acceptance, read_acceptance, together

pytestmark = pytest.mark.usefixtures("database")


def scan(content: bytes = b"%PDF scan") -> str:
    """A received scan; gives its tracking number."""
    stored = store_bytes(content)
    with transaction() as session:
        return receive_stored(session, stored, channel=Channel.FOLDER).tracking


def online() -> str:
    with transaction() as session:
        return receive_values(session, acceptance(), channel=Channel.API, raw=json.dumps(VALUES).encode()).tracking


def in_review() -> str:
    """A scan that was read and waits for a clerk."""
    tracking = scan()
    with transaction() as session:
        split(session, load(session, tracking), [one_part()])
        move(session, load(session, tracking), State.IN_REVIEW, actor="machine", reason_code="doubt")
    return tracking


def one_part(*pages: int) -> Part:
    reading = read_acceptance()
    return Part("einvoice_acceptance", "1", pages or (1,), reading, "scan", (Problem("email", "doubt", "Sprawdź."),))


def test_an_unknown_tracking_number_is_said_so() -> None:
    with transaction() as session, pytest.raises(UnknownDocumentError):
        load(session, "K7M4-PX9A")


def test_a_move_writes_state_reason_transition_and_audit() -> None:
    tracking = scan()
    with transaction() as session:
        moved = move(
            session, load(session, tracking), State.REJECTED, actor="machine", reason_code="x", reason="Brak podpisu."
        )
        assert (moved.at, moved.reason_code, moved.reason) == (State.REJECTED, "x", "Brak podpisu.")
    with transaction() as session:
        steps = list(session.scalars(select(Transition).order_by(Transition.id)))
        assert [(step.from_state, step.to_state, step.note) for step in steps] == [
            (None, "received", None),
            ("received", "rejected", "Brak podpisu."),
        ]
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.subject == tracking)))
        assert [(entry.actor, entry.action) for entry in entries] == [("folder", "taken_in"), ("machine", "moved")]


def test_a_state_that_cannot_follow_is_refused() -> None:
    tracking = scan()
    with transaction() as session, pytest.raises(TransitionError, match="received cannot become confirmed"):
        move(session, load(session, tracking), State.CONFIRMED, actor="machine")


def test_what_is_applied_never_goes_back() -> None:
    assert [after for after in State if may_follow(State.APPLIED, after)] == [State.CONFIRMED]
    assert [after for after in State if may_follow(State.CONFIRMED, after)] == []


def test_a_document_from_an_earlier_transaction_may_be_moved() -> None:
    tracking = scan()
    with transaction() as session:
        document = load(session, tracking)
    with transaction() as session:
        move(session, document, State.READY, actor="machine")
    with transaction() as session:
        move(session, document, State.APPLIED, actor="machine")
        assert load(session, tracking).at is State.APPLIED


def test_a_document_that_somebody_moved_meanwhile_is_not_moved_again() -> None:
    tracking = scan()
    with transaction() as session:
        seen = load(session, tracking)
    with transaction() as session:
        move(session, load(session, tracking), State.REJECTED, actor="clerk:7")
    with transaction() as session, pytest.raises(StaleDocumentError):
        move(session, seen, State.READY, actor="machine")
    with transaction() as session:
        assert load(session, tracking).at is State.REJECTED


def test_of_several_moves_at_once_one_wins() -> None:
    tracking = scan()
    seen = []
    for _ in range(4):
        with transaction() as session:
            seen.append(load(session, tracking))
    ends: list[str] = []

    def move_it(number: int) -> None:
        try:
            with transaction() as session:
                move(session, seen[number], State.READY, actor="machine")
        except StaleDocumentError:
            ends.append("lost")
        else:
            ends.append("won")

    together(4, move_it)
    assert sorted(ends) == ["lost", "lost", "lost", "won"]


def test_a_batch_is_split_into_documents_that_share_the_original() -> None:
    tracking = scan()
    with transaction() as session:
        parts = [one_part(1), Part(None, None, (3,), None, "scan"), one_part(4, 5)]
        found = split(session, load(session, tracking), parts, ignored_pages=[2])
        assert found[0].tracking == tracking
    with transaction() as session:
        documents = [load(session, each.tracking) for each in found]
        assert [(each.form, each.pages, each.parent_tracking) for each in documents] == [
            ("einvoice_acceptance", [1], None),
            (None, [3], tracking),
            ("einvoice_acceptance", [4, 5], tracking),
        ]
        assert len({each.original_sha256 for each in documents}) == 1
        assert len({each.received_at for each in documents}) == 1
        assert {each.state for each in documents} == {"received"}
        assert documents[0].paper
        assert problems_of(documents[0]) == (Problem("email", "doubt", "Sprawdź."),)
        assert submission_of(session, documents[2]) == read_acceptance()
        assert str(documents[0].signed_on) == "2026-01-05"
        told = story(session, tracking)
        assert told["children"] == [found[1].tracking, found[2].tracking]
        went = [tracking, None, found[1].tracking, found[2].tracking, found[2].tracking]
        for each in found:
            shown = story(session, each.tracking)["file_pages"]
            assert shown == [{"page": page, "tracking": to} for page, to in enumerate(went, start=1)]
        assert next(line for line in told["audit"] if line["action"] == "split")["detail"]["ignored_pages"] == [2]


def test_a_split_that_is_repeated_gives_the_same_documents() -> None:
    tracking, parts = scan(), [one_part(1), one_part(2)]
    with transaction() as session:
        first = [each.tracking for each in split(session, load(session, tracking), parts)]
    with transaction() as session:
        again = [each.tracking for each in split(session, load(session, tracking), [*parts, one_part(3)])]
    assert again == first


def test_a_split_that_crashed_leaves_nothing_behind() -> None:
    tracking = scan()
    with pytest.raises(ZeroDivisionError), transaction() as session:
        split(session, load(session, tracking), [one_part(1), one_part(2)])
        raise ZeroDivisionError
    with transaction() as session:
        assert load(session, tracking).pages is None
        assert len(list_documents(session)) == 1


def test_two_splits_at_once_give_the_same_documents() -> None:
    tracking = scan()
    with transaction() as session:
        seen = load(session, tracking)
    results: list[tuple[str, ...]] = []

    def split_it(_: int) -> None:
        with transaction() as session:
            found = split(session, load(session, seen.tracking), [one_part(1), one_part(2)])
            results.append(tuple(each.tracking for each in found))

    together(4, split_it)
    assert len(set(results)) == 1


def test_readings_come_back_as_they_were_saved() -> None:
    tracking = online()
    with transaction() as session:
        assert submission_of(session, load(session, tracking)) == acceptance()


def test_a_new_reading_supersedes_the_old_one_and_keeps_it() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        doubted = submission_of(session, document)
        better = doubted.with_value("email", FieldValue("ewa@example.com", 0.99, source=Source.PRINT, page=1))
        save_readings(session, document, better, "machine")
        save_readings(session, document, better, "machine")
    with transaction() as session:
        rows = list(session.scalars(select(Reading).where(Reading.field == "email").order_by(Reading.id)))
        assert [(row.value, row.superseded) for row in rows] == [("anna@example.com", True), ("ewa@example.com", False)]
        assert len(list(session.scalars(select(Reading).where(Reading.field == "name")))) == 1


def test_a_correction_holds_against_a_later_reading_of_the_machine() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        correct(session, document, "email", " EWA@Example.com ", "7")
        save_readings(session, document, read_acceptance(confidence=0.5), "machine")
        value = submission_of(session, document).fields["email"]
    assert (value.value, value.source, value.trusted, value.page) == ("ewa@example.com", Source.CLERK, True, 1)
    with transaction() as session:
        assert submission_of(session, load(session, tracking)).fields["email"].source is Source.CLERK
        emails = [line for line in story(session, tracking)["readings"] if line["field"] == "email"]
        assert [(line["reader"], line["superseded"]) for line in emails][:2] == [("machine", True), ("clerk:7", False)]


def test_a_correction_may_empty_a_field_and_sets_the_day_of_signing() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        correct(session, document, "street", None, "7")
        correct(session, document, "date_signed", "04.01.2026", "7")
    with transaction() as session:
        document = load(session, tracking)
        assert submission_of(session, document).value("street") is None
        assert str(document.signed_on) == "2026-01-04"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("pesel", "44051401358", "bad_check_digit"), ("postcode", "66", ""), ("shoe_size", "42", "unknown_field")],
)
def test_a_wrong_correction_is_refused_with_its_problem(field: str, value: str, code: str) -> None:
    tracking = in_review()
    with transaction() as session, pytest.raises(CorrectionError) as refused:
        correct(session, load(session, tracking), field, value, "7")
    assert refused.value.problem.field == field
    assert not code or refused.value.problem.code == code or refused.value.problem.message


def test_only_a_document_in_review_can_be_corrected() -> None:
    tracking = online()
    with transaction() as session, pytest.raises(CorrectionError, match="nie czeka"):
        correct(session, load(session, tracking), "email", "ewa@example.com", "7")


def test_problems_are_replaced_and_come_back() -> None:
    tracking = scan()
    with transaction() as session:
        record_problems(session, load(session, tracking), [Problem(None, "mismatch", "Nazwisko inne niż w kartotece.")])
    with transaction() as session:
        assert problems_of(load(session, tracking))[0].code == "mismatch"
        record_problems(session, load(session, tracking), [])
        assert problems_of(load(session, tracking)) == ()


def test_the_story_tells_all_but_no_pesel() -> None:
    tracking = in_review()
    with transaction() as session:
        correct(session, load(session, tracking), "pesel", "02070803628", "7")
        told = story(session, tracking)
    written = json.dumps(told, ensure_ascii=False)
    assert "44051401359" not in written
    assert "02070803628" not in written
    assert "anna@example.com" in written
    assert [step["to"] for step in told["states"]] == ["received", "in_review"]
    assert told["original"]["sound"] is True
    assert told["pages"] == [1]
    assert (told["changes"], told["messages"]) == ([], [])
    assert {line["action"] for line in told["audit"]} == {"taken_in", "split", "moved", "corrected"}


def test_the_story_masks_every_value_of_a_form_that_is_no_longer_known() -> None:
    tracking = in_review()
    with transaction() as session:
        load(session, tracking).form = "form_of_old"
        assert "anna@example.com" not in json.dumps(story(session, tracking))


def test_the_story_says_when_the_original_is_spoilt() -> None:
    tracking = scan()
    with transaction() as session:
        path = original_path(load(session, tracking).original_sha256 or "")
        path.chmod(0o600)
        path.write_bytes(b"spoilt")
        assert story(session, tracking)["original"]["sound"] is False


def test_personal_values_are_unreadable_in_the_database() -> None:
    online()
    with transaction() as session:
        raw = session.connection().exec_driver_sql("SELECT value, raw FROM readings").all()
    assert raw
    assert all(cell is None or bytes(cell).startswith(b"gAAAA") for row in raw for cell in row)


def test_an_empty_register_counts_nothing() -> None:
    with transaction() as session:
        told = counts(session)
    assert told["total"] == 0
    assert set(told["by_state"]) == {state.value for state in State}
    assert told["oldest_waiting"] is None
    assert told["stuck"] == []


def test_counts_tell_states_channels_the_oldest_waiting_and_what_is_stuck() -> None:
    first, second = scan(b"%PDF 1"), in_review()
    with transaction() as session:
        move(
            session,
            load(session, first),
            State.QUARANTINED,
            actor="machine",
            reason_code="encrypted",
            reason="Plik jest zabezpieczony hasłem.",
        )
    failed = online()
    with transaction() as session:
        document = load(session, failed)
        document.attempts, document.last_fault = get_settings().max_attempts, "OperationalError"
    with transaction() as session:
        told = counts(session)
    assert told["total"] == 3
    assert {name: number for name, number in told["by_state"].items() if number} == {
        "quarantined": 1,
        "in_review": 1,
        "received": 1,
    }
    assert (told["by_channel"]["folder"], told["by_channel"]["api"]) == (2, 1)
    assert told["oldest_waiting"]["tracking"] == second
    assert told["stuck_total"] == 2
    assert {(line["tracking"], line["code"]) for line in told["stuck"]} == {
        (first, "encrypted"),
        (failed, "OperationalError"),
    }
    assert all(line["reason"] for line in told["stuck"])
    assert "Żółkiewska" not in json.dumps(told, ensure_ascii=False)


def test_documents_are_listed_oldest_first_even_those_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.now(UTC)
    trackings = []
    for hours in (2, 3, 3, 1):
        monkeypatch.setattr(clock, "now", lambda hours=hours: moment - timedelta(hours=hours))
        trackings.append(scan(b"%%PDF %d" % len(trackings)))
    with transaction() as session:
        listed = [document.tracking for document in list_documents(session)]
    assert listed == [trackings[number] for number in (1, 2, 0, 3)]


def test_times_come_back_with_their_zone() -> None:
    tracking = scan()
    with transaction() as session:
        received_at = session.scalars(select(Document.received_at).where(Document.tracking == tracking)).one()
    assert received_at.utcoffset() == timedelta(0)
