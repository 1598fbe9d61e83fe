"""Sending messages that are due: those that could not leave with their document, or that a clerk or a link caused."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from confirmations import outbox
from confirmations.bounce_folder import bounces_wait, take_bounces
from confirmations.outbox import Delivered
from confirmations.tables import MessageState
from database.engine import reading, transaction
from documents import loading, transitions
from documents.states import StaleDocumentError, State

BUNDLE = 100
"""Messages in one go; a sweep comes back for more."""


@flow(name="deliver-messages")
async def deliver_messages() -> RunState[int]:
    """Learn which e-mails came back, send what is due, and confirm the documents whose last message has left."""
    try:
        await asyncio.to_thread(take_bounces)
    except Exception as fault:  # what came back must not keep what is to leave
        get_run_logger().error("Reading the folder of bounces met a fault: %s", type(fault).__name__)
    delivered = await asyncio.to_thread(_deliver_due)
    counts = {state.value: sum(one.state is state for one in delivered) for state in MessageState}
    told = ", ".join(f"{state}: {number}" for state, number in counts.items() if number) or "nothing was due"
    for one in delivered:
        if one.error is not None:
            get_run_logger().warning("Message %s (%s): %s, %s", one.key, one.channel, one.state, one.error)
    return Completed(message=told, data=len(delivered))


def any_due() -> bool:
    """Whether some message may go out now, or some may have come back."""
    with reading() as session:
        return bounces_wait() or outbox.waits(session)


def confirm(tracking: str) -> State:
    """Make an applied document confirmed once all its messages were sent or closed; gives its state."""
    with transaction() as session:
        document = loading.load(session, tracking)
        if document.at is not State.APPLIED or not outbox.all_ended(session, tracking):
            return document.at
        try:
            return transitions.move(session, document, State.CONFIRMED, actor="machine").at
        except StaleDocumentError:
            return State.CONFIRMED  # another deliverer was first, and from 'applied' there is no other way


def _deliver_due() -> list[Delivered]:
    delivered = outbox.deliver(transaction, limit=BUNDLE)
    for tracking in {one.tracking for one in delivered}:
        confirm(tracking)
    return delivered
