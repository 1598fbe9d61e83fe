"""Tables of questions: what a customer asks from his account, each turn of the conversation, and files beside it.

What was written and how files are called is encrypted. A question names its customer by number and without a foreign
key, as billing's rows do: it is erased for itself (``portal.question_erasing``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedText
from database.engine import Base, Instant

_WAITS: Final = text("waits_since IS NOT NULL")


class Question(Base):
    """One conversation; ``state`` is 'new' (the office owes an answer), 'answered' or 'closed'.

    ``waits_since`` is since when the office owes the answer, None where it owes none. ``account_tracking`` names the
    account that asked, by the case of its sign-up: who is told of an answer. ``invoice_no`` and ``case_tracking`` are
    what it is about, where it is about one. ``held_by`` is the login of the clerk it was handed to.
    """

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_waiting", "waits_since", sqlite_where=_WAITS, postgresql_where=_WAITS),
        {"sqlite_autoincrement": True},  # the audit names it longer than it is kept
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(String(12), index=True)
    account_tracking: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(10))
    invoice_no: Mapped[str | None] = mapped_column(String(40))
    case_tracking: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    waits_since: Mapped[datetime | None] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    held_by: Mapped[str | None] = mapped_column(String(40))


class QuestionTurn(Base):
    """What one side wrote; ``clerk`` is the login of who answered, None where the customer wrote.

    ``authority`` is the number of that by which somebody wrote for the customer, None where he did himself. ``key``
    makes a turn that is sent twice one. ``waited_since`` is, of an answer, since when it was owed.
    """

    __tablename__ = "question_turns"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    clerk: Mapped[str | None] = mapped_column(String(40))
    authority: Mapped[int | None]
    text: Mapped[str] = mapped_column(EncryptedText)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    waited_since: Mapped[datetime | None] = mapped_column(Instant)


class QuestionAttachment(Base):
    """A file that came with what a customer wrote; its bytes are an original (``documents.claims``)."""

    __tablename__ = "question_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("question_turns.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(EncryptedText)
