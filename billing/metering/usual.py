"""What consumption is usual for a customer, and when it is so far above that water may be leaking.

The statistic is the modified z-score of B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers" (ASQC Basic
References in Quality Control, volume 16, 1993): a value counts as an outlier beyond 3.5 deviations, reckoned not from
mean and standard deviation, which the leak itself would move, but from the median and the median absolute deviation
(MAD, divided by 0.6745 so that it estimates the standard deviation of a normal distribution).

Around it stands what is known of water: the same days of the years before count, for gardens are watered in summer; who
has no summer on record is allowed a garden; and what is little in itself is no leak, however far from nothing it is.
What this finds, and how often it is wrong, is measured: docs/benchmarks-leaks.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

_CUTOFF: Final = 3.5
_NORMAL: Final = 0.6745
_TIMES: Final = 2.25
"""A leak more than doubles what is usual: households vary more than any table of a year says (guests, a new child)."""
_LEAST_A_DAY: Final = 0.1
"""Cubic metres a day above what is usual: four litres an hour, a cistern that runs thinly."""
_LEAST: Final = 3.0
"""Cubic metres above what is usual, all in all: readings are whole ones, and one of them may be a day early."""
_LEAST_SPREAD: Final = (0.15, 0.03)
"""Nobody is so even: a share of what is usual, and cubic metres a day."""
_GARDEN: Final = 0.33
"""Cubic metres a day that a garden may take in summer: ten a month."""
_SUMMER: Final = range(4, 10)
_PERIODS: Final = 3
_DAYS: Final = 80
"""A history has at least so many periods and days."""
_YEAR: Final = timedelta(days=365)
_YEARS: Final = 3
_MONTH: Final = timedelta(days=30)
_COVERED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Period:
    """Cubic metres between the readings of two days."""

    first: date
    last: date
    used: float

    @property
    def days(self) -> int:
        """From the one reading to the other."""
        return (self.last - self.first).days

    @property
    def rate(self) -> float:
        """Cubic metres a day."""
        return self.used / self.days


@dataclass(frozen=True, slots=True)
class Usual:
    """Cubic metres a day that are usual at that time of the year, and by how much they vary."""

    rate: float
    spread: float


@dataclass(frozen=True, slots=True)
class Leak:
    """A period in which far more was used than is usual: ``usual`` cubic metres for as many days."""

    period: Period
    usual: float

    @property
    def times(self) -> int | None:
        """How many times as much; None where next to nothing is usual."""
        return round(self.period.used / self.usual) if self.usual >= 1 else None


def usual(history: Sequence[Period], first: date, last: date) -> Usual | None:
    """What is usual between these days for whom this history is; None where it is too short to say."""
    if len(history) < _PERIODS or sum(one.days for one in history) < _DAYS:
        return None
    rates = [one.rate for one in history]
    middle = median(rates)
    deviation = median(abs(rate - middle) for rate in rates) / _NORMAL
    before = list(_years_before(history, first, last))
    if before:
        rate = max(middle, *before)
    else:
        rate = middle + (_GARDEN if (first + (last - first) / 2).month in _SUMMER else 0.0)
    share, least = _LEAST_SPREAD
    return Usual(rate, max(deviation, share * rate, least))


def leak(history: Sequence[Period], newest: Period) -> Leak | None:
    """Whether the newest period, which is not in the history, looks like a leak."""
    known = usual(history, newest.first, newest.last)
    if known is None:
        return None
    above = newest.rate - known.rate
    far = newest.rate >= _TIMES * known.rate and above >= _CUTOFF * known.spread
    much = above >= _LEAST_A_DAY and above * newest.days >= _LEAST
    return Leak(newest, known.rate * newest.days) if far and much else None


def _years_before(history: Sequence[Period], first: date, last: date) -> Iterator[float]:
    """Cubic metres a day in the same days of each year before, as far as half of them is known.

    The middle of these days, those a month earlier and those a month later: nobody waters by the calendar, and neither
    a month away nor a leak of then is what is usual.
    """
    for back in range(1, _YEARS + 1):
        begin, end = first - back * _YEAR, last - back * _YEAR
        if _rate(history, begin, end) is not None:
            near = [_rate(history, begin + around, end + around) for around in (-_MONTH, timedelta(0), _MONTH)]
            yield median(rate for rate in near if rate is not None)


def _rate(history: Sequence[Period], first: date, last: date) -> float | None:
    """Cubic metres a day between these days, None where less than half of them is known."""
    shared = [(one, (min(one.last, last) - max(one.first, first)).days) for one in history]
    days = sum(number for _, number in shared if number > 0)
    if not days or days < _COVERED * (last - first).days:
        return None
    return sum(one.rate * number for one, number in shared if number > 0) / days
