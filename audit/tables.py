"""The tables of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson
from database.engine import Base, Instant


class AuditEntry(Base):
    """Who did or saw what of which document, customer or account, and when; never changed.

    ``subject`` is an identifier: a tracking number, 'customer:NUMBER', 'staff:LOGIN', or what else was touched.
    ``position`` counts from 1 without gaps, ``digest`` seals the entry and all before it (``audit.chain``); both are
    given when the entry is committed, and the database refuses to change an entry that has them.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject_at", "subject", "at"),
        Index("ix_audit_at", "at"),
        Index("ix_audit_position", "position", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    position: Mapped[int | None] = mapped_column(Integer)
    digest: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """The one row: the last entry of the trail, and how many at its beginning were removed when their time was over."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    removed_through: Mapped[int] = mapped_column(default=0)
