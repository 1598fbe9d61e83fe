"""The simulation of the dial: how reading goes wrong in it, what it draws from, and what is counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.dial import longest, unseen
from benchmarks.dial_office import CHANGE, Office, Page, Scenario, Shift, bank
from review.tolerance.evidence import Relied


def _page(*chances: float, marks: tuple[int, ...] = ()) -> Page:
    """Values that are so likely to be wrong; those at ``marks`` are marks."""
    kinds = ["mark" if at in marks else "hand" for at in range(len(chances))]
    right = tuple(Relied(kind, 1 - chance) for kind, chance in zip(kinds, chances, strict=True))
    return Page(right, np.array([kind == "mark" for kind in kinds]), np.array(chances))


def _chances(shift: Shift, page: Page, day: int = CHANGE, way: str = "office") -> list[float]:
    return [*Scenario("one", (shift,)).chances(day, way, page)]


def test_confidences_say_too_much_from_the_day_of_the_change_on_and_only_in_those_papers() -> None:
    shift, page = Shift(10, "office"), _page(0.001, 0.001, marks=(1,))
    assert _chances(shift, page, CHANGE - 1) == [0.001, 0.001]
    assert _chances(shift, page, way="sent") == [0.001, 0.001]
    assert _chances(shift, page) == [pytest.approx(0.01 / 1.009), 0.001]


def test_a_change_may_grow_from_day_to_day_or_come_however_sure_a_value_is() -> None:
    grown = Shift(3, "office", daily=2.0)
    found = [_chances(grown, _page(0.5), CHANGE + day)[0] for day in range(4)]
    assert found == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 4])
    assert _chances(Shift(added=0.02), _page(1e-6), way="sent") == pytest.approx([0.020001])


def test_a_change_may_end_or_be_only_in_what_the_reader_is_sure_of_or_doubts_and_several_add_up() -> None:
    page = _page(0.001)
    assert [_chances(Shift(added=0.01, days=2), page, CHANGE + day)[0] for day in (1, 2)] == [
        pytest.approx(0.011),
        0.001,
    ]
    assert _chances(Shift(added=0.01, only="doubted"), page) == [0.001]
    assert _chances(Shift(added=0.01, only="doubted"), replace(page, through=False)) == pytest.approx([0.011])
    both = Scenario("two", (Shift(added=0.01), Shift(added=0.02)))
    assert [*both.chances(CHANGE, "office", page)] == pytest.approx([0.031])


def test_in_an_office_where_little_comes_a_week_often_shows_no_error_at_all() -> None:
    small, large = (Scenario("one", (Shift(added=0.005),), Office(documents=number)) for number in (10, 100))
    weeks = [unseen(small, number, 0) for number in range(5)]
    assert all(0.1 < one < 0.5 for one in weeks)
    assert unseen(large, 0, 0) < 0.01


def test_days_above_count_in_a_row() -> None:
    assert longest([3, 3, 1, 3, 3, 3, 2], 2) == 3
    assert longest([1, 2], 2) == 0


def test_the_measured_pages_hold_both_sorts_on_all_papers_and_tell_how_often_a_value_is_wrong() -> None:
    assert set(bank()) == {(sort, papers) for sort in ("hand", "print") for papers in ("calm", "worse", "photo")}
    every = [page for pages in bank().values() for page in pages]
    through = [page for page in every if page.through]
    assert 0 < len(through) < len(every)
    assert {one.kind for page in every if not page.through for one in page.right} == {"hand"}
    assert all(0 <= chance <= 0.5 for page in through for chance in page.chance)
    surely = [
        chance for page in through for one, chance in zip(page.right, page.chance, strict=True) if one.sure == 1.0
    ]
    assert surely
    assert max(surely) == 0, "the register's word"
