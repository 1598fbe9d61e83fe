"""Whether a customer's water may be leaking, by what his meters show or, without them, by what was billed.

What was billed by estimates tells nothing of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from billing.metering.history import Meter, meters_of, periods_of, shown_by
from billing.metering.usual import Leak, Period, leak
from billing.statement import consumption_by_month

_SHOWN: Final = timedelta(days=120)
"""A leak of longer ago is over, or nobody reads the meter any more."""
_PLACES: Final = 3
_COUNTED: Final = 20
"""More times the usual amount than these are no measure, but a slip or a burst pipe."""
_KNOWN: Final = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class FoundLeak:
    """A leak, and the meter that shows it (None: it is seen in what was billed)."""

    meter: Meter | None
    leak: Leak

    @property
    def used(self) -> Decimal:
        """Cubic metres of that period, as readings have them."""
        return round(Decimal(self.leak.period.used), _PLACES)

    @property
    def sentence(self) -> str:
        """What was used and what is usual, in Polish."""
        period, times = self.leak.period, self.leak.times
        much = {2: "dwa razy więcej", 3: "trzy razy więcej", 4: "cztery razy więcej"}
        counted = times is not None and times <= _COUNTED
        how = much.get(times or 0, f"około {times} razy więcej") if counted else "dużo więcej"
        return (
            f"Od {period.first:%d.%m.%Y} do {period.last:%d.%m.%Y} zużycie wyniosło {_grouped(period.used)} m³, a "
            f"zwykle o tej porze roku jest to około {_grouped(max(self.leak.usual, 1))} m³: {how} niż zwykle."
        )


def _grouped(amount: float) -> str:
    """A number as people read it: '12 345'."""
    return f"{amount:,.0f}".replace(",", " ")


def leaks_of(session: Session, customer_no: str, day: date) -> list[FoundLeak]:
    """What looks like a leak at that customer's now."""
    return leaks_among(session, [customer_no], day).get(customer_no, [])


def leaks_among(session: Session, customers: Collection[str], day: date) -> dict[str, list[FoundLeak]]:
    """Of several customers at once, by number; none of who has none."""
    meters = meters_of(session, customers, day)
    shown = shown_by(session, [one.meter_no for one in meters])
    found: dict[str, list[FoundLeak]] = {}
    read = set()
    for meter in meters:
        periods = periods_of(shown[meter.meter_no], meter.his_since)
        if periods or any(one.estimated for one in shown[meter.meter_no]):
            read.add(meter.customer_no)  # what is billed by estimates is made good at once when somebody reads
        if (seen := _newest(periods, day)) is not None:
            found.setdefault(meter.customer_no, []).append(FoundLeak(meter, seen))
    for number in set(customers) - read:
        if (seen := _newest(_billed(session, number, day), day)) is not None:
            found.setdefault(number, []).append(FoundLeak(None, seen))
    return found


def _newest(periods: list[Period], day: date) -> Leak | None:
    if not periods or periods[-1].last < day - _SHOWN:
        return None
    return leak(periods[:-1], periods[-1])


def _billed(session: Session, customer_no: str, day: date) -> list[Period]:
    """From the end of one billed month to that of the next, of customers whose meters are not told."""
    months = sorted(consumption_by_month(session, customer_no, day - _KNOWN, day).items())
    pairs = itertools.pairwise(months)
    return [Period(_next(before), _next(first), max(float(used), 0.0)) for (before, _), (first, used) in pairs]


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
