"""What the outbox looks like to people: the messages of a document, what went wrong, how much is where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from confirmations.tables import Medium, Message, MessageState, in_trouble
from documents.erasing import ERASED
from forms.fields import MOBILE, email

_EMAIL = email("email", "E-mail").kind


def messages_of(session: Session, tracking: str) -> list[dict[str, Any]]:
    """The messages of a document, oldest first, as JSON values; recipients are masked.

    Keys: key, channel, recipient, template, state, transport, attempts, created_at, sent_at, next_attempt_at (only
    while pending), reference, error (Polish: cause and remedy), printable (whether a letter may take its place).
    """
    found = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id))
    return [_told(message) for message in found]


def problems_of(session: Session, limit: int = 100) -> list[dict[str, Any]]:
    """Messages that a human should know of, oldest first: failed, uncertain, come back, or put off after a fault.

    The shape of ``messages_of`` with the tracking number.
    """
    found = select(Message).where(in_trouble()).order_by(Message.id).limit(limit)
    return [{"tracking": message.tracking, **_told(message)} for message in session.scalars(found)]


def counts(session: Session) -> dict[str, Any]:
    """``by_state`` (every state), ``waiting_since`` (ISO, oldest unsent or None), ``problems`` (a number)."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state)).all()
    grouped = {row[0]: row[1] for row in rows}
    waiting = [MessageState.PENDING.value, MessageState.SENDING.value]
    oldest = session.scalar(
        select(Message.created_at).where(Message.state.in_(waiting)).order_by(Message.created_at).limit(1)
    )
    return {
        "by_state": {state.value: grouped.get(state.value, 0) for state in MessageState},
        "waiting_since": None if oldest is None else oldest.isoformat(),
        "problems": session.scalar(select(func.count()).select_from(Message).where(in_trouble())),
    }


def is_printable(message: Message) -> bool:
    """Whether a letter may say the same: not what proves a mailbox by its link."""
    return message.channel == Medium.EMAIL.value and message.erased_at is None and "link" not in message.context


def _told(message: Message) -> dict[str, Any]:
    pending = message.state == MessageState.PENDING.value
    return {
        "key": message.key,
        "channel": message.channel,
        "recipient": _masked(message),
        "template": message.template,
        "state": message.state,
        "transport": message.transport,
        "attempts": message.attempts,
        "created_at": message.created_at.isoformat(),
        "sent_at": None if message.sent_at is None else message.sent_at.isoformat(),
        "next_attempt_at": message.next_attempt_at.isoformat() if pending else None,
        "reference": message.reference,
        "error": message.last_error,
        "printable": is_printable(message),
    }


def _masked(message: Message) -> str:
    if message.erased_at is not None:
        return ERASED
    match Medium(message.channel):
        case Medium.EMAIL:
            return _EMAIL.masked(message.recipient)
        case Medium.SMS:
            return MOBILE.kind.masked(message.recipient)
        case Medium.LETTER:
            return "adres z rejestru"
