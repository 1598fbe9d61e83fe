"""Changes of a message by a human's decision, in the caller's transaction; who may decide: ``review.messages``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from confirmations.addressing import readdress
from confirmations.recipients import Recipient
from confirmations.stopped_addresses import lift
from confirmations.tables import NOT_ARRIVED, WITH_A_HUMAN, Medium, Message, MessageState, RecipientRole, in_trouble
from environment.clock import now


def send_again(session: Session, key: str) -> bool:
    """Try a message again now that waits for a human; False when it does not.

    An address that had been stopped gets mail again: whoever decides so has reason to.
    """
    message = _locked(session, key, Message.state.in_(WITH_A_HUMAN))
    if message is None:
        return False
    _start_anew(message)
    if message.channel == Medium.EMAIL.value:
        lift(session, message.recipient)
    session.flush()
    return True


def close(session: Session, key: str, reason: str) -> bool:
    """The customer gets no message, for that reason; False when it is sent, being sent, or closed already.

    One that waits after a fault can be closed, too.
    """
    message = _locked(session, key, in_trouble())
    if message is None:
        return False
    _close(message, reason)
    session.flush()
    return True


def close_links(session: Session, tracking: str, reason: str) -> None:
    """Close what bears an older link of a document and has not left for sure: nobody is to get it any more."""
    unsent = (Message.state == MessageState.PENDING.value) | Message.state.in_(WITH_A_HUMAN)
    old = select(Message).where(Message.tracking == tracking, Message.role == RecipientRole.LINK.value, unsent)
    for message in session.scalars(old.order_by(Message.id).with_for_update()):
        _close(message, reason)
    session.flush()


def as_letter(session: Session, key: str, address: str) -> bool:
    """Print an e-mail as a letter to that address (its lines); False when it did not fail for sure."""
    return _sent_to(session, key, Recipient(Medium.LETTER, address, proven=True))


def redirect(session: Session, key: str, email: str) -> bool:
    """Send an e-mail to another address, which nobody has proven; False when it waits for no human."""
    return _sent_to(session, key, Recipient(Medium.EMAIL, email, proven=False))


def hand_on(session: Session, key: str, email: str, customer_no: str, context: Mapping[str, Any]) -> bool:
    """What a message tells is another customer's: it goes to him, at that address, and to nobody else.

    False where it has left, or may have; one that came back, or was closed, leaves anew.
    """
    unsent = Message.state.in_((MessageState.PENDING.value, *NOT_ARRIVED))
    message = _locked(session, key, unsent, Message.channel == Medium.EMAIL.value)
    if message is None:
        return False
    readdress(message, Recipient(Medium.EMAIL, email, proven=True))
    message.customer_no, message.context, message.closing = customer_no, dict(context), None
    _start_anew(message)
    session.flush()
    return True


def withdraw(session: Session, key: str, reason: str) -> bool:
    """The message is to go to nobody, for that reason; False where it has left, or may have.

    One that came back or was closed stays as it is.
    """
    message = _locked(session, key, Message.state.in_((MessageState.PENDING.value, *NOT_ARRIVED)))
    if message is None:
        return False
    if message.state == MessageState.PENDING.value:
        _close(message, reason)
    session.flush()
    return True


def settle(session: Session, key: str) -> bool:
    """An uncertain message did arrive, as was found out; False when it is not uncertain."""
    message = _locked(session, key, Message.state == MessageState.UNCERTAIN.value)
    if message is None:
        return False
    message.state, message.sent_at, message.claim = MessageState.SENT.value, now(), None
    session.flush()
    return True


def _locked(session: Session, key: str, *conditions: ColumnElement[bool]) -> Message | None:
    """The message when it is so, kept from all others until the transaction ends."""
    found = select(Message).where(Message.key == key, *conditions).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).first()


def _sent_to(session: Session, key: str, recipient: Recipient) -> bool:
    """Send an e-mail that waits for a human there; nobody looks for another recipient any more."""
    message = _locked(session, key, Message.state.in_(WITH_A_HUMAN), Message.channel == Medium.EMAIL.value)
    if message is None:
        return False
    readdress(message, recipient)
    if message.role in (RecipientRole.CUSTOMER.value, RecipientRole.NOTICE.value):
        message.role = RecipientRole.GIVEN.value
    _start_anew(message)
    session.flush()
    return True


def _start_anew(message: Message) -> None:
    message.state, message.next_attempt_at = MessageState.PENDING.value, now()
    message.attempts, message.bounces, message.last_error, message.claim = 0, 0, None, None


def _close(message: Message, reason: str) -> None:
    message.state, message.closing, message.claim = MessageState.CLOSED.value, reason, None
