"""The table of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson
from database.engine import Base, Instant


class AuditEntry(Base):
    """Who did or saw what of which document, customer or account, and when; never changed.

    ``subject`` is an identifier: a tracking number, 'customer:NUMBER', 'staff:LOGIN', or the name of a page.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    detail: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
