"""What is usual for a customer, and that a normal year raises no alarm while a leak does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from benchmarks import leaks
from billing.metering.usual import Period, leak, usual

BEGIN = date(2024, 11, 1)


def months(*used: float, begin: date = BEGIN) -> list[Period]:
    days = [begin + timedelta(days=30) * at for at in range(len(used) + 1)]
    return [Period(first, last, one) for first, last, one in zip(days, days[1:], used, strict=False)]


def newest(*used: float) -> bool:
    *history, last = months(*used)
    return leak(history, last) is not None


def test_of_whom_too_little_is_known_nothing_is_said() -> None:
    history = months(10, 10)
    assert usual(history, date(2025, 1, 1), date(2025, 2, 1)) is None
    assert not newest(10, 10, 500)


@pytest.mark.parametrize("used", [11, 15, 19])
def test_what_households_vary_by_is_no_leak(used: float) -> None:
    assert not newest(*(10,) * 14, used)


def test_three_times_as_much_is_a_leak_and_is_told_so() -> None:
    *history, last = months(*(10,) * 14, 31)
    found = leak(history, last)
    assert found is not None
    assert (found.times, round(found.usual)) == (3, 10)


def test_what_is_little_in_itself_is_no_leak_however_far_from_nothing_it_is() -> None:
    assert not newest(*(0.1,) * 14, 2.5)
    assert newest(*(0.1,) * 14, 12)


def test_a_garden_is_watered_every_summer_and_once_more_than_is_known() -> None:
    garden = (7, 7, 7, 7, 9, 13, 16, 18, 16, 10, 7, 7)
    assert not newest(*garden, *garden[:8])
    assert newest(*garden, 7, 7, 16), "as much in winter is no garden"
    assert not newest(*garden[:6], 17), "his first summer with us"


def test_one_leak_of_before_does_not_hide_the_next() -> None:
    assert newest(10, 11, 9, 60, 10, 11, 9, 10, 12, 10, 9, 10, 11, 10, 40)


def test_in_a_year_of_the_generator_few_are_alarmed_for_nothing_and_a_running_cistern_is_found(
    home: object,
) -> None:
    """The same as docs/benchmarks-leaks.md has it of thousands: no more than one normal year in twenty."""
    households = list(leaks.histories(150))
    wrong, found = leaks.measure(households, 24, 1)
    assert wrong <= 0.05 * len(households)
    shares = dict(zip(leaks.LITRES, found, strict=True))
    assert shares[40][1] > 0.8
    assert shares[5][1] < shares[40][1]
