"""What the outbox looks like to people: the messages of a document, what went wrong, how much is where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from confirmations.addressing import token_of
from confirmations.leaving_hours import have_left_since
from confirmations.notice_rules import TERMS_TEMPLATES
from confirmations.tables import (
    NO_CASE,
    WITH_A_HUMAN,
    Medium,
    Message,
    MessageState,
    RecipientRole,
    Sending,
    in_trouble,
)
from customers.links import openings, waiting_address
from documents.erasing import ERASED
from environment.clock import now
from forms.fields import MOBILE, email

_EMAIL = email("email", "E-mail").kind
_LONG_AGO: Final = timedelta(minutes=10)
"""A server that starts again, or one that asks to be tried later, is no trouble yet."""


def messages_of(session: Session, tracking: str) -> list[dict[str, Any]]:
    """The messages of a document, oldest first, as JSON values; recipients are masked.

    Keys: key, channel, recipient, template, state, transport, attempts, created_at, sent_at, next_attempt_at (only
    while pending), reference, error (Polish: cause and remedy), printable (whether a letter may take its place),
    explainable (whether a letter may say that its link does not arrive), correctable (whether its address may be
    corrected with the customer on the telephone), closing (why it was closed), link (of one that bears a link:
    opened_at, last_opened_at, proven_at), sendings (each try: at, channel, transport, recipient, accepted_at, reply,
    error, bounce, bounced_at).
    """
    found = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id)).all()
    return _all_told(session, found)


def problems_of(session: Session, limit: int = 100) -> list[dict[str, Any]]:
    """Messages that a human should know of, oldest first: failed, uncertain, come back, or put off after a fault.

    The shape of ``messages_of`` with the tracking number, '' for none, and ``about``: what it is about.
    """
    found = session.scalars(select(Message).where(in_trouble()).order_by(Message.id).limit(limit)).all()
    cases = [{"tracking": message.tracking, "about": about(message)} for message in found]
    return [{**one, **told} for one, told in zip(cases, _all_told(session, found), strict=True)]


def about(message: Message) -> str:
    """What a message is about, as staff call it: its case, or the invoice."""
    return f"sprawa {message.tracking}" if message.tracking else str(message.context.get("about", "faktura"))


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


def not_leaving(session: Session) -> tuple[int, datetime] | None:
    """How many messages should have left long ago, and since when the oldest waits; None where there is none.

    They are due and nobody sends them, or nothing goes out that way at present. One that is put off for itself, such as
    by a mailbox that is full, is for people to decide on and does not count. Nor does one of no case while others
    leave: the invoices of a month take their time. Notices wait for their hours.
    """
    late = now() - _LONG_AGO
    could = [] if have_left_since(now(), _LONG_AGO) else [Message.role != RecipientRole.NOTICE.value]
    moves = exists().where(Sending.accepted_at > late)
    due = and_(Message.next_attempt_at <= late, or_(Message.tracking != NO_CASE, not_(moves)))
    closed = and_(Message.attempts == 0, Message.last_error.is_not(None), Message.created_at <= late)
    waits = and_(Message.state == MessageState.PENDING.value, or_(due, closed), *could)
    number, oldest = session.execute(select(func.count(), func.min(Message.created_at)).where(waits)).one()
    return (number, oldest) if number else None


def is_printable(message: Message) -> bool:
    """Whether a letter may say the same: not what proves a mailbox by its link, nor an invoice or a common notice."""
    writable = message.tracking != NO_CASE or message.template in TERMS_TEMPLATES.values()
    return (
        writable
        and message.channel == Medium.EMAIL.value
        and message.erased_at is None
        and "link" not in message.context
    )


def is_explainable(session: Session, message: Message) -> bool:
    """Whether a letter may say that its link does not arrive: it waits to be used, and a human has the message."""
    return message.state in WITH_A_HUMAN and _waits(session, message)


def is_correctable(session: Session, message: Message) -> bool:
    """Whether its address may be another: the one that a link is to prove, or the customer's, where it did not arrive.

    An address of which the message itself speaks stays what it is.
    """
    if message.channel != Medium.EMAIL.value or message.customer_no is None or message.erased_at is not None:
        return False
    if message.role == RecipientRole.LINK.value:
        return message.state != MessageState.SENDING.value and _waits(session, message)
    return message.role in (RecipientRole.CUSTOMER.value, RecipientRole.GIVEN.value) and message.state in WITH_A_HUMAN


def _waits(session: Session, message: Message) -> bool:
    return message.role == RecipientRole.LINK.value and waiting_address(session, token_of(message)) is not None


def _all_told(session: Session, messages: Sequence[Message]) -> list[dict[str, Any]]:
    tries: dict[int, list[Sending]] = {message.id: [] for message in messages}
    for sending in session.scalars(select(Sending).where(Sending.message_id.in_(tries)).order_by(Sending.id)):
        tries[sending.message_id].append(sending)
    return [
        {
            **_told(message),
            "explainable": is_explainable(session, message),
            "correctable": is_correctable(session, message),
            "closing": message.closing,
            "link": _link(session, message),
            "sendings": [_sent(one, erased=message.erased_at is not None) for one in tries[message.id]],
        }
        for message in messages
    ]


def _link(session: Session, message: Message) -> dict[str, str | None] | None:
    """What became of the link that it bears, if it bears one that proves an address."""
    if message.role != RecipientRole.LINK.value or message.erased_at is not None:
        return None
    opened, last_opened, used = openings(session, token_of(message))
    return {"opened_at": _iso(opened), "last_opened_at": _iso(last_opened), "proven_at": _iso(used)}


def _sent(sending: Sending, *, erased: bool) -> dict[str, Any]:
    return {
        "at": sending.at.isoformat(),
        "channel": sending.channel,
        "transport": sending.transport,
        "recipient": ERASED if erased else _masked(Medium(sending.channel), sending.recipient),
        "accepted_at": _iso(sending.accepted_at),
        "reply": sending.reply,
        "error": sending.error,
        "bounce": sending.bounce,
        "bounced_at": _iso(sending.bounced_at),
    }


def _told(message: Message) -> dict[str, Any]:
    pending = message.state == MessageState.PENDING.value
    return {
        "key": message.key,
        "channel": message.channel,
        "recipient": ERASED if message.erased_at is not None else _masked(Medium(message.channel), message.recipient),
        "template": message.template,
        "state": message.state,
        "transport": message.transport,
        "attempts": message.attempts,
        "created_at": message.created_at.isoformat(),
        "sent_at": _iso(message.sent_at),
        "next_attempt_at": message.next_attempt_at.isoformat() if pending else None,
        "reference": message.reference,
        "error": message.last_error,
        "printable": is_printable(message),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _masked(medium: Medium, recipient: str) -> str:
    match medium:
        case Medium.EMAIL:
            return _EMAIL.masked(recipient)
        case Medium.SMS:
            return MOBILE.kind.masked(recipient)
        case Medium.LETTER:
            return "adres z rejestru"
