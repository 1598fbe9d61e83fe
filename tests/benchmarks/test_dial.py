"""The simulation of the dial: how reading goes wrong in it, what it draws from, and what is counted."""

from __future__ import annotations

import pytest

from benchmarks.dial import CHANGE, Shift, bank, longest


def test_confidences_say_too_much_from_the_day_of_the_change_on_and_only_in_those_papers() -> None:
    shift = Shift(10, "office")
    assert shift.chance(CHANGE - 1, "office", "hand", 0.001) == 0.001
    assert shift.chance(CHANGE, "office", "hand", 0.001) == pytest.approx(0.01 / 1.009)
    assert shift.chance(CHANGE, "sent", "hand", 0.001) == shift.chance(CHANGE, "office", "mark", 0.001) == 0.001


def test_a_change_may_grow_from_day_to_day_or_come_however_sure_a_value_is() -> None:
    grown = Shift(3, "office", daily=2.0)
    chances = [grown.chance(CHANGE + day, "office", "print", 0.5) for day in range(4)]
    assert chances == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 4])
    assert Shift(added=0.02).chance(CHANGE, "sent", "hand", 1e-6) == pytest.approx(0.020001)


def test_days_above_count_in_a_row() -> None:
    assert longest([3, 3, 1, 3, 3, 3, 2], 2) == 3
    assert longest([1, 2], 2) == 0


def test_the_measured_pages_hold_both_sorts_on_all_papers_and_tell_how_often_a_value_is_wrong() -> None:
    assert set(bank()) == {(sort, papers) for sort in ("hand", "print") for papers in ("calm", "worse", "photo")}
    through = [page for pages in bank().values() for page in pages if page is not None]
    assert 0 < len(through) < sum(len(pages) for pages in bank().values())
    assert all(0 <= chance <= 0.5 for page in through for chance in page.chance)
    assert all(page.chance[page.sure == 1.0].sum() == 0 for page in through), "the register's word"
