"""What a customer owes, bill by bill: invoices with what was paid for each, and the balance that they add up to.

Billing tells invoices and payments and not which invoice is paid. A payment counts for the invoice that it names; all
else, and what an invoice was paid too much, counts for the oldest debt first (art. 451 of the civil code). What was
paid back opens the invoice again that it names, else the newest of those that were paid. A correction that asks for
more is a debt of its own, with its own date; one that asks for less lessens what it corrects, be that a correction
itself. So what is open, less what nothing is owed for any more, is always the balance that billing's own figures give.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from billing import contract
from billing.statement import (
    Invoice,
    Row,
    balance_on,
    invoice_on,
    invoices_of,
    ledgers_of,
    payments_known_until,
    payments_of,
    settlement_of,
)

_ALL: Final = 5_000
"""More than anybody gets in the time for which they are kept."""
_NOTHING: Final = Decimal(0)
_YEARS: Final = 5


class BillState(StrEnum):
    """How an invoice stands; ``EARLIER``: it is of the time before our figures, which tell nothing of it.

    ``CORRECTION``: it is a correction by which nothing more is to be paid.
    """

    PAID = "paid"
    DUE = "due"
    OVERDUE = "overdue"
    CORRECTION = "correction"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice or correction with what is still to be paid for it (None: it is not known)."""

    row: Row = field(repr=False)
    state: BillState
    left: Decimal | None

    @property
    def partly_paid(self) -> bool:
        """Whether something, but not all, was paid."""
        return self.left is not None and _NOTHING < self.left < self.row["gross"]


@dataclass(frozen=True, slots=True)
class Bills:
    """All bills of a customer, the newest first, and where he stands.

    ``balance`` is what he owes, less than nothing where he has paid too much; None where billing tells no beginning.
    ``overdue`` is what should have been paid before today, ``due_on`` the next day by which something is to be paid.
    ``paid_until`` is the last day of which billing has told all payments.
    """

    newest_first: tuple[Bill, ...]
    balance: Decimal | None
    overdue: Decimal
    due_on: date | None
    bank_account: str | None = field(repr=False)
    paid_until: date | None = None

    @property
    def to_pay(self) -> tuple[Bill, ...]:
        """What is open, the first due first."""
        return tuple(sorted((one for one in self.newest_first if one.left), key=lambda one: one.row["due_on"]))

    def bill(self, invoice_no: str) -> Bill | None:
        """The bill of that number, None where this customer has none."""
        return next((one for one in self.newest_first if one.row["invoice_no"] == invoice_no), None)

    def of_sixty_months(self, day: date) -> tuple[Bill, ...]:
        """Those that are shown that day, the newest first."""
        first = years_before(day)
        return tuple(one for one in self.newest_first if one.row["issued_on"] >= first)


def bills_of(session: Session, customer_no: str, day: date) -> Bills:
    """The bills of a customer as they stand at the end of that day."""
    opening = settlement_of(session, customer_no)
    rows = [row for row in invoices_of(session, customer_no, limit=_ALL) if row["issued_on"] <= day]
    account = None if opening is None else opening["bank_account"]
    if opening is None or day < opening["opening_on"]:
        return Bills(tuple(_unknown(row) for row in rows), None, _NOTHING, None, account)
    payments = payments_of(session, customer_no, opening["opening_on"], day)
    left, before = _allocated(rows, payments, opening)
    bills = tuple(_bill(row, left, opening["opening_on"], day, settled=not before) for row in rows)
    late = sum((one.left or _NOTHING for one in bills if one.state is BillState.OVERDUE), before)
    days = [one.row["due_on"] for one in bills if one.state is BillState.DUE]
    balance, next_due = balance_on(session, customer_no, day), min(days, default=None)
    return Bills(bills, balance, late, next_due, account, payments_known_until(session))


def own_bill(session: Session, bills: Bills, customer_no: str, invoice_no: str) -> tuple[Bill, Invoice] | None:
    """A bill of this customer with its positions; None for anybody else's as for one that nobody has."""
    bill = bills.bill(invoice_no)
    invoice = None if bill is None else invoice_on(session, invoice_no)
    if bill is None or invoice is None or invoice.row["customer_no"] != customer_no:
        return None
    return bill, invoice


def chosen(bills: Iterable[Bill], *, year: int | None, to_pay: bool) -> list[Bill]:
    """Of these the ones of that year, where one is named; with ``to_pay`` only what something is left to pay of."""
    return [one for one in bills if year in (None, one.row["issued_on"].year) and (one.left or not to_pay)]


def years_before(day: date) -> date:
    """The same day of the month sixty months ago, or the last that there was: what is older is not shown."""
    earlier = day.year - _YEARS
    return date(earlier, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=earlier)


def left_to_pay(session: Session, numbers: Collection[str], day: date) -> dict[str, dict[str, Decimal]]:
    """What is left to pay of each invoice, by customer and number; nothing of whom billing tells no beginning."""
    return {
        number: _allocated(list(ledger.invoices), ledger.payments, ledger.opening)[0]
        for number, ledger in ledgers_of(session, numbers, day).items()
    }


def _allocated(rows: list[Row], payments: Iterable[Row], opening: Row) -> tuple[dict[str, Decimal], Decimal]:
    """What is left to pay of each invoice since the opening, by number, and of the debt from before it."""
    since = [row for row in rows if row["issued_on"] >= opening["opening_on"]]
    owed = {row["invoice_no"]: row["gross"] for row in since if not _lessens(row)}
    corrects = {row["invoice_no"]: row["corrects"] for row in rows if row["kind"] == contract.CORRECTION}
    lessened = [(_corrected(row, owed, corrects), -row["gross"]) for row in since if _lessens(row)]
    owed, credit = _taken_off(owed, lessened)
    left, pool = _taken_off(owed, [(payment["invoice_no"], payment["amount"]) for payment in payments])
    pool += credit + max(-opening["opening_balance"], _NOTHING)
    debts = [number for number in (row["invoice_no"] for row in sorted(since, key=_first_due)) if number in left]
    for number in reversed(debts):  # more came back than was paid beside these: what they were paid last is open again
        again = min(max(-pool, _NOTHING), owed[number] - left[number])
        left[number], pool = left[number] + again, pool + again
    pool -= max(opening["opening_balance"], _NOTHING)
    for number in debts:
        paid = min(max(pool, _NOTHING), left[number])
        left[number], pool = left[number] - paid, pool - paid
    return left, max(-pool, _NOTHING)


def _taken_off(
    debts: Mapping[str, Decimal], amounts: Iterable[tuple[str | None, Decimal]]
) -> tuple[dict[str, Decimal], Decimal]:
    """What is left of debts after these amounts, and the sum of those that name none, or are more than it.

    What was paid back is negative: a debt is whole again by it, and never more than that.
    """
    left, rest = dict(debts), _NOTHING
    for number, amount in amounts:
        if number in left:
            left[number] -= amount
        else:
            rest += amount
    for number, amount in left.items():
        left[number] = min(max(amount, _NOTHING), debts[number])
        rest += left[number] - amount
    return left, rest


def _lessens(row: Row) -> bool:
    """Whether it is a correction by which nothing more is to be paid."""
    return bool(row["kind"] == contract.CORRECTION and row["gross"] <= 0)


def _corrected(row: Row, debts: Collection[str], corrects: Mapping[str, str]) -> str | None:
    """The debt that a correction lessens, also where it corrects a correction that was none; None where none is."""
    number: str | None = row["corrects"]
    seen = set[str]()
    while number is not None and number not in debts and number not in seen:
        seen.add(number)
        number = corrects.get(number)
    return number


def _first_due(row: Row) -> tuple[Any, ...]:
    return row["due_on"], row["issued_on"], row["invoice_no"]


def _bill(row: Row, left: dict[str, Decimal], opening_on: date, day: date, *, settled: bool) -> Bill:
    if _lessens(row):
        return Bill(row, BillState.CORRECTION, None)
    if row["issued_on"] < opening_on:
        return Bill(row, BillState.PAID, _NOTHING) if settled else _unknown(row)
    still = left[row["invoice_no"]]
    if not still:
        return Bill(row, BillState.PAID, still)
    return Bill(row, BillState.OVERDUE if row["due_on"] < day else BillState.DUE, still)


def _unknown(row: Row) -> Bill:
    return Bill(row, BillState.CORRECTION if _lessens(row) else BillState.EARLIER, None)
