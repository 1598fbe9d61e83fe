"""Whoever dies while sending, or comes too late, sends nothing twice and overwrites nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from confirmations import outbox
from confirmations import sendings as sendings_module
from confirmations.channels.eml import EmlFiles
from confirmations.channels.interface import (
    Accepted,
    DeliveryError,
    Envelope,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UncertainDeliveryError,
)
from confirmations.outbox import _Lane, all_ended, deliver, due
from confirmations.overview import problems_of
from confirmations.settling import send_again, settle
from confirmations.tables import Medium, MessageState
from database.engine import transaction
from environment.clock import now
from tests.confirmations.composed import confirm, messages
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import RECIPIENT, TRACKING, let_time_pass, process, put, sendings, stored
from tests.customers.samples import acceptance, withdrawal


def test_a_crash_between_sending_and_marking_is_seen_as_uncertain(database: str) -> None:
    put()
    dying, next_one = Recorder(after=Killed()), Recorder()
    with pytest.raises(Killed):
        deliver(channels=dying)
    assert stored().state == "sending"
    assert deliver(channels=next_one) == []  # the lease still runs: somebody may be at it
    let_time_pass()
    deliver(channels=next_one)
    assert next_one.sent == []
    message = stored()
    assert message.state == "uncertain" and message.last_error is not None
    with transaction() as session:
        assert [problem["state"] for problem in problems_of(session)] == ["uncertain"]
        assert not all_ended(session, TRACKING)


def test_a_database_that_is_away_after_the_sending_is_waited_for_and_leaves_nothing_uncertain(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendings_module, "_AGAIN", 0.0)
    put()
    channel, refused = Recorder(), list[bool]()

    @contextmanager
    def away_for_a_while() -> Iterator[Session]:
        with transaction() as session:
            yield session
            if channel.sent and len(refused) < 3:
                refused.append(True)
                raise OperationalError("UPDATE", {}, Exception("database is locked"))

    assert [one.state for one in deliver(away_for_a_while, channels=channel)] == [MessageState.SENT]
    assert (len(channel.sent), len(refused), stored().state) == (1, 3, "sent")
    assert [one.accepted_at is not None for one in sendings()] == [True]


def test_what_was_sent_is_marked_though_what_hangs_on_it_breaks(database: str) -> None:
    def breaks(session: Session, tracking: str) -> None:
        raise ConnectionError

    for key in ("one", "two"):
        put(key=key)
    channel = Recorder()
    assert [one.state for one in deliver(channels=channel, ended=breaks)] == [MessageState.SENT] * 2
    assert (channel.sent, {stored(key).state for key in channel.sent}) == (["one", "two"], {"sent"})


def test_what_was_sent_is_marked_though_the_next_one_cannot_be_claimed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = outbox._claim

    def breaks(session: Session, key: str, *more: Any) -> Any:
        if key == "two":
            raise ConnectionError
        return claim(session, key, *more)

    for key in ("one", "two"):
        put(key=key)
    monkeypatch.setattr(outbox, "_claim", breaks)
    channel = Recorder()
    with pytest.raises(ConnectionError):
        deliver(channels=channel)
    assert (channel.sent, stored("one").state, stored("two").state) == (["one"], "sent", "pending")


def test_after_a_crash_a_repeatable_channel_sends_again_by_itself(database: str) -> None:
    put()
    with pytest.raises(Killed):
        deliver(channels=Recorder(repeatable=True, after=Killed()))
    let_time_pass()
    channel = Recorder(repeatable=True)
    assert [done.state for done in deliver(channels=channel)] == [MessageState.SENT]
    assert stored().attempts == 2


def test_after_a_crash_nobody_else_gets_what_the_first_may_have_got(some_customers: None) -> None:
    confirm(process(acceptance("faktury@example.com"), "AAAA-BBB1"))
    deliver(channels=Recorder())
    process(withdrawal(), "AAAA-BBB2")
    (key,) = [one.key for one in messages("AAAA-BBB2")]
    with pytest.raises(Killed):
        deliver(channels=Recorder(repeatable=True, after=Killed()))
    confirm(process(acceptance("inna@example.com"), "AAAA-BBB3"))
    deliver(tracking="AAAA-BBB3", channels=Recorder())
    let_time_pass()
    deliver(tracking="AAAA-BBB2", channels=Recorder(repeatable=True))
    assert [one.recipient for one in sendings(key)] == ["faktury@example.com"] * 2
    assert (stored(key).state, stored(key).readdressed) == ("sent", 0)


class Late(Recorder):
    """A channel that answers when the lease has run out and ``meanwhile`` has happened."""

    def __init__(self, meanwhile: Callable[[], object], *, repeatable: bool, after: BaseException | None) -> None:
        super().__init__(repeatable=repeatable, after=after)
        self._meanwhile = meanwhile

    def send(self, envelope: Envelope) -> Accepted:
        let_time_pass()
        self._meanwhile()
        return Accepted(f"late {super().send(envelope).reference}")


LATE_ANSWERS = [
    None,
    TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa."),
    PermanentDeliveryError("refused", "Nie ma takiego adresu."),
    UncertainDeliveryError("no_answer", "Brak odpowiedzi."),
]


@pytest.mark.parametrize("answer", LATE_ANSWERS)
def test_a_late_deliverer_overwrites_nothing_that_the_next_one_has_marked(
    database: str, answer: DeliveryError | None
) -> None:
    put()
    punctual = Recorder(repeatable=True)
    late = Late(lambda: deliver(channels=punctual), repeatable=True, after=answer)
    assert deliver(channels=late) == []
    message = stored()
    assert (message.state, message.reference, message.last_error) == ("sent", "ref-one", None)
    let_time_pass()
    assert deliver(channels=punctual) == []
    assert punctual.sent == ["one"]


@pytest.mark.parametrize("answer", LATE_ANSWERS)
def test_a_late_deliverer_overwrites_nothing_that_a_human_has_settled(
    database: str, answer: DeliveryError | None
) -> None:
    def found_out() -> None:
        with transaction() as session:
            assert due(session) == []
            assert settle(session, "one")

    put()
    assert deliver(channels=Late(found_out, repeatable=False, after=answer)) == []
    message = stored()
    assert (message.state, message.reference) == ("sent", None)


def test_a_late_deliverer_still_tells_what_nobody_else_knows(database: str) -> None:
    def seen_by_another() -> None:
        with transaction() as session:
            assert due(session) == []
        assert stored().state == "uncertain"

    put()
    assert [done.state for done in deliver(channels=Late(seen_by_another, repeatable=False, after=None))] == ["sent"]
    assert (stored().state, stored().reference) == ("sent", "late ref-one")


def test_a_file_written_before_a_crash_and_written_again_is_one_file(sqlite_database: str, home: Path) -> None:
    class DyingFiles(EmlFiles):
        def send(self, envelope: Envelope) -> Accepted:
            super().send(envelope)
            raise Killed

    put()
    with pytest.raises(Killed):
        deliver(channels=lambda _: DyingFiles())
    let_time_pass()
    deliver()
    assert len(list((home / "outgoing").glob("*.eml"))) == 1
    assert stored().state == "sent"


def test_a_human_may_send_an_uncertain_message_again_or_settle_it(sqlite_database: str) -> None:
    for key in ("again", "settled"):
        put(key=key)
    with pytest.raises(Killed):
        deliver(channels=Recorder(after=Killed()))
    with pytest.raises(Killed):
        deliver(channels=Recorder(after=Killed()))
    let_time_pass()
    deliver(channels=Recorder())
    with transaction() as session:
        assert send_again(session, "again") and settle(session, "settled")
        assert not send_again(session, "settled") and not settle(session, "again")
    channel = Recorder()
    deliver(channels=channel)
    assert channel.sent == ["again"]
    assert {stored(key).state for key in ("again", "settled")} == {"sent"}


def test_an_unexpected_break_of_a_channel_leaves_the_message_uncertain_and_the_next_one_goes(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(key="first")
    put(key="second")

    class Breaking(Recorder):
        def send(self, envelope: Envelope) -> Accepted:
            if envelope.key == "first":
                raise RuntimeError(RECIPIENT[Medium.EMAIL])
            return super().send(envelope)

    states = {done.key: done.state for done in deliver(channels=Breaking())}
    assert states == {"first": MessageState.UNCERTAIN, "second": MessageState.SENT}
    printed = capsys.readouterr()
    assert RECIPIENT[Medium.EMAIL] not in f"{stored('first').last_error} {printed.out} {printed.err}"


def test_looking_for_due_messages_is_enough_to_find_what_a_crash_left(sqlite_database: str) -> None:
    put()
    with pytest.raises(Killed):
        deliver(channels=Recorder(after=Killed()))
    let_time_pass()
    with transaction() as session:
        assert due(session) == []
    assert stored().state == "uncertain"


def test_a_second_deliverer_keeps_to_the_time_that_the_first_has_set(database: str) -> None:
    put()
    busy, second = Recorder(after=TemporaryDeliveryError("gateway_busy", "Bramka chwilowo nie działa.")), Recorder()

    def first_was_faster(limit: int) -> list[str]:
        """Both have found the message due; the first one tries it, in vain, before the second comes to it."""
        with transaction() as session:
            found = due(session, limit=limit)
        assert [one.state for one in deliver(channels=busy)] == [MessageState.PENDING]
        return found

    (key,) = first_was_faster(1)
    assert list(_Lane(transaction, second, None, None).deliver([key])) == []
    assert (busy.sent, second.sent, stored().state) == (["one"], [], "pending")
    assert stored().next_attempt_at > now()


def test_what_a_late_deliverer_learnt_stays_with_its_own_try(database: str) -> None:
    put()
    punctual = Recorder(repeatable=True)
    deliver(channels=Late(lambda: deliver(channels=punctual), repeatable=True, after=None))
    assert [one.reference for one in sendings()] == ["late ref-one", "ref-one"]
