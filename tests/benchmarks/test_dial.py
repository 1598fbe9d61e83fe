"""The simulation of the dial: how reading goes wrong in it, what it draws from, and what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.dial import CHANGE, Page, Shift, bank, longest
from review.tolerance.evidence import Relied


def _page(*chances: float, marks: tuple[int, ...] = ()) -> Page:
    """Values that are so likely to be wrong; those at ``marks`` are marks."""
    kinds = ["mark" if at in marks else "hand" for at in range(len(chances))]
    right = tuple(Relied(kind, 1 - chance) for kind, chance in zip(kinds, chances, strict=True))
    return Page(right, np.array([kind == "mark" for kind in kinds]), np.array(chances))


def test_confidences_say_too_much_from_the_day_of_the_change_on_and_only_in_those_papers() -> None:
    shift, page = Shift(10, "office"), _page(0.001, 0.001, marks=(1,))
    assert [*shift.chances(CHANGE - 1, "office", page)] == [0.001, 0.001]
    assert [*shift.chances(CHANGE, "sent", page)] == [0.001, 0.001]
    assert [*shift.chances(CHANGE, "office", page)] == [pytest.approx(0.01 / 1.009), 0.001]


def test_a_change_may_grow_from_day_to_day_or_come_however_sure_a_value_is() -> None:
    grown = Shift(3, "office", daily=2.0)
    found = [float(grown.chances(CHANGE + day, "office", _page(0.5))[0]) for day in range(4)]
    assert found == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 4])
    assert Shift(added=0.02).chances(CHANGE, "sent", _page(1e-6)) == pytest.approx([0.020001])


def test_days_above_count_in_a_row() -> None:
    assert longest([3, 3, 1, 3, 3, 3, 2], 2) == 3
    assert longest([1, 2], 2) == 0


def test_the_measured_pages_hold_both_sorts_on_all_papers_and_tell_how_often_a_value_is_wrong() -> None:
    assert set(bank()) == {(sort, papers) for sort in ("hand", "print") for papers in ("calm", "worse", "photo")}
    through = [page for pages in bank().values() for page in pages if page is not None]
    assert 0 < len(through) < sum(len(pages) for pages in bank().values())
    assert all(0 <= chance <= 0.5 for page in through for chance in page.chance)
    surely = [
        chance for page in through for one, chance in zip(page.right, page.chance, strict=True) if one.sure == 1.0
    ]
    assert surely
    assert max(surely) == 0, "the register's word"
