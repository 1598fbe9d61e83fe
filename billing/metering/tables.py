"""Tables of what customers read from their meters and of what was handed to billing of it.

The words of a doubt and of a rejection are encrypted, as is the telephone from which a reading came.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedText
from database.engine import Base, Instant


class ReadingState(StrEnum):
    """Where a reading is.

    ``waiting``: a clerk looks at it first. ``accepted``: it goes to billing with the next export. ``replaced``: the
    customer gave another one for the same day before it was exported.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    EXPORTED = "exported"
    REJECTED = "rejected"
    REPLACED = "replaced"


class ReadingSource(StrEnum):
    """The way by which a reading came: from the account, from the page for everybody, by SMS."""

    ACCOUNT = "account"
    WEB = "web"
    SMS = "sms"


class Doubt(StrEnum):
    """What speaks against a reading."""

    LOWER = "lower"
    SWAPPED = "swapped"
    RED_DIGITS = "red_digits"
    FAR_ABOVE = "far_above"
    SECOND_VALUE = "second_value"


OF_SMS, OF_READING = "sms:", "reading:"
"""What the keys of messages begin with: answers to an SMS, rejections."""
LIVE: Final = (ReadingState.WAITING, ReadingState.ACCEPTED, ReadingState.EXPORTED)
"""States in which a reading counts, or may still come to count."""
OVER: Final = (ReadingState.EXPORTED, ReadingState.REJECTED, ReadingState.REPLACED)
"""States in which nothing is to be done any more."""


class ReadingExport(Base):
    """Readings that were handed to billing together; its file is complete at ``written_at``."""

    __tablename__ = "reading_exports"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    written_at: Mapped[datetime | None] = mapped_column(Instant)


class ReportedReading(Base):
    """What a customer says that his meter showed, in whole cubic metres.

    ``doubt`` is the code of what speaks against it (``Doubt``), ``doubt_told`` the words in which he was
    asked; he confirmed it then. ``photo_sha256`` is a picture in the store of originals, drawn anew by a reader process
    from what he sent. ``mark`` is a keyed digest by which the same sending is known again. ``authority`` is the number
    of that by which somebody reported it for him.
    """

    __tablename__ = "reported_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    customer_no: Mapped[str] = mapped_column(String(12), index=True)
    meter_no: Mapped[str] = mapped_column(String(40), index=True)
    read_on: Mapped[date] = mapped_column(Date)
    value: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8), index=True)
    source: Mapped[str] = mapped_column(String(8))
    doubt: Mapped[str | None] = mapped_column(String(12))
    doubt_told: Mapped[str | None] = mapped_column(EncryptedText)
    photo_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    mark: Mapped[str | None] = mapped_column(String(64), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    authority: Mapped[int | None]
    taken_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    export_no: Mapped[int | None] = mapped_column(ForeignKey("reading_exports.number"), index=True)
    message_key: Mapped[str | None] = mapped_column(String(120), unique=True)

    @property
    def at(self) -> ReadingState:
        """The state, typed."""
        return ReadingState(self.state)
