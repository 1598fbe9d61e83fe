"""What is told of documents: their story, their counts and lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from database.engine import transaction
from documents.loading import load
from documents.states import State
from documents.summaries import counts, list_documents, story
from documents.tables import Document
from documents.transitions import move
from documents.values import correct
from environment import clock
from environment.settings import get_settings
from tests.documents.received import in_review, online, scan
from tests.stored import original_path

pytestmark = pytest.mark.usefixtures("database")


def test_the_story_tells_all_but_no_pesel() -> None:
    tracking = in_review()
    with transaction() as session:
        correct(session, load(session, tracking), "pesel", "02070803628", "7")
    with transaction() as session:
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
