"""Tables of messages: the outbox, each try to send, addresses that take no mail, the mailbox of what came back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, case, or_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from customers.effect import LONGEST_MESSAGE_NAME
from database.encryption import EncryptedJson, EncryptedText
from database.engine import Base, Instant

_BOUNCED: Final = text("bounced_at IS NOT NULL")


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


class RecipientRole(StrEnum):
    """Whose address a message goes to, which is found out when it is sent.

    ``customer``: wherever the customer is reached then, for an SMS by telephone. ``link``: the address that its link is
    to prove. ``given``: the one that the customer named in a form. ``exact``: that one and no other, since the message
    speaks of it (a warning to the address before, the confirmation of a proven one). ``notice``: the customer's own
    mailbox or telephone, if what the message says still holds when it leaves (``confirmations.notice_rules``).
    """

    CUSTOMER = "customer"
    LINK = "link"
    GIVEN = "given"
    EXACT = "exact"
    NOTICE = "notice"


NO_CASE: Final = ""
"""In the place of a tracking number: the message belongs to no case."""
ENDED = (MessageState.SENT.value, MessageState.CLOSED.value)
"""States in which nobody owes anything to a message any more."""
WITH_A_HUMAN = (MessageState.FAILED.value, MessageState.UNCERTAIN.value, MessageState.BOUNCED.value)
"""States in which a human decides what becomes of a message."""

NOT_ARRIVED = (MessageState.FAILED.value, MessageState.BOUNCED.value, MessageState.CLOSED.value)
"""States in which its recipient has not got a message; one that is uncertain may have arrived: a human decides."""


class Message(Base):
    """One message to one recipient.

    ``tracking`` is the number of its case, '' of what belongs to none (an invoice). ``recipient`` is an e-mail
    address, a telephone number or the lines of a postal address, as it was last known;
    ``role`` and ``customer_no`` say whose it is, ``readdressed`` counts how often it became another one. ``transport``
    and ``claim`` say by what and in which try it is (or was last) being sent, ``lease_owner`` by which run and
    ``leased_until`` how long that one may take, and ``repeatable`` whether that transport may send it twice and leave
    one message. ``reference`` is the Message-ID, the gateway's number or the file name. ``last_error`` is
    ``code: Polish sentence`` and never names the recipient. ``bounces`` counts how often it came back since a human
    last decided, ``closing`` is why one closed it. With ``erased_at`` recipient and context are gone: it only tells
    that there was one.
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
    template: Mapped[str] = mapped_column(String(LONGEST_MESSAGE_NAME))
    context: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    transport: Mapped[str | None] = mapped_column(String(20))
    repeatable: Mapped[bool] = mapped_column(default=False)
    claim: Mapped[str | None] = mapped_column(String(32))
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    reference: Mapped[str | None] = mapped_column(String(200))
    last_error: Mapped[str | None] = mapped_column(String(300))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    bounces: Mapped[int] = mapped_column(default=0)
    role: Mapped[str] = mapped_column(String(8), default=RecipientRole.EXACT.value)
    customer_no: Mapped[str | None] = mapped_column(String(12))
    readdressed: Mapped[int] = mapped_column(default=0)
    closing: Mapped[str | None] = mapped_column(EncryptedText)

    @hybrid_property
    def subject(self) -> str:
        """What the audit knows it by: its case, where it belongs to none its own key."""
        return self.tracking or self.key

    @subject.inplace.expression
    @classmethod
    def _subject_in_database(cls) -> ColumnElement[str]:
        return case((cls.tracking == NO_CASE, cls.key), else_=cls.tracking)


class Sending(Base):
    """One try to send a message: to whom, by what, and what came of it; the history of a message.

    ``claim`` is that of the deliverer. ``return_token`` stands in the address to which it would come back. ``reply`` is
    what the server said when it took the message, without addresses; ``error`` as in ``Message.last_error``.
    ``bounce`` is why it came back, or that it is late; a further report of the same sending changes nothing.
    """

    __tablename__ = "sendings"
    __table_args__ = (
        Index("ix_sendings_reference", "reference"),
        Index("ix_sendings_bounced_at", "bounced_at", sqlite_where=_BOUNCED, postgresql_where=_BOUNCED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    claim: Mapped[str] = mapped_column(String(32), unique=True)
    at: Mapped[datetime] = mapped_column(Instant)
    channel: Mapped[str] = mapped_column(String(10))
    transport: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(EncryptedText)
    return_token: Mapped[str | None] = mapped_column(String(24), index=True)
    reference: Mapped[str | None] = mapped_column(String(200))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    reply: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(300))
    bounce: Mapped[str | None] = mapped_column(String(40))
    bounced_at: Mapped[datetime | None] = mapped_column(Instant)


def in_trouble() -> ColumnElement[bool]:
    """Condition: a human decides, or it was put off after a fault of its own.

    One that waits because nothing leaves that way costs no attempt: all of those are one trouble, and none of theirs.
    """
    refused = and_(Message.last_error.is_not(None), Message.attempts > 0)
    put_off = and_(Message.state == MessageState.PENDING.value, refused)
    return or_(Message.state.in_(WITH_A_HUMAN), put_off)


class StoppedAddress(Base):
    """An e-mail address or telephone, as a keyed digest, that takes nothing; ``reason`` is the code of the bounce."""

    __tablename__ = "stopped_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    reason: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(Instant)


class ReturnedMailbox(Base):
    """How the mailbox was when it was last looked into (row 1), and the folder of bounces (row 2).

    Nobody looks into the mailbox again before ``next_look_at``. ``trouble`` is ``code: Polish sentence``, ``since``
    when it began; ``left_alone`` counts the messages that lie there and are no reports of ours.
    """

    __tablename__ = "returned_mailbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    next_look_at: Mapped[datetime] = mapped_column(Instant)
    trouble: Mapped[str | None] = mapped_column(String(300))
    since: Mapped[datetime | None] = mapped_column(Instant)
    left_alone: Mapped[int] = mapped_column(default=0)
