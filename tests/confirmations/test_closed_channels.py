"""A way out that is closed for a while: no message is to blame, none is lost, and the other ways stay open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from confirmations.channels.interface import (
    Accepted,
    ClosedChannelError,
    Envelope,
    MessageChannel,
    TemporaryDeliveryError,
)
from confirmations.one_try import DELAYS
from confirmations.outbox import deliver
from confirmations.tables import Medium, Message, MessageState, Sending
from database import holders
from database.engine import transaction
from environment import clock
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import let_time_pass, put, stored

pytestmark = pytest.mark.usefixtures("database")


def closed() -> Recorder:
    return Recorder(before=ClosedChannelError("server_unreachable", "Serwer poczty nie odpowiada. Sprawdź go."))


def chosen(**channels: MessageChannel) -> Callable[[Medium], MessageChannel]:
    return lambda medium: channels[medium.value]


def test_after_two_messages_that_met_a_closed_channel_the_others_wait_untried() -> None:
    for number in range(5):
        put(key=f"number {number}")
    put(Medium.SMS, key="text")
    email, sms = closed(), Recorder()
    found = deliver(channels=chosen(email=email, sms=sms))
    states = {done.key: done.state for done in found}
    assert states == {
        "number 0": MessageState.PENDING,
        "number 1": MessageState.PENDING,
        "text": MessageState.SENT,
    }
    assert stored("number 2").last_error is None


def test_a_closed_channel_uses_up_no_attempts_and_what_waited_longest_is_tried_next() -> None:
    for number in range(3):
        put(key=f"number {number}")
    for _ in range(len(DELAYS) + 2):
        assert {done.state for done in deliver(channels=closed())} == {MessageState.PENDING}
        let_time_pass(1)
    assert {stored(f"number {number}").attempts for number in range(3)} == {0}
    open_again = Recorder()
    assert {done.state for done in deliver(channels=open_again)} == {MessageState.SENT}
    assert len(open_again.sent) == 3


def test_of_the_tries_of_an_outage_the_first_and_the_last_are_kept_and_those_of_other_faults() -> None:
    put()
    busy = Recorder(before=TemporaryDeliveryError("recipient_deferred", "Serwer poczty odrzucił adres odbiorcy."))
    for channel in (busy, *(closed() for _ in range(6)), busy, closed(), closed(), closed(), Recorder()):
        deliver(channels=lambda _, channel=channel: channel)  # type: ignore[misc]
        let_time_pass()
    with transaction() as session:
        tries = session.scalars(select(Sending).order_by(Sending.id)).all()
    codes = [(one.error or "accepted").partition(":")[0] for one in tries]
    assert codes == [
        "recipient_deferred", *["server_unreachable"] * 2,
        "recipient_deferred", *["server_unreachable"] * 2, "accepted",
    ]  # fmt: skip


def test_trying_a_closed_channel_takes_no_room_of_an_address_that_nobody_has_proven() -> None:
    put(proven=False)
    for _ in range(20):
        assert [done.state for done in deliver(channels=closed())] == [MessageState.PENDING]
        let_time_pass(1)
    assert [done.state for done in deliver(channels=Recorder())] == [MessageState.SENT]


def test_one_message_that_alone_breaks_its_connection_keeps_no_other() -> None:
    broken = ClosedChannelError("server_unreachable", "Serwer poczty nie odpowiada. Sprawdź go.")
    for key in ("bad", "good", "better"):
        put(key=key)
    assert {done.key: done.state for done in deliver(channels=Recorder(before=broken, fails="bad"))} == {
        "bad": MessageState.PENDING,
        "good": MessageState.SENT,
        "better": MessageState.SENT,
    }


class _SomeBreak(Recorder):
    """Messages whose key begins with 'bad' break their connection."""

    def send(self, envelope: Envelope) -> Accepted:
        if envelope.key.startswith("bad"):
            raise ClosedChannelError("server_unreachable", "Serwer poczty nie odpowiada. Sprawdź go.")
        return super().send(envelope)


def test_messages_that_break_their_connection_between_others_that_leave_close_no_channel() -> None:
    keys = ("bad 1", "good 1", "bad 2", "good 2", "bad 3", "good 3")
    for key in keys:
        put(key=key)
    channel = _SomeBreak()
    assert [done.key for done in deliver(channels=channel)] == list(keys)
    assert channel.sent == ["good 1", "good 2", "good 3"]


def test_what_another_deliverer_has_sent_meanwhile_keeps_none_of_those_behind_it_waiting() -> None:
    class Meanwhile(Recorder):
        def send(self, envelope: Envelope) -> Accepted:
            with transaction() as session:
                session.execute(update(Message).where(Message.key == "2").values(state=MessageState.SENT.value))
            return super().send(envelope)

    for key in ("1", "2", "3"):
        put(key=key)
    assert [done.key for done in deliver(channels=Meanwhile())] == ["1", "3"]


def test_what_could_not_leave_for_days_has_failed() -> None:
    put()
    with transaction() as session:
        session.execute(update(Message).values(created_at=clock.now() - timedelta(days=3)))
    for delay in DELAYS:
        assert [done.state for done in deliver(channels=closed())] == [MessageState.PENDING], delay
        let_time_pass()
    assert [done.state for done in deliver(channels=closed())] == [MessageState.FAILED]


def test_a_message_written_before_the_clock_was_put_back_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    put(key="refused")
    busy = Recorder(before=TemporaryDeliveryError("recipient_deferred", "Serwer poczty odrzucił adres odbiorcy."))
    now = clock.now
    with transaction() as session:
        session.execute(update(Message).where(Message.key == "one").values(state=MessageState.SENT.value))
    assert [done.state for done in deliver(channels=busy)] == [MessageState.PENDING]
    with transaction() as session:
        session.execute(update(Message).where(Message.key == "one").values(state=MessageState.PENDING.value))
    monkeypatch.setattr("confirmations.outbox.now", lambda: now() - timedelta(hours=1))
    assert [done.key for done in deliver(channels=Recorder())] == ["one"], "the other one keeps to its pause"


def test_a_message_put_off_by_a_closed_channel_leaves_when_the_clock_was_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put()
    assert [done.state for done in deliver(channels=closed())] == [MessageState.PENDING]
    assert deliver(channels=Recorder()) == []
    now = clock.now
    monkeypatch.setattr("confirmations.outbox.now", lambda: now() - timedelta(hours=1))
    assert [done.state for done in deliver(channels=Recorder())] == [MessageState.SENT]


@pytest.mark.parametrize(
    ("repeatable", "state"), [(True, MessageState.PENDING.value), (False, MessageState.UNCERTAIN.value)]
)
def test_what_a_dead_run_was_sending_is_found_as_soon_as_the_run_is_known_to_be_over(
    repeatable: bool, state: str
) -> None:
    put()
    with transaction() as session:
        holders.enter(session, "a run", "a test")
    with pytest.raises(Killed):
        deliver(channels=Recorder(repeatable=repeatable, after=Killed()), owner="a run")
    refusing = TemporaryDeliveryError("recipient_deferred", "Serwer poczty odrzucił adres odbiorcy.")
    assert deliver(channels=Recorder(before=refusing)) == []
    assert stored().state == MessageState.SENDING.value, "it lives still"
    with transaction() as session:
        holders.leave(session, "a run")
    deliver(channels=Recorder(before=refusing))
    assert stored().state == state
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Sending)) == (2 if repeatable else 1)
