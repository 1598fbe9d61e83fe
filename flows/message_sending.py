"""Sending messages that are due, beside all other work, and confirming documents whose last message has left."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from confirmations import outbox
from confirmations.bounce_folder import bounces_wait, take_bounces
from confirmations.outbox import Delivered
from confirmations.tables import NO_CASE
from database.engine import Session, reading, transaction
from documents import loading, transitions
from documents.states import StaleDocumentError, State
from flows import names
from flows.engine_setup import MESSAGES
from flows.lease import alive
from flows.wording import MESSAGE_STATES
from notices.judging import judge

_log = structlog.get_logger(__name__)

BUNDLE: Final = 100
"""Messages in one go; a deliverer comes back for more."""
_APART: Final = 1.0
"""Least seconds between beginnings of goes: under load one takes along what several documents have written."""


@flow(name=names.DELIVERY, flow_run_name=names.told_from(names.DELIVERY))
async def deliver_messages() -> RunState[int]:
    """Learn which e-mails came back, send what is due, and confirm the documents whose last message has left."""
    async with alive(MESSAGES) as owner:
        delivered = await asyncio.to_thread(_deliver_due, owner)
    _tell_errors(delivered)
    counts = {name: sum(one.state is state for one in delivered) for state, name in MESSAGE_STATES.items()}
    told = ", ".join(f"{name}: {number}" for name, number in counts.items() if number) or "Nic nie czekało"
    return Completed(name=names.ENDED, message=f"{told}.", data=len(delivered))


class Deliverer:
    """Sends beside the work on documents: a mail server that answers late, or never, keeps none of them waiting."""

    def __init__(self, owner: str) -> None:
        self._owner, self._stirred = owner, True
        self._lane = ThreadPoolExecutor(1, "deliverer")
        self._go: asyncio.Task[None] | None = None
        self._next = 0.0

    @property
    def busy(self) -> bool:
        """Whether it is sending."""
        return self._go is not None and not self._go.done()

    def stir(self) -> None:
        """Say that there may be something to send."""
        self._stirred = True

    def begin(self, *, at_once: bool = False) -> None:
        """Send what is due, unless it is at it or nobody said that there may be something.

        What it began a moment ago is waited for, too, unless it is to send ``at_once``.
        """
        if self._stirred and not self.busy and (at_once or time.monotonic() >= self._next):
            self._begin()

    def _begin(self) -> None:
        if self._stirred:
            self._stirred, self._next = False, time.monotonic() + _APART
            self._go = asyncio.create_task(self._deliver())

    async def finish(self) -> None:
        """Wait for what is being sent, then send what became due meanwhile."""
        if self._go is not None:
            await self._go
        self._begin()
        if self._go is not None:
            await self._go

    async def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                delivered = await loop.run_in_executor(self._lane, _deliver_due, self._owner)
                _tell_errors(delivered)
                if len(delivered) < BUNDLE:
                    return
        except Exception as fault:  # the messages are in the register still, and the next go comes soon
            get_run_logger().error("Sending messages met a fault: %s", type(fault).__name__)


def confirm(tracking: str) -> State:
    """Make an applied document confirmed once all its messages were sent or closed; gives its state."""
    with transaction() as session:
        return _confirm(session, tracking)


def _confirm(session: Session, tracking: str) -> State:
    document = loading.load(session, tracking)
    if document.at is not State.APPLIED or not outbox.all_ended(session, tracking):
        return document.at
    try:
        return transitions.move(session, document, State.CONFIRMED, actor="machine").at
    except StaleDocumentError:
        return State.CONFIRMED  # another deliverer was first, and from 'applied' there is no other way


def _deliver_due(owner: str) -> list[Delivered]:
    with reading() as session:
        bounced, due, ended = bounces_wait(), outbox.waits(session), outbox.to_be_confirmed(session, BUNDLE)
    if bounced:
        try:
            take_bounces()
        except Exception as fault:  # what came back must not keep what is to leave
            _log.error("bounces_not_read", fault=type(fault).__name__)
    confirmed = set[str]()

    def confirm_with_it(session: Session, tracking: str) -> None:
        if _confirm(session, tracking) is not State.APPLIED:
            confirmed.add(tracking)

    delivered = (
        outbox.deliver(transaction, limit=BUNDLE, owner=owner, ended=confirm_with_it, judge=judge) if due else []
    )
    # Of the last two messages of one document, sent at once by two media, neither saw the other.
    for tracking in dict.fromkeys([*ended, *(one.tracking for one in delivered if one.tracking != NO_CASE)]):
        if tracking not in confirmed:
            confirm(tracking)
    return delivered


def _tell_errors(delivered: list[Delivered]) -> None:
    for one in delivered:
        if one.error is not None:
            get_run_logger().warning("Message %s (%s): %s, %s", one.key, one.channel, one.state, one.error)
