"""What may be asked of what billing told: a customer's invoices, balance and consumption; only what is in force now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, Table, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from billing import contract
from billing.tables import (
    CHARGES,
    INVOICES,
    METERS,
    PAYMENTS,
    POINTS,
    READINGS,
    SETTLEMENTS,
    BillingDelivery,
    in_force,
)
from customers.bulk import is_one_of

Row = Mapping[str, Any]
"""A row by the columns of the contract; amounts are Decimal."""
_CUBIC: Final = ("m3", "m³")


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice with its positions, and the numbers of what corrects it."""

    row: Row
    charges: tuple[Row, ...]
    corrected_by: tuple[str, ...]


def invoices_of(
    session: Session, customer_no: str, *, before: tuple[date, str] | None = None, limit: int = 24
) -> list[Row]:
    """The newest invoices and corrections of a customer; ``before`` is the last of the page before: day and number."""
    wanted = _rows(INVOICES, contract.INVOICES).where(INVOICES.c.customer_no == customer_no)
    order = (INVOICES.c.issued_on, INVOICES.c.invoice_no)
    if before is not None:
        wanted = wanted.where(tuple_(*order) < tuple_(literal(before[0]), literal(before[1])))
    return _all(session, wanted.order_by(*(one.desc() for one in order)).limit(limit))


def invoice_on(session: Session, invoice_no: str) -> Invoice | None:
    """The invoice or correction of that number; whose it is stands in it."""
    found = _all(session, _rows(INVOICES, contract.INVOICES).where(INVOICES.c.invoice_no == invoice_no))
    if not found:
        return None
    of_it = _rows(CHARGES, contract.CHARGES).where(CHARGES.c.invoice_no == invoice_no).order_by(CHARGES.c.position)
    others = select(INVOICES.c.invoice_no).where(
        INVOICES.c.customer_no == found[0]["customer_no"], INVOICES.c.corrects == invoice_no, in_force(INVOICES)
    )
    corrections = session.scalars(others.order_by(INVOICES.c.issued_on, INVOICES.c.invoice_no))
    return Invoice(found[0], tuple(_all(session, of_it)), tuple(corrections))


def settlement_of(session: Session, customer_no: str) -> Row | None:
    """Where a customer pays, and what he owed when the data begin."""
    wanted = _rows(SETTLEMENTS, contract.SETTLEMENTS).where(SETTLEMENTS.c.customer_no == customer_no)
    return next(iter(_all(session, wanted)), None)


def balance_on(session: Session, customer_no: str, day: date) -> Decimal | None:
    """What a customer owes at the end of that day; less than nothing when he has paid too much.

    None where billing tells no beginning to count from, or that day lies before it.
    """
    opening = settlement_of(session, customer_no)
    if opening is None or day < opening["opening_on"]:
        return None
    span = (opening["opening_on"], day)
    billed = select(func.sum(INVOICES.c.gross)).where(
        INVOICES.c.customer_no == customer_no, INVOICES.c.issued_on.between(*span), in_force(INVOICES)
    )
    paid = select(func.sum(PAYMENTS.c.amount)).where(
        PAYMENTS.c.customer_no == customer_no, PAYMENTS.c.paid_on.between(*span), in_force(PAYMENTS)
    )
    nothing = Decimal(0)
    return Decimal(opening["opening_balance"] + (session.scalar(billed) or nothing) - (session.scalar(paid) or nothing))


def payments_of(session: Session, customer_no: str, first: date, last: date) -> list[Row]:
    """What a customer paid in that time, the newest first."""
    of_him = (PAYMENTS.c.customer_no == customer_no, PAYMENTS.c.paid_on.between(first, last))
    wanted = _rows(PAYMENTS, contract.PAYMENTS).where(*of_him)
    return _all(session, wanted.order_by(PAYMENTS.c.paid_on.desc(), PAYMENTS.c.payment_no.desc()))


def payments_known_until(session: Session) -> date | None:
    """The last day of which billing has told all payments; None where it has told none.

    Who paid after it cannot be told from who did not.
    """
    return session.scalar(select(func.max(BillingDelivery.paid_until)).where(BillingDelivery.applied_at.is_not(None)))


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a customer's debts are worked out from: where they begin, invoices with corrections, and payments."""

    opening: Row
    invoices: tuple[Row, ...]
    payments: tuple[Row, ...]


def ledgers_of(session: Session, numbers: Collection[str], day: date) -> dict[str, Ledger]:
    """The ledgers of these customers up to that day, by number; none of whom billing tells no beginning by then.

    Rows have only what debts are worked out from.
    """
    of_these = {table: is_one_of(session, table.c.customer_no, numbers) for table in (SETTLEMENTS, INVOICES, PAYMENTS)}
    columns = (SETTLEMENTS.c.customer_no, SETTLEMENTS.c.opening_on, SETTLEMENTS.c.opening_balance)
    begun = select(*columns).where(of_these[SETTLEMENTS], SETTLEMENTS.c.opening_on <= day, in_force(SETTLEMENTS))
    openings = {row["customer_no"]: row for row in _all(session, begun)}
    names = ("customer_no", "invoice_no", "kind", "issued_on", "due_on", "gross", "corrects")
    billed = select(*(INVOICES.c[name] for name in names)).where(
        of_these[INVOICES], INVOICES.c.issued_on <= day, in_force(INVOICES)
    )
    told = (PAYMENTS.c.customer_no, PAYMENTS.c.invoice_no, PAYMENTS.c.amount, PAYMENTS.c.paid_on)
    paid = select(*told).where(of_these[PAYMENTS], PAYMENTS.c.paid_on <= day, in_force(PAYMENTS))
    invoices, payments = _by_customer(_all(session, billed)), _by_customer(_all(session, paid))
    return {
        number: Ledger(
            opening,
            tuple(invoices.get(number, ())),
            tuple(row for row in payments.get(number, ()) if row["paid_on"] >= opening["opening_on"]),
        )
        for number, opening in openings.items()
    }


def _by_customer(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["customer_no"], []).append(row)
    return found


def consumption_by_month(session: Session, customer_no: str, first: date, last: date) -> dict[date, Decimal]:
    """Cubic metres of water charged, by the first day of the month in which a billed period ends, corrections included.

    Of the months between these two days for which there is an invoice, in order.
    """
    wanted = (
        select(INVOICES.c.period_to, func.sum(CHARGES.c.quantity))
        .join(CHARGES, CHARGES.c.invoice_no == INVOICES.c.invoice_no)
        .where(
            INVOICES.c.customer_no == customer_no,
            INVOICES.c.period_to.between(first, last),
            CHARGES.c.service == "water",
            CHARGES.c.unit.in_(_CUBIC),
            in_force(INVOICES),
            in_force(CHARGES),
        )
        .group_by(INVOICES.c.period_to)
        .order_by(INVOICES.c.period_to)
    )
    months: dict[date, Decimal] = {}
    for day, used in session.execute(wanted):
        month = day.replace(day=1)
        months[month] = months.get(month, Decimal(0)) + used
    return months


def everything_of(session: Session, customer_no: str) -> dict[str, list[Row]]:
    """All rows about a customer, by table, for whoever asks what is held of him.

    What his meters showed before he took water there tells of somebody else.
    """
    points = select(POINTS.c.point_no).where(POINTS.c.customer_no == customer_no, in_force(POINTS))
    meters = select(METERS.c.meter_no).where(METERS.c.point_no.in_(points), in_force(METERS))
    his_reading = (
        select(METERS.c.meter_no)
        .join(POINTS, POINTS.c.point_no == METERS.c.point_no)
        .where(
            METERS.c.meter_no == READINGS.c.meter_no,
            POINTS.c.customer_no == customer_no,
            POINTS.c.valid_from <= READINGS.c.read_on,
            or_(POINTS.c.valid_to.is_(None), POINTS.c.valid_to >= READINGS.c.read_on),
            in_force(METERS),
            in_force(POINTS),
        )
        .exists()
    )
    invoices = select(INVOICES.c.invoice_no).where(INVOICES.c.customer_no == customer_no, in_force(INVOICES))
    his = (
        (contract.POINTS, POINTS, POINTS.c.customer_no == customer_no),
        (contract.METERS, METERS, METERS.c.point_no.in_(points)),
        (contract.READINGS, READINGS, and_(READINGS.c.meter_no.in_(meters), his_reading)),
        (contract.INVOICES, INVOICES, INVOICES.c.customer_no == customer_no),
        (contract.CHARGES, CHARGES, CHARGES.c.invoice_no.in_(invoices)),
        (contract.PAYMENTS, PAYMENTS, PAYMENTS.c.customer_no == customer_no),
        (contract.SETTLEMENTS, SETTLEMENTS, SETTLEMENTS.c.customer_no == customer_no),
    )
    return {
        told.name: _all(session, _rows(table, told).where(of_him).order_by(*table.primary_key))
        for told, table, of_him in his
    }


def _rows(table: Table, told: contract.BillingTable) -> Select[Any]:
    return select(*(table.c[name] for name in told.kept)).where(in_force(table))


def _all(session: Session, wanted: Select[Any]) -> list[Row]:
    return [dict(row) for row in session.execute(wanted).mappings()]
