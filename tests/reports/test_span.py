"""Days, weeks and months, their neighbours, and the steps by which they are drawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports.span import Period, Span, day_of, month_of, week_of


def test_a_span_knows_what_it_is_and_what_stands_beside_it() -> None:
    monday, tuesday = date(2026, 11, 2), date(2026, 11, 3)
    assert week_of(date(2026, 11, 8)) == week_of(monday) == Span(monday, date(2026, 11, 8))
    assert week_of(monday).previous == Span(date(2026, 10, 26), date(2026, 11, 1))
    assert month_of(date(2026, 3, 31)).previous == Span(date(2026, 2, 1), date(2026, 2, 28))
    assert month_of(date(2026, 12, 9)).following == Span(date(2027, 1, 1), date(2027, 1, 31))
    assert day_of(tuesday).previous == day_of(monday)
    three = Span(tuesday, date(2026, 11, 5))
    assert (three.previous, three.following) == (
        Span(date(2026, 10, 31), monday),
        Span(date(2026, 11, 6), date(2026, 11, 8)),
    )
    assert [one.period for one in (day_of(monday), week_of(monday), month_of(monday), three)] == list(Period)


def test_a_short_span_is_drawn_with_the_days_before_it_and_a_long_one_by_weeks_or_months() -> None:
    day = date(2026, 11, 10)
    assert day_of(day).drawn == Span(date(2026, 10, 28), day)
    assert len(month_of(day).drawn.steps) == 30
    quarter = Span(date(2026, 7, 1), date(2026, 9, 30))
    assert quarter.steps[:2] == [date(2026, 7, 1), date(2026, 7, 6)]
    year = Span(date(2026, 1, 15), date(2026, 12, 31))
    assert len(year.steps) == 12 and year.steps[0] == date(2026, 1, 15)


@pytest.mark.parametrize("days", [-1, 366])
def test_a_span_is_neither_empty_nor_longer_than_a_year(days: int) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days))
