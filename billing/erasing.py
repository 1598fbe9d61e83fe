"""Erasing what billing told: what is older than it is kept, and a customer who is none any more.

All functions work inside the caller's transaction, bundle by bundle.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Column, Table, delete, exists, not_, select, tuple_
from sqlalchemy.orm import Session

from billing.dispatch_tables import DeliveredInvoice
from billing.tables import CHARGES, INVOICES, METERS, PAYMENTS, POINTS, READINGS, SETTLEMENTS, BillingDelivery, in_force
from confirmations.erasing import erase_of_no_case
from documents import claims
from documents.tables import Original

_OF_DAYS: Final = ((INVOICES, INVOICES.c.issued_on), (PAYMENTS, PAYMENTS.c.paid_on), (READINGS, READINGS.c.read_on))


def erase_before(session: Session, day: date, most: int) -> int:
    """Erase invoices with positions and how they went, payments and readings, older than that day; gives how many."""
    erased = 0
    for table, when in _OF_DAYS:
        erased += _erase(session, table, when < day, most - erased)
        if erased >= most:
            break
    return erased


def erase_customer(session: Session, customer_no: str) -> int:
    """Erase where a customer takes water, what his meters showed, and where he pays; gives how many rows.

    His invoices and payments are the company's books and stay for their time.
    """
    points = select(POINTS.c.point_no).where(POINTS.c.customer_no == customer_no, in_force(POINTS))
    meters = select(METERS.c.meter_no).where(METERS.c.point_no.in_(points))
    return sum(
        session.execute(delete(table).where(condition)).rowcount  # type: ignore[attr-defined]
        for table, condition in (
            (READINGS, READINGS.c.meter_no.in_(meters)),
            (METERS, METERS.c.point_no.in_(points)),
            (POINTS, POINTS.c.customer_no == customer_no),
            (SETTLEMENTS, SETTLEMENTS.c.customer_no == customer_no),
        )
    )


def release_pictures(session: Session, after: str, most: int) -> tuple[int, str | None]:
    """Let go of pictures that no invoice names, of the next so many; gives how many, and the last one looked at.

    None of them while a delivery is being written: its pictures come before its invoices.
    """
    if session.scalar(select(exists().where(BillingDelivery.applied_at.is_(None)))):
        return 0, None
    named = exists().where(INVOICES.c.pdf_sha256 == Original.sha256)
    wanted = select(Original.sha256, named).where(claims.kept_for(claims.INVOICES), Original.sha256 > after)
    found = session.execute(wanted.order_by(Original.sha256).limit(most)).all()
    unused = [sha256 for sha256, is_named in found if not is_named]
    claims.let_go(session, unused, claims.INVOICES)
    return len(unused), found[-1][0] if found else None


def _erase(session: Session, table: Table, condition: object, most: int) -> int:
    keys: list[Column[object]] = list(table.primary_key)
    rows = [tuple(row) for row in session.execute(select(*keys).where(condition).limit(most))]  # type: ignore[arg-type]
    if not rows:
        return 0
    if table is INVOICES:
        numbers = [row[0] for row in rows]
        session.execute(delete(CHARGES).where(CHARGES.c.invoice_no.in_(numbers)))
    session.execute(delete(table).where(tuple_(*keys).in_(rows)))
    if table is INVOICES:
        _erase_deliveries(session, numbers)
    return len(rows)


def _erase_deliveries(session: Session, numbers: list[str]) -> None:
    """How invoices went of which nothing is left, with their messages."""
    gone = not_(exists().where(INVOICES.c.invoice_no == DeliveredInvoice.invoice_no))
    of_these = DeliveredInvoice.invoice_no.in_(numbers)
    erased = delete(DeliveredInvoice).where(of_these, gone).returning(DeliveredInvoice.message_key)
    erase_of_no_case(session, [key for key in session.scalars(erased).all() if key is not None])
