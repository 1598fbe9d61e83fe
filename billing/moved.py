"""Invoices that billing moves to another customer after they went: nothing follows them, a clerk is told and decides.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from audit.trail import record
from billing.dispatch_tables import OF_INVOICE, DeliveredInvoice, PrintRun
from billing.dispatched import how_went
from billing.printing import to_print
from billing.tables import INVOICES, in_force
from confirmations.tables import Message, MessageState
from environment import clock

_TO_SETTLE: Final = (DeliveredInvoice.moved_to.is_not(None), DeliveredInvoice.moved_settled_at.is_(None))


@dataclass(frozen=True, slots=True)
class MovedInvoice:
    """An invoice that went to one customer (``how``, Polish) and is another one's, ``owner``, by now."""

    invoice_no: str
    issued_on: date
    went_to: str
    owner: str
    how: str


def is_anothers() -> ColumnElement[bool]:
    """Condition on deliveries with invoices in force: whose it is nobody has looked at yet.

    Also one that was told to a clerk, whose e-mail to the former customer has come back since.
    """
    seen = func.coalesce(DeliveredInvoice.moved_to, DeliveredInvoice.customer_no)
    return or_(INVOICES.c.customer_no != seen, and_(DeliveredInvoice.moved_to.is_not(None), to_print()))


def has_gone(session: Session, delivered: DeliveredInvoice) -> bool:
    """Whether somebody has it: its e-mail was sent, or it was printed."""
    return session.scalar(select(exists().where(DeliveredInvoice.invoice_no == delivered.invoice_no, _gone()))) is True


def follow(delivered: DeliveredInvoice, owner: str) -> None:
    """Have a clerk told whose an invoice that has gone is by now; no more where it is again whom it went to."""
    delivered.moved_to = None if owner == delivered.customer_no else owner
    delivered.moved_settled_at = None


def moved_after_it_went(session: Session, most: int) -> list[MovedInvoice]:
    """What waits for a clerk, the oldest invoices first."""
    found = select(DeliveredInvoice).where(*_TO_SETTLE)
    rows = session.scalars(found.order_by(DeliveredInvoice.issued_on, DeliveredInvoice.invoice_no).limit(most)).all()
    went = how_went(session, [row.invoice_no for row in rows])
    return [
        MovedInvoice(row.invoice_no, row.issued_on, row.customer_no, row.moved_to, went[row.invoice_no].told)
        for row in rows
        if row.moved_to is not None
    ]


def count_moved(session: Session) -> int:
    """How many wait for a clerk."""
    return session.scalar(select(func.count()).select_from(DeliveredInvoice).where(*_TO_SETTLE)) or 0


def foreseen_moved(session: Session) -> int:
    """How many will, once whose each is by now was looked at."""
    news = or_(DeliveredInvoice.moved_to.is_distinct_from(INVOICES.c.customer_no), _TO_SETTLE[1])
    moved = (in_force(INVOICES), INVOICES.c.customer_no != DeliveredInvoice.customer_no, _gone(), news)
    wanted = select(func.count()).select_from(DeliveredInvoice)
    return (
        session.scalar(wanted.join(INVOICES, INVOICES.c.invoice_no == DeliveredInvoice.invoice_no).where(*moved)) or 0
    )


def settle_moved(session: Session, invoice_no: str, owner: str, *, actor: str) -> bool:
    """A clerk has seen to it for that customer; False where it was settled, or is somebody else's meanwhile."""
    wanted = select(DeliveredInvoice).where(DeliveredInvoice.invoice_no == invoice_no, *_TO_SETTLE)
    wanted = wanted.where(DeliveredInvoice.moved_to == owner).with_for_update()
    delivered = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if delivered is None:
        return False
    delivered.moved_settled_at = clock.now()
    detail = {"from": delivered.customer_no, "to": owner}
    record(session, actor=actor, action="moved_invoice_settled", subject=f"{OF_INVOICE}{invoice_no}", detail=detail)
    session.flush()
    return True


def _gone() -> ColumnElement[bool]:
    sent = exists().where(Message.key == DeliveredInvoice.message_key, Message.state == MessageState.SENT.value)
    printed = exists().where(PrintRun.number == DeliveredInvoice.print_run, PrintRun.written_at.is_not(None))
    return or_(sent, printed)
