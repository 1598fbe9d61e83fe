"""The outbox table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, String, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson, EncryptedText
from database.engine import Base, Instant


class Medium(StrEnum):
    """How a message reaches its reader."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


class MessageState(StrEnum):
    """Where a message is.

    ``uncertain``: it was being sent when the process or the connection died, so it may have arrived; it is never sent
    again by itself unless sending it twice leaves one message (files are named by the message's key). ``bounced``: it
    was sent and came back. ``closed``: a clerk said why the customer gets no message.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    CLOSED = "closed"


ENDED = (MessageState.SENT.value, MessageState.CLOSED.value)
"""States in which nobody owes anything to a message any more."""
WITH_A_HUMAN = (MessageState.FAILED.value, MessageState.UNCERTAIN.value, MessageState.BOUNCED.value)
"""States in which a human decides what becomes of a message."""


class Message(Base):
    """One message to one recipient.

    ``recipient`` is an e-mail address, a telephone number or the lines of a postal address. ``transport`` and ``claim``
    say by what and by which deliverer it is (or was last) being sent, ``leased_until`` how long that one may take, and
    ``repeatable`` whether that transport may send it twice and leave one message.
    ``reference`` is the Message-ID, the gateway's number or the file name. ``last_error`` is ``code: Polish sentence``
    and never names the recipient. ``return_token`` stands in the address to which it would come back, ``bounces``
    counts how often it did. With ``erased_at`` recipient and context are gone: it only tells that there was one.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_messages_reference", "reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    tracking: Mapped[str] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(EncryptedText)
    template: Mapped[str] = mapped_column(String(40))
    context: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    transport: Mapped[str | None] = mapped_column(String(20))
    repeatable: Mapped[bool] = mapped_column(default=False)
    claim: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    reference: Mapped[str | None] = mapped_column(String(200))
    last_error: Mapped[str | None] = mapped_column(String(300))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    return_token: Mapped[str | None] = mapped_column(String(24), index=True)
    bounces: Mapped[int] = mapped_column(default=0)


def in_trouble() -> ColumnElement[bool]:
    """Condition: a human decides, or it was put off after a fault."""
    put_off = and_(Message.state == MessageState.PENDING.value, Message.last_error.is_not(None))
    return or_(Message.state.in_(WITH_A_HUMAN), put_off)


class StoppedAddress(Base):
    """An e-mail address, as a keyed digest, that does not take mail; ``reason`` is the code of the bounce."""

    __tablename__ = "stopped_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    reason: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(Instant)
