"""Sending beside the work on documents: one go at a time, and nothing that became due meanwhile is left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from threading import Event

import pytest
from sqlalchemy import select, update

from confirmations.outbox import Delivered
from confirmations.tables import Medium, Message, MessageState
from database.engine import transaction
from documents import loading
from documents.states import State
from documents.tables import Document
from flows import message_sending
from flows.message_sending import BUNDLE, Deliverer
from tests.confirmations.samples import put
from tests.documents.received import scan

_ONE = Delivered("one", "K7M4-PX9R", Medium.EMAIL, "withdrawal_done", MessageState.SENT)


class Goes:
    """Stands for sending: how often it was asked for, how many at once; each go waits until it may end."""

    def __init__(self, *sent: int) -> None:
        self.owners, self.at_once, self.most = list[str](), 0, 0
        self._sent, self.begun, self.may_end = list(sent), Event(), Event()

    def __call__(self, owner: str) -> list[Delivered]:
        self.owners.append(owner)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.begun.set()
        assert self.may_end.wait(60)
        self.at_once -= 1
        return [_ONE] * (self._sent.pop(0) if self._sent else 0)


def _with(goes: Goes, monkeypatch: pytest.MonkeyPatch, work: Callable[[Deliverer], Awaitable[None]]) -> Deliverer:
    async def run() -> Deliverer:
        deliverer = Deliverer("a run")
        await work(deliverer)
        return deliverer

    monkeypatch.setattr(message_sending, "_deliver_due", goes)
    return asyncio.run(run())


def test_while_it_sends_no_second_go_begins_and_what_became_due_meanwhile_leaves_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes = Goes()

    async def work(deliverer: Deliverer) -> None:
        deliverer.begin()
        await asyncio.to_thread(goes.begun.wait, 60)
        for _ in range(3):
            deliverer.stir()
            deliverer.begin()
            await asyncio.sleep(0)
        assert deliverer.busy
        goes.may_end.set()
        await deliverer.finish()

    monkeypatch.setattr(message_sending, "_APART", 0.0)
    deliverer = _with(goes, monkeypatch, work)
    assert (goes.owners, goes.most, deliverer.busy) == (["a run"] * 2, 1, False)


def test_at_the_end_a_go_of_several_bundles_is_waited_for_before_another_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes = Goes(BUNDLE, 0, 0)

    async def work(deliverer: Deliverer) -> None:
        deliverer.begin()
        await asyncio.to_thread(goes.begun.wait, 60)
        deliverer.stir()
        goes.may_end.set()
        await deliverer.finish()
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a go is still to send its next bundle"

    _with(goes, monkeypatch, work)
    assert len(goes.owners) == 3


def test_it_does_not_look_again_when_nobody_said_that_there_may_be_something(monkeypatch: pytest.MonkeyPatch) -> None:
    goes = Goes()
    goes.may_end.set()

    async def work(deliverer: Deliverer) -> None:
        deliverer.begin()
        await deliverer.finish()
        deliverer.begin()
        await deliverer.finish()
        assert len(goes.owners) == 1
        deliverer.stir()
        deliverer.begin()
        await deliverer.finish()

    _with(goes, monkeypatch, work)
    assert len(goes.owners) == 2


def test_more_than_one_bundle_leaves_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    goes = Goes(BUNDLE, BUNDLE, BUNDLE - 1)
    goes.may_end.set()
    _with(goes, monkeypatch, Deliverer.finish)
    assert len(goes.owners) == 3


def test_a_fault_of_one_go_ends_nothing_else_and_names_its_kind_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(owner: str) -> list[Delivered]:
        raise ConnectionError("Jan Kowalski")

    async def run() -> None:
        await Deliverer("a run").finish()

    monkeypatch.setattr(message_sending, "_deliver_due", break_down)
    monkeypatch.setattr(message_sending, "get_run_logger", lambda: logging.getLogger("a run"))
    asyncio.run(run())
    assert "ConnectionError" in caplog.text
    assert "Kowalski" not in caplog.text


def test_what_a_run_sends_is_held_in_its_name(sqlite_database: str) -> None:
    put(tracking=scan())
    message_sending._deliver_due("a run")
    with transaction() as session:
        assert session.scalars(select(Message.lease_owner)).one() == "a run"
        assert session.scalars(select(Message.state)).one() == MessageState.SENT.value


def test_a_document_whose_messages_left_just_before_a_crash_is_confirmed(sqlite_database: str) -> None:
    tracking = scan()
    put(tracking=tracking)
    with transaction() as session:
        session.execute(update(Message).values(state=MessageState.SENT.value))
        session.execute(update(Document).values(state=State.APPLIED.value))
    assert message_sending._deliver_due("a run") == []
    with transaction() as session:
        assert loading.load(session, tracking).at is State.CONFIRMED


def test_a_document_is_not_confirmed_before_its_last_message_has_ended(sqlite_database: str) -> None:
    tracking = scan()
    put(tracking=tracking)
    with transaction() as session:
        session.execute(update(Document).values(state=State.APPLIED.value))
    assert message_sending.confirm(tracking) is State.APPLIED
    with transaction() as session:
        session.execute(update(Message).values(state=MessageState.CLOSED.value))
    assert message_sending.confirm(tracking) is State.CONFIRMED


def test_returned_mail_that_cannot_be_read_keeps_no_message_from_leaving(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        raise OSError("the folder is gone")

    monkeypatch.setattr(message_sending, "bounces_wait", lambda: True)
    monkeypatch.setattr(message_sending, "take_bounces", break_down)
    put(tracking=scan())
    assert [one.state for one in message_sending._deliver_due("a run")] == [MessageState.SENT]
