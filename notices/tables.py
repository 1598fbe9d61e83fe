"""Tables of notices: what each account wants, its proven telephone, what was told of what, and outages of water."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant

TERMS_KIND: Final = "terms"
"""In the place of a notice's kind: a new version of a Regulamin, told to whom agreed to one before it."""


class NoticeChoice(Base):
    """How the owner of an account wants one kind of notice; without a row what the sign-up form said holds.

    ``days`` is how many days before a payment date, None for other kinds. It goes with its account.
    """

    __tablename__ = "notice_choices"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    by_sms: Mapped[bool]
    by_email: Mapped[bool]
    days: Mapped[int | None]


class NoticePhone(Base):
    """The telephone that the owner of an account has proven by a code, and one that waits for its code.

    It goes with its account. The code is kept as a keyed digest.
    """

    __tablename__ = "notice_phones"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    phone: Mapped[str | None] = mapped_column(String(16))
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_phone: Mapped[str | None] = mapped_column(String(16))
    code_digest: Mapped[str | None] = mapped_column(String(64))
    code_until: Mapped[datetime | None] = mapped_column(Instant)


class ToldNotice(Base):
    """That it was decided, once and for all, what a customer is told of something.

    ``subject`` is the number of an invoice, an outage or whatever else the kind is about. The keys are those of its
    messages in the outbox, None where he does not get it that way.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("customer_no", "kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    customer_no: Mapped[str] = mapped_column(String(12))
    decided_at: Mapped[datetime] = mapped_column(Instant, index=True)
    sms_key: Mapped[str | None] = mapped_column(String(120), index=True)
    email_key: Mapped[str | None] = mapped_column(String(120), index=True)


class Outage(Base):
    """Water that is cut off somewhere for a time, as the office tells it.

    ``street`` is as the register spells it, or a town where it is ``streetless``; ``parity`` is 'all', 'odd' or 'even'.
    ``by`` is who wrote it. Nobody is told before ``announced_at``; all are told at ``told_at``. The same of the water
    that is back.
    """

    __tablename__ = "outages"
    __table_args__ = ({"sqlite_autoincrement": True},)  # who was told of it is kept by its number

    number: Mapped[int] = mapped_column(primary_key=True)
    street: Mapped[str] = mapped_column(String(100))
    streetless: Mapped[bool]
    first_house: Mapped[int | None]
    last_house: Mapped[int | None]
    parity: Mapped[str] = mapped_column(String(4))
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    remark: Mapped[str | None] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime] = mapped_column(Instant)
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    restored_at: Mapped[datetime | None] = mapped_column(Instant)
    restored_told_at: Mapped[datetime | None] = mapped_column(Instant)
