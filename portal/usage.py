"""How much water a customer used: the last twelve months for which there is an invoice, beside the year before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from billing.statement import consumption_by_month


@dataclass(frozen=True, slots=True)
class Month:
    """Cubic metres of a month and of the same month a year before; None where there is no invoice."""

    first: date
    used: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Twelve months, the oldest first; empty where nothing is known.

    ``total`` is that of the year; ``compared`` and ``before`` are the totals of the months that both years have.
    """

    months: tuple[Month, ...]

    @property
    def total(self) -> Decimal:
        """All of the last twelve months."""
        return sum((one.used for one in self.months if one.used is not None), Decimal(0))

    @property
    def compared(self) -> Decimal:
        """Of the last twelve months those that can be compared."""
        return sum((now for now, _ in self._pairs()), Decimal(0))

    @property
    def before(self) -> Decimal:
        """The same months a year before."""
        return sum((before for _, before in self._pairs()), Decimal(0))

    @property
    def comparable(self) -> int:
        """How many months both years have."""
        return len(self._pairs())

    @property
    def change(self) -> int | None:
        """By how many per cent more (or, below nothing, less) than a year before; None without a year before."""
        return round((self.compared - self.before) / self.before * 100) if self.before else None

    def _pairs(self) -> list[tuple[Decimal, Decimal]]:
        return [(one.used, one.before) for one in self.months if one.used is not None and one.before is not None]


def usage_of(session: Session, customer_no: str, day: date) -> Usage:
    """The months up to the last that has an invoice by that day."""
    known = consumption_by_month(session, customer_no, _month(day, -36), day)
    if not known:
        return Usage(())
    last = max(known)
    firsts = [_month(last, more) for more in range(-11, 1)]
    return Usage(tuple(Month(first, known.get(first), known.get(_month(first, -12))) for first in firsts))


def _month(day: date, more: int) -> date:
    """The first day of a month that many after that of a day."""
    at = day.year * 12 + day.month - 1 + more
    return date(at // 12, at % 12 + 1, 1)
