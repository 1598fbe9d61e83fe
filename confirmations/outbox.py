"""The outbox: messages are written in the transaction that causes them and leave afterwards, each once.

A message is claimed ('sending') in a committed transaction before it goes out and marked afterwards, so that a crash
between the two is seen. Of several deliverers exactly one claims a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from traceback import extract_tb
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from access import tries
from confirmations.channels import channel_for
from confirmations.channels.interface import (
    Channel,
    DeliveryError,
    Envelope,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UncertainDeliveryError,
)
from confirmations.rendering import render
from confirmations.stopped_addresses import lift, why_stopped
from confirmations.tables import ENDED, WITH_A_HUMAN, Medium, Message, MessageState, in_trouble
from database.clock import now
from database.engine import transaction
from database.settings import get_settings

SessionFactory = Callable[[], AbstractContextManager[Session]]
ChannelChoice = Callable[[Medium], Channel]

DELAYS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""Waiting times after the first, second, ... temporary fault; after the last one the message has failed."""

_DAY: Final = 24 * 60
_PUT_OFF: Final = timedelta(hours=1)
"""After this it is tried again whether an address has room for one more message."""

_TOKEN_BYTES: Final = 10

_INTERRUPTED: Final = (
    "Program przerwano w trakcie wysyłania. Wiadomość mogła dojść: zapytaj klienta albo wyślij ponownie."
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one message in this delivery; ``error`` is a code, None when it was sent."""

    key: str
    tracking: str
    channel: Medium
    template: str
    state: MessageState
    error: str | None = None


def enqueue(
    session: Session,
    *,
    key: str,
    tracking: str,
    channel: Medium,
    recipient: str,
    template: str,
    context: Mapping[str, Any],
) -> bool:
    """Put a message into the outbox, in the caller's transaction; False when that key is there already."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    at = now()
    statement = (
        insert(Message)
        .values(
            key=key,
            tracking=tracking,
            channel=channel.value,
            recipient=recipient,
            template=template,
            context=dict(context),
            state=MessageState.PENDING.value,
            attempts=0,
            repeatable=False,
            bounces=0,
            next_attempt_at=at,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    return _rows(session, statement) == 1


def due(session: Session, tracking: str | None = None, limit: int = 100) -> list[str]:
    """Keys of the messages that may go out now, oldest first; of one document when ``tracking`` is given.

    What a crash left in 'sending' is found here: it becomes due again where that is harmless, otherwise uncertain.
    """
    _recover(session, tracking)
    found = select(Message.key).where(
        Message.state == MessageState.PENDING.value, Message.next_attempt_at <= now(), *_of(tracking)
    )
    return list(session.scalars(found.order_by(Message.id).limit(limit)))


def deliver(
    session_factory: SessionFactory = transaction,
    tracking: str | None = None,
    *,
    limit: int = 100,
    channels: ChannelChoice = channel_for,
) -> list[Delivered]:
    """Send what is due (of one document when ``tracking`` is given) and tell what became of each message.

    Faults of delivery are results, not exceptions: temporary ones are tried again after a growing delay, permanent ones
    end as 'failed', and a message that may or may not have left ends as 'uncertain'. Repeating the call is safe.
    """
    with session_factory() as session:
        keys = due(session, tracking, limit)
    return [done for key in keys if (done := _deliver_one(session_factory, key, channels)) is not None]


def send_again(session: Session, key: str) -> bool:
    """A human decided: try a message that did not arrive for sure again now; False when it is none.

    An address that had been stopped gets mail again: whoever decides so has reason to.
    """
    at = now()
    statement = (
        update(Message)
        .where(Message.key == key, Message.state.in_(WITH_A_HUMAN))
        .values(state=MessageState.PENDING.value, attempts=0, bounces=0, next_attempt_at=at, claim=None)
    )
    if _rows(session, statement) != 1:
        return False
    message = session.scalars(select(Message).where(Message.key == key)).one()
    if message.channel == Medium.EMAIL.value:
        lift(session, message.recipient)
    return True


def close(session: Session, key: str) -> bool:
    """A human decided: the customer gets no message; False when it is sent, being sent, or closed already.

    One that waits after a fault can be closed, too.
    """
    statement = (
        update(Message).where(Message.key == key, in_trouble()).values(state=MessageState.CLOSED.value, claim=None)
    )
    return _rows(session, statement) == 1


def as_letter(session: Session, key: str, address: str) -> bool:
    """A human decided: print an e-mail as a letter to that address (its lines); False when it did not fail for sure."""
    statement = (
        update(Message)
        .where(
            Message.key == key,
            Message.state.in_(WITH_A_HUMAN),
            Message.channel == Medium.EMAIL.value,
        )
        .values(
            state=MessageState.PENDING.value,
            channel=Medium.LETTER.value,
            recipient=address,
            attempts=0,
            bounces=0,
            last_error=None,
            next_attempt_at=now(),
            claim=None,
        )
    )
    return _rows(session, statement) == 1


def has_room(session: Session, address: str) -> bool:
    """Whether one more message may leave today to an address that nobody has proven."""
    most = get_settings().unproven_mails_per_day
    return tries.allowed(session, _mailbox(address), most=most, minutes=_DAY)


def _mailbox(address: str) -> str:
    """What an address is counted as: what stands after a plus goes to the same person, and anybody can make it up."""
    name, _, domain = address.lower().rpartition("@")
    return f"mail:{name.partition('+')[0] or name}@{domain}"


def settle(session: Session, key: str) -> bool:
    """A human found out that an uncertain message did arrive; False when it is not uncertain."""
    statement = (
        update(Message)
        .where(Message.key == key, Message.state == MessageState.UNCERTAIN.value)
        .values(state=MessageState.SENT.value, sent_at=now(), claim=None)
    )
    return _rows(session, statement) == 1


def all_ended(session: Session, tracking: str) -> bool:
    """Whether the document has messages and every one of them was sent, or closed by a clerk."""
    states = set(session.scalars(select(Message.state).where(Message.tracking == tracking)))
    return bool(states) and states <= set(ENDED)


def next_attempt(session: Session, tracking: str) -> datetime | None:
    """When the first of the document's messages that wait may leave; None when none waits."""
    waiting = select(Message.next_attempt_at).where(
        Message.tracking == tracking, Message.state == MessageState.PENDING.value
    )
    return session.scalars(waiting.order_by(Message.next_attempt_at).limit(1)).first()


def _deliver_one(session_factory: SessionFactory, key: str, channels: ChannelChoice) -> Delivered | None:
    """Claim, send, mark; None when another deliverer was first, or took over because this one was late."""
    claim = uuid4().hex
    with session_factory() as session:
        found = session.scalars(select(Message).where(Message.key == key)).one()
        waits = _put_off(session, found) or _is_stopped(session, found)
        message = None if waits else _claim(session, found, claim, channels)
    if message is None:
        return None
    medium, channel = Medium(message.channel), channels(Medium(message.channel))
    at = now()
    try:
        content = render(message.template, message.context, medium)
        envelope = Envelope(
            key, message.tracking, message.template, message.recipient, content, at, message.return_token
        )
    except Exception as error:
        # A fault in a template must neither stop the other messages nor look as if it might have gone out.
        outcome = _after_fault(
            message, PermanentDeliveryError("not_rendered", f"Błąd w szablonie ({type(error).__name__}).")
        )
    else:
        outcome = _send(channel, envelope, message)
    with session_factory() as session:
        statement = update(Message).where(Message.key == key, Message.claim == claim)
        marked = _rows(session, statement.values(**outcome)) == 1
    state = MessageState(outcome["state"])
    code = (outcome["last_error"] or "").partition(":")[0] or None
    _log.info("message", key=key, state=state.value, transport=channel.name, error=code, late=not marked)
    if not marked:
        return None  # its lease ran out: what the next deliverer or a human wrote since then stands
    return Delivered(key, message.tracking, medium, message.template, state, code)


def _put_off(session: Session, message: Message) -> bool:
    """Whether its address, which nobody has proven, was written to often enough today: then it leaves later.

    Anybody can type an address into a form. The messages wait; none is lost, and none counts as a fault.
    """
    first = message.state == MessageState.PENDING.value and not message.attempts
    unproven = message.channel == Medium.EMAIL.value and not message.context.get("proven", True)
    if not (first and unproven):
        return False
    if has_room(session, message.recipient):
        tries.note_wrong(session, _mailbox(message.recipient))
        return False
    message.next_attempt_at = now() + _PUT_OFF
    return True


def _is_stopped(session: Session, message: Message) -> bool:
    """Whether its address takes no mail, as was learnt of an earlier message: then a clerk has to know of it."""
    if message.state != MessageState.PENDING.value or message.channel != Medium.EMAIL.value:
        return False
    if (told := why_stopped(session, message.recipient)) is None:
        return False
    message.state, message.last_error = MessageState.FAILED.value, f"address_stopped: {told}"[:300]
    return True


def _claim(session: Session, message: Message, claim: str, channels: ChannelChoice) -> Message | None:
    """Take a due message for this deliverer; the database lets one win."""
    session.expunge(message)
    channel, token = channels(Medium(message.channel)), message.return_token or token_hex(_TOKEN_BYTES)
    statement = (
        update(Message)
        .where(Message.key == message.key, Message.state == MessageState.PENDING.value)
        .values(
            state=MessageState.SENDING.value,
            attempts=Message.attempts + 1,
            claim=claim,
            transport=channel.name,
            repeatable=channel.repeatable,
            return_token=token,
            leased_until=now() + timedelta(seconds=get_settings().lease_seconds),
        )
    )
    message.attempts, message.return_token = message.attempts + 1, token
    return message if _rows(session, statement) == 1 else None


def _send(channel: Channel, envelope: Envelope, message: Message) -> dict[str, Any]:
    """Send one envelope; the values to write to its row."""
    try:
        reference = channel.send(envelope)
    except DeliveryError as fault:
        return _after_fault(message, fault)
    except Exception as error:
        # neither the text of the exception nor a traceback: both may show the recipient
        at = extract_tb(error.__traceback__)[-1]
        _log.error("channel_broke", key=envelope.key, error=type(error).__name__, at=f"{at.filename}:{at.lineno}")
        broken = UncertainDeliveryError("channel_broke", f"Nieoczekiwany błąd wysyłki ({type(error).__name__}).")
        return _after_fault(message, broken)
    return {"state": MessageState.SENT.value, "sent_at": now(), "reference": reference, "last_error": None}


def _after_fault(message: Message, fault: DeliveryError) -> dict[str, Any]:
    told = f"{fault.code}: {fault.message}"[:300]
    if isinstance(fault, UncertainDeliveryError):
        return {"state": MessageState.UNCERTAIN.value, "last_error": told}
    if isinstance(fault, TemporaryDeliveryError) and message.attempts <= len(DELAYS):
        later = now() + DELAYS[message.attempts - 1]
        return {"state": MessageState.PENDING.value, "next_attempt_at": later, "last_error": told, "claim": None}
    return {"state": MessageState.FAILED.value, "last_error": told}


def _recover(session: Session, tracking: str | None) -> None:
    """Find what a crash left in 'sending': try again where that is harmless, otherwise show it as uncertain."""
    at = now()
    left = update(Message).where(
        Message.state == MessageState.SENDING.value, Message.leased_until <= at, *_of(tracking)
    )
    again = {"state": MessageState.PENDING.value, "next_attempt_at": at, "claim": None}
    told = f"interrupted: {_INTERRUPTED}"
    session.execute(left.where(Message.repeatable.is_(True)).values(**again))
    session.execute(
        left.where(Message.repeatable.is_(False)).values(state=MessageState.UNCERTAIN.value, last_error=told)
    )


def _of(tracking: str | None) -> list[Any]:
    return [] if tracking is None else [Message.tracking == tracking]


def _rows(session: Session, statement: Any) -> int:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
