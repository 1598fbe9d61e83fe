"""Tables of the delivery of invoices to customers: which way each went, and what was printed at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant

OF_INVOICE: Final = "invoice:"
"""What the keys of messages with invoices begin with."""
_TO_PRINT: Final = text("print_run IS NULL")
_TO_SETTLE: Final = text("moved_to IS NOT NULL AND moved_settled_at IS NULL")


class PrintRun(Base):
    """Invoices that are printed together. Once it is closed none is added; its files are complete at ``written_at``."""

    __tablename__ = "invoice_print_runs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    written_at: Mapped[datetime | None] = mapped_column(Instant)


class DeliveredInvoice(Base):
    """How an invoice goes to its customer: decided once, by what held on the day of its issue.

    ``message_key`` is that of its e-mail, None where it was for paper from the beginning; what became of the e-mail is
    told by the outbox. ``print_run`` is where it was printed, also after an e-mail that did not arrive. What was
    ``uncertain`` on paper may have been printed before the program was restored from a backup. ``moved_to`` is whose
    billing says it is by now, of one that had gone to ``customer_no`` before: a clerk is told until
    ``moved_settled_at`` (``billing.moved``).
    """

    __tablename__ = "invoice_deliveries"
    __table_args__ = (
        Index("ix_invoice_deliveries_to_print", "invoice_no", sqlite_where=_TO_PRINT, postgresql_where=_TO_PRINT),
        Index("ix_invoice_deliveries_moved", "invoice_no", sqlite_where=_TO_SETTLE, postgresql_where=_TO_SETTLE),
    )

    invoice_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_no: Mapped[str] = mapped_column(String(12), index=True)
    issued_on: Mapped[date] = mapped_column(Date)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    message_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    print_run: Mapped[int | None] = mapped_column(ForeignKey("invoice_print_runs.number"), index=True)
    uncertain: Mapped[bool] = mapped_column(default=False)
    moved_to: Mapped[str | None] = mapped_column(String(12))
    moved_settled_at: Mapped[datetime | None] = mapped_column(Instant)
