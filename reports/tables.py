"""Which reports were sent to whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant


class ReportMail(Base):
    """That the report of a day goes to somebody, by the keyed digest of his address.

    ``sent_at`` is None while it is being sent, and stays so where nobody knows whether it arrived.
    """

    __tablename__ = "report_mails"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    recipient_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
