"""Deliveries of invoices against the outbox and the runs of the printer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, not_

from billing.dispatch_tables import OF_INVOICE, DeliveredInvoice, PrintRun
from confirmations.tables import NO_CASE, Message
from environment import clock
from integrity.differences import Comparison, DifferenceKind
from integrity.rows import Rows

_NAME: Final = "Dostarczanie faktur"
_LONG: Final = timedelta(days=1)


def _without_message() -> ColumnElement[bool]:
    key = DeliveredInvoice.message_key
    return and_(key.is_not(None), not_(exists().where(Message.key == key)))


def _of_no_invoice() -> ColumnElement[bool]:
    of_invoices = (Message.tracking == NO_CASE, Message.key.startswith(OF_INVOICE))
    return and_(*of_invoices, not_(exists().where(DeliveredInvoice.message_key == Message.key)))


def _not_written() -> ColumnElement[bool]:
    return and_(PrintRun.written_at.is_(None), PrintRun.begun_at < clock.now() - _LONG)


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        _NAME,
        DifferenceKind(
            "invoice_message_lost",
            "Faktura miała pójść e-mailem, a nie ma jej wiadomości.",
            "Porównaj tabelę messages z kopią zapasową bazy; jeśli faktura nie wyszła, wydrukuj ją w rozliczeniach.",
        ),
        DeliveredInvoice.invoice_no,
        DeliveredInvoice.invoice_no,
        _without_message,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "message_of_no_invoice",
            "Wiadomość z fakturą nie należy do żadnej faktury.",
            "Porównaj tabelę invoice_deliveries z kopią zapasową bazy i przywróć, co zginęło.",
        ),
        Message.id,
        Message.subject,
        _of_no_invoice,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "print_run_left",
            "Wydruk faktur zaczęto i nie ma jego plików.",
            "Uruchom ebok billing deliver: dokończy go pod tym samym numerem.",
        ),
        PrintRun.number,
        PrintRun.number,
        _not_written,
    ),
)
"""What is compared here."""
