"""Spans of local days: where they begin and end as moments, their neighbours, and the steps by which they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from environment.clock import midnight

_DAY: Final = timedelta(days=1)
LONGEST: Final = 366
"""Days of the longest span that is told."""
_SHORTEST_DRAWN: Final = 14
"""Days that are drawn at least: of a single day nobody could see whether it was a usual one."""
_MOST_DAYS: Final = 31
_MOST_WEEKS: Final = 26


class Period(StrEnum):
    """What a span is, for links to the one before and after."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Span:
    """Local days from ``first`` to ``last``, both belonging to it."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not self.first <= self.last < self.first + timedelta(days=LONGEST):
            raise ValueError("a span that is none, or too long")

    @property
    def begin(self) -> datetime:
        """Its first moment, in UTC."""
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return midnight(self.last + _DAY)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def period(self) -> Period:
        """Whether it is a day, a week from Monday on, or a month."""
        if self.first == self.last:
            return Period.DAY
        if self == week_of(self.first):
            return Period.WEEK
        return Period.MONTH if self == month_of(self.first) else Period.OTHER

    @property
    def previous(self) -> Span:
        """The one before of its kind."""
        return self._like(self.first - _DAY)

    @property
    def following(self) -> Span:
        """The one after of its kind."""
        return self._like(self.last + _DAY, forward=True)

    @property
    def drawn(self) -> Span:
        """The span that its plots show: itself, or the fortnight at whose end it stands."""
        short = timedelta(days=max(0, _SHORTEST_DRAWN - self.days))
        return Span(self.first - short, self.last)

    @property
    def step(self) -> Period:
        """By what it is told step by step: days, weeks or months."""
        if self.days <= _MOST_DAYS:
            return Period.DAY
        return Period.WEEK if self.days <= _MOST_WEEKS * 7 else Period.MONTH

    def step_of(self, day: date) -> date:
        """The first day of the step to which a day belongs."""
        match self.step:
            case Period.DAY:
                return day
            case Period.WEEK:
                return max(self.first, week_of(day).first)
            case _:
                return max(self.first, month_of(day).first)

    @property
    def steps(self) -> list[date]:
        """The first days of all its steps."""
        days = (self.first + timedelta(days=number) for number in range(self.days))
        return list(dict.fromkeys(self.step_of(day) for day in days))

    def _like(self, day: date, *, forward: bool = False) -> Span:
        match self.period:
            case Period.DAY:
                return Span(day, day)
            case Period.WEEK:
                return week_of(day)
            case Period.MONTH:
                return month_of(day)
            case Period.OTHER:
                length = timedelta(days=self.days - 1)
                return Span(day, day + length) if forward else Span(day - length, day)


def day_of(day: date) -> Span:
    """That day alone."""
    return Span(day, day)


def week_of(day: date) -> Span:
    """The week of a day, from Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def month_of(day: date) -> Span:
    """The month of a day."""
    first = day.replace(day=1)
    return Span(first, (first + timedelta(days=31)).replace(day=1) - _DAY)
