"""Print told from handwriting by the measures of its characters: at which of them a field or a page changes sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from forms.kinds import Digits, FieldKind, Text
from ocr.handprint import print_or_hand
from ocr.handprint.print_or_hand import Hand, print_share
from ocr.segmentation.combs import Comb, Strip
from ocr.segmentation.ink import Ink

CELL, FOOT = 20, 40
NUMBER, WORDS = Digits(8), Text(30)


def strip_of(*characters: tuple[float, float], dpi: float = 72.0) -> Strip:
    """Characters of such heights and feet (points), one in each cell; no height leaves the cell empty."""
    unit, count = dpi / 72, len(characters)
    edges = tuple((at * CELL * unit, (at + 1) * CELL * unit) for at in range(count))
    cells = tuple(
        (Ink(round(left + 6 * unit), round((foot - height) * unit), round(left + 12 * unit), round(foot * unit), 40),)
        if height
        else ()
        for (left, _), (height, foot) in zip(edges, characters, strict=True)
    )
    return Strip(np.full((round(60 * unit), round(count * CELL * unit)), 255, np.uint8), dpi, edges, cells)


def comb_of(*heights: float, feet: Sequence[float] | None = None, dpi: float = 72.0) -> Comb:
    """A comb of one row."""
    strip = strip_of(*zip(heights, feet or [FOOT] * len(heights), strict=True), dpi=dpi)
    return Comb((strip,), dpi)


@pytest.mark.parametrize("dpi", [72.0, 144.0])
@pytest.mark.parametrize(
    ("heights", "feet", "share"),
    [
        ((8, 8, 8, 8), (40, 40, 40, 40), 1.0), ((8, 8, 8), (40, 40, 40), None), ((8,), (40,), None),
        ((8, 8, 8, 8), (40, 40, 40, 50), (0.75 + 1) / 2), ((8, 11, 15, 20), (40, 40, 40, 40), (1 + 0) / 2),
        ((8, 8, 15, 20), (40, 45, 50, 55), (0.25 + 0.5) / 2), ((8, 0, 8, 8, 0, 8), (40,) * 6, 1.0),
        ((8, 8, 8, 8, 3), (40,) * 5, 1.0), ((8, 8.5, 8, 8.5), (40, 40.5, 40, 40.5), 1.0),
    ],
)  # fmt: skip
def test_regular_is_what_stands_on_one_line_with_heights_that_come_again(
    heights: tuple[float, ...], feet: tuple[float, ...], share: float | None, dpi: float
) -> None:
    found = print_share([comb_of(*heights, feet=feet, dpi=dpi)])
    assert found == (None if share is None else pytest.approx(share))


def test_regularity_of_several_fields_counts_by_their_characters() -> None:
    regular, loose = comb_of(*[8] * 6), comb_of(8, 12, feet=(40, 50))
    assert print_share([regular, loose]) == pytest.approx((6 * 1.0 + 2 * 0.5) / 8)
    assert print_share([comb_of(8, 8), comb_of(8, 8)]) == 1.0
    assert print_share([comb_of(8), regular]) == 1.0, "one character alone says nothing"
    assert print_share([]) is None
    assert print_share([comb_of(8, 11, 15), regular]) == 1.0, "of three characters no two need be as tall"


@pytest.mark.parametrize(
    ("dpi", "apart", "share"), [(72.0, 1, 1.0), (72.0, 2, 0.75), (288.0, 0.25, 1.0), (288.0, 0.75, 0.75)]
)
def test_characters_of_one_line_stand_within_a_pixel_or_two_fifths_of_a_point(
    dpi: float, apart: float, share: float
) -> None:
    assert print_share([comb_of(8, 8, 8, 8, feet=(40, 40, 40 + apart, 40 + apart), dpi=dpi)]) == share


def test_of_a_letter_and_its_mark_the_letter_is_measured() -> None:
    plain = strip_of(*[(8.0, 40.0)] * 4)
    letter = plain.cells[1][0]
    mark = Ink(letter.x0, letter.top - 5, letter.x1, letter.top - 2, 90)
    for cell in ((mark, letter), (letter, mark)):
        marked = Strip(plain.picture, plain.dpi, plain.edges, (plain.cells[0], cell, *plain.cells[2:]))
        assert print_share([Comb((marked,), 72.0)]) == 1.0


def test_where_there_is_hardly_any_writing_only_irregular_characters_are_by_hand() -> None:
    assert print_or_hand.writers({"name": (WORDS, comb_of(8, 8, 8, 8))}) == {"name": Hand.UNSURE}
    assert print_or_hand.writers({"name": (WORDS, comb_of(8, 8))}) == {"name": Hand.UNSURE}
    assert print_or_hand.writers({"name": (WORDS, comb_of(8, 11, 15, 20))}) == {"name": Hand.HAND}


def test_the_usual_value_is_the_one_with_most_others_around_it() -> None:
    assert print_or_hand._mode([], 0.8) == 0.0
    assert print_or_hand._mode([8.0, 8.2, 8.1, 20.0, 12.0], 0.5) == pytest.approx(8.1)
    assert print_or_hand._mode([5.0, 9.0, 9.25], 0.5) == pytest.approx(9.125)
    assert print_or_hand._mode([5.0, 9.0, 9.26], 0.5) == 5.0, "the first of equals"


def page_type() -> print_or_hand._Type:
    combs: dict[str, tuple[FieldKind, Comb]] = {
        "number": (NUMBER, comb_of(*[8] * 8)), "name": (WORDS, comb_of(*[6] * 4, *[10] * 3, *[13] * 3)),
    }  # fmt: skip
    return print_or_hand._Type.of(combs)


def test_the_type_of_a_page_is_its_baseline_its_digits_and_its_frequent_heights() -> None:
    found = page_type()
    assert (found.foot, found.digits, len(found.heights)) == (40.0, 8.0, 18)


@pytest.mark.parametrize(
    ("kind", "comb", "alike"),
    [
        (NUMBER, comb_of(8, 8), 1.0), (NUMBER, comb_of(8, 10), 0.5), (NUMBER, comb_of(6, 6), 0.0),
        (WORDS, comb_of(6, 8), 1.0), (WORDS, comb_of(10, 6), 0.5), (WORDS, comb_of(13, 20), 0.0),
        (WORDS, comb_of(6, 6, feet=(40, 42)), 0.5), (NUMBER, comb_of(8, 8, feet=(39, 40)), 0.5),
        (NUMBER, comb_of(2, 2), 1.0),
    ],
)  # fmt: skip
def test_a_character_is_alike_by_its_foot_and_by_a_height_of_digits_or_one_that_is_frequent(
    kind: FieldKind, comb: Comb, alike: float
) -> None:
    assert page_type().alike(kind, comb) == alike


@pytest.mark.parametrize(
    ("alike", "unlike", "hand"),
    [
        (0.72, [], Hand.PRINT), (0.71, [], Hand.UNSURE), (0.72, [1.0, 2.0], Hand.PRINT), (0.1, [1.0], Hand.UNSURE),
        (0.8, [0.0] * 6, Hand.PRINT), (0.0, [0.0] * 6, Hand.PRINT), (0.0, [0.0, 0.0, 0.0, 0.05, 0.05], Hand.HAND),
        (1.0, [0.1] * 6, Hand.HAND), (1.0, [0.1] * 3, Hand.PRINT), (1.0, [0.06] * 6, Hand.UNSURE),
        (1.0, [0.05] * 6, Hand.PRINT), (1.0, [0.05] * 12, Hand.PRINT),
        (1.0, [0.08] * 6, Hand.HAND), (1.0, [0.3] * 6, Hand.HAND),
        (1.0, [0.1] * 4, Hand.UNSURE), (0.5, [0.0009, 0.0011], Hand.PRINT), (0.6, [0.001] * 2, Hand.HAND),
        (0.62, [0.001] * 1, Hand.HAND), (0.65, [0.001] * 2, Hand.UNSURE),
    ],
)  # fmt: skip
def test_a_field_is_printed_by_shapes_that_come_again_and_characters_that_are_alike(
    alike: float, unlike: list[float], hand: Hand
) -> None:
    assert print_or_hand._shape_writer(alike, np.array(unlike)) is hand


class Known(print_or_hand._KnownType):
    """What the network says of one field, given: so sure it is of each of its characters."""

    def __init__(self, sure: Sequence[float]) -> None:
        super().__init__({})
        self.__dict__["_sure"] = {"name": np.array(sure)}


@pytest.mark.parametrize(
    ("sure", "certain", "confirms", "denies"),
    [
        ([0.99] * 6, True, True, False), ([0.99] * 5, False, True, False), ([0.98] * 6, False, True, False),
        ([0.95] * 7 + [0.1] * 3, False, True, True), ([0.95] * 6 + [0.1] * 4, False, False, True),
        ([0.94] * 6, False, False, False), ([0.7] * 6, False, False, True), ([0.7] * 5, False, False, False),
        ([0.75] * 6, False, False, False), ([], False, False, False), ([0.985] * 6, True, True, False),
    ],
)  # fmt: skip
def test_what_the_network_of_type_knows_certainly_mostly_or_not_at_all(
    sure: list[float], certain: bool, confirms: bool, denies: bool
) -> None:
    known = Known([min(1.0, one + 1e-12) for one in sure])
    assert (known.certain("name"), known.confirms("name"), known.denies("name")) == (certain, confirms, denies)


@pytest.mark.parametrize(
    ("alike", "unlike", "sure", "hand"),
    [
        (0.9, 0.0, [0.7] * 6, Hand.PRINT), (0.5, 0.0, [0.7] * 6, Hand.UNSURE), (0.5, 0.0, [0.8] * 6, Hand.PRINT),
        (0.9, 0.1, [0.96] * 6, Hand.PRINT), (0.6, 0.1, [0.96] * 6, Hand.PRINT), (0.59, 0.1, [0.96] * 6, Hand.UNSURE),
        (0.9, 0.1, [0.9] * 6, Hand.HAND), (0.1, 0.1, [0.99] * 6, Hand.PRINT), (0.1, 0.1, [0.5] * 6, Hand.HAND),
    ],
)  # fmt: skip
def test_shapes_speak_first_and_the_network_where_they_leave_a_doubt(
    alike: float, unlike: float, sure: list[float], hand: Hand
) -> None:
    assert print_or_hand._field_writer("name", alike, np.array([unlike] * 6), Known(sure)) is hand


def test_a_mean_is_geometric_and_of_nothing_it_is_nothing() -> None:
    assert print_or_hand._mean(np.array([0.25, 1.0])) == pytest.approx(0.5)
    assert print_or_hand._mean(np.zeros(0)) == 0.0
    assert 0 < print_or_hand._mean(np.array([0.0, 1.0])) < 1e-4
