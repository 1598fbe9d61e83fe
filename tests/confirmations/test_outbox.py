"""The outbox: one message a key, one winner a message, nothing silently sent twice, nothing silently lost."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from sqlalchemy import update

from confirmations.archive import addresses_of
from confirmations.channels.interface import PermanentDeliveryError, TemporaryDeliveryError
from confirmations.erasing import erase_message, erase_records, messages_to
from confirmations.one_try import DELAYS
from confirmations.outbox import Delivered, all_ended, deliver, due, enqueue, to_be_confirmed
from confirmations.overview import counts, messages_of, problems_of
from confirmations.tables import Medium, Message, MessageState
from database.engine import transaction
from documents.erasing import ERASED
from documents.states import State
from documents.tables import Document
from environment.clock import now
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import RECIPIENT, TRACKING, let_time_pass, put, sendings, stored
from tests.documents.received import scan


def test_the_same_key_twice_is_one_message(database: str) -> None:
    put()
    put()
    with transaction() as session:
        assert due(session) == ["one"]
        assert len(messages_of(session, TRACKING)) == 1


def test_a_message_is_gone_when_its_transaction_is_rolled_back(database: str) -> None:
    with pytest.raises(Killed), transaction() as session:
        enqueue(
            session,
            key="never",
            tracking=TRACKING,
            channel=Medium.EMAIL,
            recipient="a@example.com",
            template="needs_office",
            context={},
        )
        raise Killed
    with transaction() as session:
        assert due(session) == []


def test_a_message_is_sent_once_and_keeps_its_reference(database: str) -> None:
    put()
    channel = Recorder()
    first, second = deliver(channels=channel), deliver(channels=channel)
    assert [done.state for done in first] == [MessageState.SENT] and second == []
    assert channel.sent == ["one"]
    message = stored()
    assert (message.state, message.reference, message.attempts) == ("sent", "ref-one", 1)
    assert message.sent_at is not None
    with transaction() as session:
        assert all_ended(session, TRACKING)


def test_a_delivery_tells_all_of_each_message_and_takes_no_more_than_its_limit(sqlite_database: str) -> None:
    for key in ("one", "two", "three"):
        put(key=key)
    channel = Recorder()
    assert deliver(channels=channel, limit=2) == [
        Delivered(key, TRACKING, Medium.EMAIL, "withdrawal_done", MessageState.SENT, None) for key in ("one", "two")
    ]
    assert channel.sent == ["one", "two"]
    with transaction() as session:
        assert due(session) == ["three"]


def test_a_break_of_a_channel_is_told_in_the_log_by_key_kind_and_place(sqlite_database: str) -> None:
    put()
    with structlog.testing.capture_logs() as lines:
        told = deliver(channels=Recorder(after=RuntimeError(RECIPIENT[Medium.EMAIL])))
    assert told == [
        Delivered("one", TRACKING, Medium.EMAIL, "withdrawal_done", MessageState.UNCERTAIN, "channel_broke")
    ]
    broke, message = lines
    assert re.fullmatch(r".*recorder\.py:\d+", broke.pop("at"))
    assert broke == {"event": "channel_broke", "key": "one", "error": "RuntimeError", "log_level": "error"}
    assert message == {
        "event": "message",
        "key": "one",
        "state": "uncertain",
        "transport": "recorder",
        "error": "channel_broke",
        "late": False,
        "log_level": "info",
    }
    assert "RuntimeError" in str(stored().last_error)


def test_only_the_messages_of_one_document_leave_when_it_is_named(database: str) -> None:
    put(key="one")
    put(key="other", tracking="AB2C-DE3F")
    channel = Recorder()
    deliver(tracking="AB2C-DE3F", channels=channel)
    assert channel.sent == ["other"]


def test_a_document_without_messages_is_not_told(database: str) -> None:
    with transaction() as session:
        assert not all_ended(session, TRACKING)


def test_a_temporary_fault_is_tried_again_after_growing_delays_until_it_has_failed(sqlite_database: str) -> None:
    put()
    channel = Recorder(after=TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa."))
    waited = []
    for _ in DELAYS:
        assert [done.state for done in deliver(channels=channel)] == [MessageState.PENDING]
        assert deliver(channels=channel) == []
        waited.append(stored().next_attempt_at - now())
        let_time_pass()
    assert waited == sorted(waited)
    assert [done.state for done in deliver(channels=channel)] == [MessageState.FAILED]
    assert len(channel.sent) == len(DELAYS) + 1


def test_a_message_put_off_is_a_problem_that_is_shown_with_its_cause(database: str) -> None:
    put()
    deliver(channels=Recorder(after=TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa.")))
    with transaction() as session:
        (problem,) = problems_of(session)
        assert problem["error"] == "gateway_busy: Bramka chwilowo nie działa."
        assert problem["next_attempt_at"] is not None
        assert counts(session)["by_state"]["pending"] == 1 and counts(session)["problems"] == 1
        assert counts(session)["waiting_since"] is not None


def test_of_several_deliverers_one_sends_each_message(database: str) -> None:
    keys = [put(key=f"message-{number}") for number in range(12)]
    channel, start = Recorder(), threading.Barrier(4)

    def run() -> list[str]:
        start.wait()
        return [done.key for done in deliver(channels=channel)]

    with ThreadPoolExecutor(4) as pool:
        told = [key for future in [pool.submit(run) for _ in range(4)] for key in future.result()]
    assert sorted(channel.sent) == sorted(keys)
    assert sorted(told) == sorted(keys)


def test_the_story_of_a_document_masks_its_recipients(database: str) -> None:
    for medium in Medium:
        put(medium, key=medium.value)
    with transaction() as session:
        told = messages_of(session, TRACKING)
    assert [one["recipient"] for one in told] == ["z•••@•••.com", "•••••••00", "adres z rejestru"]
    assert [(one["key"], one["channel"], one["state"]) for one in told] == [
        (medium.value, medium.value, "pending") for medium in Medium
    ]


def test_the_story_of_a_message_tells_when_and_how_it_left(sqlite_database: str) -> None:
    put()
    with transaction() as session:
        (waiting,) = messages_of(session, TRACKING)
    assert waiting["next_attempt_at"] == waiting["created_at"] == stored().created_at.isoformat()
    deliver(channels=Recorder())
    with transaction() as session:
        (left,) = messages_of(session, TRACKING)
        assert problems_of(session) == []
        assert counts(session) == {
            "by_state": {"pending": 0, "sending": 0, "sent": 1, "failed": 0, "uncertain": 0, "bounced": 0, "closed": 0},
            "waiting_since": None,
            "problems": 0,
        }
    message = stored()
    assert message.sent_at is not None
    assert left == {
        "key": "one",
        "channel": "email",
        "recipient": "z•••@•••.com",
        "template": "withdrawal_done",
        "state": "sent",
        "transport": "recorder",
        "attempts": 1,
        "created_at": message.created_at.isoformat(),
        "sent_at": message.sent_at.isoformat(),
        "next_attempt_at": None,
        "reference": "ref-one",
        "error": None,
        "printable": True,
        "explainable": False,
        "correctable": False,
        "closing": None,
        "link": None,
        "sendings": [
            {
                "at": sendings()[0].at.isoformat(),
                "channel": "email",
                "transport": "recorder",
                "recipient": "z•••@•••.com",
                "accepted_at": message.sent_at.isoformat(),
                "reply": None,
                "error": None,
                "bounce": None,
                "bounced_at": None,
            }
        ],
    }


def test_problems_are_told_oldest_first_with_their_case_and_no_more_than_asked(sqlite_database: str) -> None:
    for key in ("first", "second", "third"):
        put(key=key, tracking=f"CASE-{key}")
    deliver(channels=Recorder(after=PermanentDeliveryError("refused", "Nie ma takiego adresu.")))
    with transaction() as session:
        assert [(one["tracking"], one["key"]) for one in problems_of(session, limit=2)] == [
            ("CASE-first", "first"),
            ("CASE-second", "second"),
        ]
        assert counts(session)["problems"] == counts(session)["by_state"]["failed"] == 3


def test_recipient_and_context_are_encrypted_at_rest(sqlite_database: str, home: Path) -> None:
    put()
    files = [path.read_bytes() for path in home.glob("ebok.sqlite*")]
    assert not any(b"zofia" in data or b"2026-11-24" in data for data in files)


def test_a_message_that_cannot_be_rendered_has_failed_and_the_next_one_goes(sqlite_database: str) -> None:
    with transaction() as session:
        enqueue(
            session,
            key="bad",
            tracking=TRACKING,
            channel=Medium.EMAIL,
            recipient="a@example.com",
            template="withdrawal_done",
            context={"tracking": TRACKING},
        )
    put(key="good")
    states = {done.key: done.state for done in deliver(channels=Recorder())}
    assert states == {"bad": MessageState.FAILED, "good": MessageState.SENT}


def test_each_try_is_kept_with_what_came_of_it(database: str) -> None:
    put()
    deliver(channels=Recorder(after=TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa.")))
    let_time_pass()
    deliver(channels=Recorder())
    first, last = sendings()
    assert (first.accepted_at, first.error) == (None, "gateway_busy: Bramka chwilowo nie działa.")
    assert (last.reference, last.error) == ("ref-one", None)
    assert last.accepted_at == stored().sent_at
    assert first.recipient == last.recipient == RECIPIENT[Medium.EMAIL]
    assert first.return_token != last.return_token


def test_erasing_a_message_erases_where_each_try_went_and_the_record_goes_with_all_of_them(database: str) -> None:
    put()
    deliver(channels=Recorder(after=TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa.")))
    let_time_pass()
    deliver(channels=Recorder())
    with transaction() as session:
        (message,) = messages_to(session, frozenset({TRACKING}))
        assert [one["recipient"] for one in addresses_of(session, message)] == [RECIPIENT[Medium.EMAIL]] * 2
        message.closing = "Powiedziano mu."
        erase_message(session, message)
    assert [(one.recipient, one.error, one.reply) for one in sendings()] == [("", None, None)] * 2
    assert (stored().closing, stored().recipient) == (None, "")
    with transaction() as session:
        assert messages_of(session, TRACKING)[0]["sendings"][0]["recipient"] == ERASED
        erase_records(session, TRACKING)
    assert sendings() == []


def _with_messages(number: int, state: State, *messages: MessageState) -> str:
    """A document in that state, with messages in theirs."""
    tracking = scan(b"%%PDF %d" % number)
    for index, one in enumerate(messages):
        key = put(key=f"{number}-{index}", tracking=tracking)
        with transaction() as session:
            session.execute(update(Message).where(Message.key == key).values(state=one.value))
    with transaction() as session:
        session.execute(update(Document).where(Document.tracking == tracking).values(state=state.value))
    return tracking


def test_documents_are_to_be_confirmed_that_are_applied_and_whose_messages_have_all_ended(database: str) -> None:
    sent, closed, waiting = MessageState.SENT, MessageState.CLOSED, MessageState.PENDING
    ended = {_with_messages(1, State.APPLIED, sent), _with_messages(2, State.APPLIED, sent, closed)}
    _with_messages(3, State.APPLIED)
    _with_messages(4, State.APPLIED, sent, waiting)
    _with_messages(5, State.CONFIRMED, sent)
    _with_messages(6, State.IN_REVIEW, sent)
    with transaction() as session:
        assert set(to_be_confirmed(session, 10)) == ended
        assert len(to_be_confirmed(session, 1)) == 1
