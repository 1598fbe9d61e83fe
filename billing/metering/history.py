"""The water meters of customers and what is known that they showed: told by billing, and reported since.

An estimate is no reading: consumption is reckoned from what was read before it to what was read after it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.metering.tables import LIVE, Doubt, ReportedReading
from billing.metering.usual import Period
from billing.tables import METERS, POINTS, READINGS, in_force

_WATER: Final = "water"
_ESTIMATE: Final = "estimate"
_AT_ONCE: Final = 400


@dataclass(frozen=True, slots=True)
class Meter:
    """A water meter that a customer has now; ``place`` is the address of its point as it is told.

    ``his_since`` is the first day on which he takes water there: what it showed before tells of somebody else.
    """

    meter_no: str
    customer_no: str
    place: str
    installed_on: date
    his_since: date


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meter showed on a day; ``estimated``: nobody looked. ``number`` is that of a reported reading."""

    day: date
    value: Decimal
    estimated: bool = False
    number: str | None = None


def meters_of(session: Session, customers: Collection[str], day: date) -> list[Meter]:
    """The water meters of these customers on that day, in the order of their numbers."""
    there = (
        METERS.c.service == _WATER,
        or_(METERS.c.removed_on.is_(None), METERS.c.removed_on >= day),
        POINTS.c.valid_from <= day,
        or_(POINTS.c.valid_to.is_(None), POINTS.c.valid_to >= day),
        in_force(METERS),
        in_force(POINTS),
    )
    place = (POINTS.c.street, POINTS.c.house, POINTS.c.flat, POINTS.c.town)
    found = []
    for some in _parts(sorted(set(customers))):
        rows = session.execute(
            select(METERS.c.meter_no, POINTS.c.customer_no, METERS.c.installed_on, POINTS.c.valid_from, *place)
            .join(POINTS, POINTS.c.point_no == METERS.c.point_no)
            .where(POINTS.c.customer_no.in_(some), *there)
            .order_by(METERS.c.meter_no)
        )
        found += [
            Meter(row.meter_no, row.customer_no, _place(*row[4:]), row.installed_on, row.valid_from) for row in rows
        ]
    return found


def shown_by(session: Session, meters: Collection[str]) -> dict[str, list[Shown]]:
    """What these meters showed, by meter, the oldest first; where billing has the same day, billing is right.

    Of reported readings those that nothing speaks against but that they are high.
    """
    found: dict[str, dict[date, Shown]] = {number: {} for number in meters}
    for some in _parts(sorted(found)):
        reported = select(ReportedReading).where(
            ReportedReading.meter_no.in_(some),
            ReportedReading.state.in_(LIVE),
            or_(ReportedReading.doubt.is_(None), ReportedReading.doubt == Doubt.FAR_ABOVE.value),
        )
        for row in session.scalars(reported):
            found[row.meter_no][row.read_on] = Shown(row.read_on, Decimal(row.value), number=row.number)
        columns = (READINGS.c.meter_no, READINGS.c.read_on, READINGS.c.value, READINGS.c.source)
        told = select(*columns).where(READINGS.c.meter_no.in_(some), in_force(READINGS))
        for meter, day, value, source in session.execute(told):
            found[meter][day] = Shown(day, value, source == _ESTIMATE)
    return {number: [days[day] for day in sorted(days)] for number, days in found.items()}


def periods_of(shown: Sequence[Shown], his_since: date) -> list[Period]:
    """From reading to reading of this customer, the oldest first, without estimates.

    A meter that ran back tells nothing.
    """
    read = [one for one in shown if not one.estimated and one.day >= his_since]
    pairs = itertools.pairwise(read)
    return [
        Period(before.day, after.day, float(after.value - before.value))
        for before, after in pairs
        if after.value >= before.value
    ]


def _place(street: str | None, house: str | None, flat: str | None, town: str | None) -> str:
    number = f"{house or ''}{f'/{flat}' if flat else ''}"
    return " ".join(part for part in (street or town, number) if part)


def _parts(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))
