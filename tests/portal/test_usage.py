"""Twelve months up to the last invoice, each beside the same month a year before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from billing.statement import consumption_by_month
from database.engine import reading
from portal.usage import Usage, usage_of

TODAY = date(2026, 11, 5)


def of(number: str) -> Usage:
    with reading() as session:
        return usage_of(session, number, TODAY)


def test_only_months_of_both_years_are_compared(told: list[str]) -> None:
    with reading() as session:
        known = consumption_by_month(session, told[0], date(2025, 1, 1), TODAY)
    used = of(told[0])
    assert [one.first for one in used.months] == sorted(known)[-12:]
    assert [one.used for one in used.months] == [known[month] for month in sorted(known)[-12:]]
    assert (used.total, used.comparable) == (sum(sorted(known.items())[i][1] for i in range(2, 14)), 2)
    assert used.before == known[date(2025, 9, 1)] + known[date(2025, 10, 1)]
    assert used.compared == known[date(2026, 9, 1)] + known[date(2026, 10, 1)]
    assert used.change == round((used.compared - used.before) / used.before * 100)


def test_of_nobody_nothing_is_told(told: list[str]) -> None:
    used = of("99999999")
    assert (used.months, used.total, used.change) == ((), Decimal(0), None)
