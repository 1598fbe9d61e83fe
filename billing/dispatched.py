"""How each invoice went to its customer, told from the outbox and the runs of the printer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from billing.dispatch_tables import DeliveredInvoice, PrintRun
from confirmations.tables import Message, MessageState
from environment import clock

_AT_ONCE: Final = 500


class DeliveryState(StrEnum):
    """Where an invoice is on its way; ``sent``: the mail server took it."""

    QUEUED = "queued"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    TO_PRINT = "to_print"
    PRINTED = "printed"


_OF_STATE: Final = {
    MessageState.PENDING: DeliveryState.QUEUED,
    MessageState.SENDING: DeliveryState.QUEUED,
    MessageState.SENT: DeliveryState.SENT,
    MessageState.UNCERTAIN: DeliveryState.UNCERTAIN,
    MessageState.FAILED: DeliveryState.TO_PRINT,
    MessageState.BOUNCED: DeliveryState.TO_PRINT,
    MessageState.CLOSED: DeliveryState.TO_PRINT,
}
_WORDS: Final = {
    DeliveryState.QUEUED: "e-mail czeka na wysłanie",
    DeliveryState.SENT: "wysłana e-mailem",
    DeliveryState.UNCERTAIN: "nie wiadomo, czy e-mail doszedł (biuro, „Do wyjaśnienia”)",
    DeliveryState.TO_PRINT: "pójdzie na papierze z najbliższym wydrukiem",
    DeliveryState.PRINTED: "na papierze",
}


@dataclass(frozen=True, slots=True)
class Went:
    """How an invoice went: ``at`` is when it was sent or printed, ``run`` the number of the run of the printer.

    ``bounced``: its e-mail did not arrive, for the reason ``why`` (Polish, None where a clerk closed it).
    """

    state: DeliveryState
    at: datetime | None = None
    run: int | None = None
    bounced: bool = False
    why: str | None = None

    @property
    def told(self) -> str:
        """In Polish, for staff."""
        when = "" if self.at is None else f" {clock.local_time(self.at)}"
        run = "" if self.run is None else f", wydruk nr {self.run}"
        back = f" (e-mail nie dotarł{': ' + self.why if self.why else ''})" if self.bounced else ""
        return f"{_WORDS[self.state]}{run}{when}{back}"


def is_its_message() -> ColumnElement[bool]:
    """Condition on deliveries with messages: the e-mail of that invoice to whose it is, not to a former customer."""
    return and_(Message.key == DeliveredInvoice.message_key, Message.customer_no == DeliveredInvoice.customer_no)


def how_went(session: Session, numbers: Collection[str]) -> dict[str, Went]:
    """How these invoices went; without those that are not delivered by us, or not yet."""
    found, wanted = dict[str, Went](), sorted(set(numbers))
    for at in range(0, len(wanted), _AT_ONCE):
        rows = session.execute(
            select(
                DeliveredInvoice.invoice_no,
                DeliveredInvoice.print_run,
                PrintRun.written_at,
                Message.state,
                Message.sent_at,
                Message.last_error,
            )
            .outerjoin(PrintRun, PrintRun.number == DeliveredInvoice.print_run)
            .outerjoin(Message, is_its_message())
            .where(DeliveredInvoice.invoice_no.in_(wanted[at : at + _AT_ONCE]))
        )
        for number, run, written_at, state, sent_at, error in rows:
            why = (error or "").partition(": ")[2] or None
            if run is not None:
                at_end = DeliveryState.PRINTED if written_at is not None else DeliveryState.TO_PRINT
                found[number] = Went(at_end, written_at, run, state is not None, why)
            elif state is None:
                found[number] = Went(DeliveryState.TO_PRINT)
            else:
                of_mail = _OF_STATE[MessageState(state)]
                back = of_mail is DeliveryState.TO_PRINT
                found[number] = Went(of_mail, None if back else sent_at, None, back, why if back else None)
    return found
