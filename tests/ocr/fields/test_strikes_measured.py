"""Strokes through the cells of a comb, drawn to measure: which strike a value out, and which writing heeds no cells."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from ocr.fields.strikes import DOUBT_RUNNING, DOUBT_STRUCK, doubt_in_cells
from ocr.segmentation.combs import Comb, Strip
from ocr.segmentation.ink import Ink

_DPI: Final = 200.0
_UNIT: Final = _DPI / 72
_CELL: Final = 15.0
_HIGH: Final = 24.0
_FOOT: Final = 17.0
Line = tuple[float, float, float, float]


def _comb(letters: list[tuple[float, float]], *lines: Line, cells: int = 16, breadth: float = 0.8) -> Comb:
    """Letters by their middles and heights, and lines, all in points from the corner of a row."""
    picture = np.full((round(_HIGH * _UNIT), round(cells * _CELL * _UNIT)), 255, np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * _UNIT), round(y * _UNIT)

    for middle, height in letters:
        cv2.rectangle(picture, at(middle - 3, _FOOT - height), at(middle + 3, _FOOT), 30, 2)
    for x0, y0, x1, y1 in lines:
        cv2.line(picture, at(x0, y0), at(x1, y1), 30, round(breadth * _UNIT))
    edges = tuple((at * _CELL * _UNIT, (at + 1) * _CELL * _UNIT) for at in range(cells))
    count, _, facts, _ = cv2.connectedComponentsWithStats((picture < 165).astype(np.uint8))
    inks = [Ink(x, y, x + width, y + height, area) for x, y, width, height, area in facts[1:count].tolist()]
    sorted_in = tuple(
        tuple(sorted((ink for ink in inks if left <= ink.middle < right), key=lambda ink: ink.x0))
        for left, right in edges
    )
    return Comb((Strip(picture, _DPI, edges, sorted_in),), _DPI)


def _letters(
    count: int, *, height: float = 8.0, pitch: float = _CELL, first: float = _CELL / 2
) -> list[tuple[float, float]]:
    return [(first + pitch * at, height) for at in range(count)]


_WORD: Final = _letters(8)


@pytest.mark.parametrize(
    ("line", "struck"),
    [
        ((2, 13, 110, 13), True),
        ((2, 13, 54, 13), True),
        ((2, 13, 34, 13), False),
        ((2, 15, 110, 9.5), True),
        ((2, 3.5, 110, 3.5), False),
        ((2, 21, 110, 21), False),
        ((2, 8, 110, 8), True),
        ((2, 17, 110, 17), True),
    ],
)
def test_a_level_line_through_a_good_part_of_a_value_strikes_it_out(line: Line, struck: bool) -> None:
    comb = _comb(_WORD, line)
    assert (doubt_in_cells(comb, by_hand=True) == DOUBT_STRUCK) is struck
    assert doubt_in_cells(comb, by_hand=False) == DOUBT_STRUCK or not struck


def test_few_cells_of_a_short_value_are_a_good_part_and_of_a_long_one_they_are_not() -> None:
    line = (2.0, 13.0, 42.0, 13.0)
    assert doubt_in_cells(_comb(_letters(4), line), by_hand=True) == DOUBT_STRUCK
    assert doubt_in_cells(_comb(_letters(15), line), by_hand=True) is None


@pytest.mark.parametrize(("thick", "struck"), [(9.0, True), (14.0, False)])
def test_what_is_as_thick_as_letters_are_tall_is_no_line(thick: float, struck: bool) -> None:
    comb = _comb(_WORD, (2, 13, 110, 13), breadth=thick)
    assert (doubt_in_cells(comb, by_hand=True) == DOUBT_STRUCK) is struck


def test_a_line_where_nothing_is_written_strikes_nothing_out() -> None:
    assert doubt_in_cells(_comb([], (2, 13, 58, 13)), by_hand=True) is None
    assert doubt_in_cells(_comb(_letters(8, height=2.5), (2, 11, 58, 11)), by_hand=True) is None


@pytest.mark.parametrize(
    ("line", "struck"),
    [
        ((20, 20, 50, 5), True),
        ((20, 5, 50, 20), True),
        ((27, 15, 32.5, 9), False),
        ((20, 21, 32, 5), True),
        ((33, 16, 43, 11), False),
    ],
)
def test_a_slanting_line_through_print_strikes_it_out_and_one_as_long_as_a_stroke_does_not(
    line: Line, struck: bool
) -> None:
    comb = _comb(_WORD, line)
    assert (doubt_in_cells(comb, by_hand=False) == DOUBT_STRUCK) is struck
    assert doubt_in_cells(comb, by_hand=True) is None, "a hand slants"


def test_a_hair_on_the_glass_strikes_nothing_out() -> None:
    assert doubt_in_cells(_comb(_WORD, (200, 3, 203, 19), breadth=0.4), by_hand=False) is None
    assert doubt_in_cells(_comb(_WORD, (200, 3, 203, 19), breadth=0.7), by_hand=False) == DOUBT_STRUCK


@pytest.mark.parametrize(
    ("height", "tall", "struck"), [(8, 13.9, True), (8, 11.9, False), (10.5, 14.2, False), (10.5, 16.3, True)]
)
def test_a_stroke_that_towers_over_print_strikes_it_out(height: float, tall: float, struck: bool) -> None:
    comb = _comb(_letters(8, height=height), (_CELL, _FOOT, _CELL, _FOOT - tall))
    assert (doubt_in_cells(comb, by_hand=False) == DOUBT_STRUCK) is struck
    assert doubt_in_cells(comb, by_hand=True) is None


def test_one_row_of_several_that_is_struck_out_makes_a_value_doubtful() -> None:
    plain, struck = _comb(_WORD), _comb(_WORD, (2, 13, 110, 13))
    for rows in ((plain, struck), (struck, plain)):
        assert doubt_in_cells(Comb(tuple(row.strips[0] for row in rows), _DPI), by_hand=True) == DOUBT_STRUCK
    assert doubt_in_cells(Comb(plain.strips * 2, _DPI), by_hand=True) is None


def test_print_in_cells_is_not_struck_out() -> None:
    for height in (5.0, 8.0, 11.0):
        assert doubt_in_cells(_comb(_letters(12, height=height)), by_hand=False) is None


@pytest.mark.parametrize(
    ("letters", "running"),
    [
        (_letters(7, pitch=12.0), True),
        (_letters(7, pitch=12.0)[::-1], True),
        (_letters(10, pitch=13.2), False),
        (_letters(4, pitch=9.0), False),
        (_letters(5, pitch=9.0), True),
        (_letters(10, pitch=9.0, height=3.0), False),
        (_letters(8, pitch=16.875), True),
        (_letters(8, first=2.0), False),
        (_letters(10, first=14.0), False),
    ],
)
def test_letters_by_hand_heed_the_cells_by_their_steps_and_places(
    letters: list[tuple[float, float]], running: bool
) -> None:
    comb = _comb(letters)
    assert doubt_in_cells(comb, by_hand=True) == (DOUBT_RUNNING if running else None)
    assert doubt_in_cells(comb, by_hand=False) is None, "print may run over cells"


@pytest.mark.parametrize(("cells", "running"), [(4.3, True), (3.6, False)])
def test_ink_that_joins_letters_over_cells_is_running_handwriting(cells: float, running: bool) -> None:
    joined = [
        (3 + at * 7.0, 12.0 - 6 * (at % 2), 10 + at * 7.0, 6.0 + 6 * (at % 2)) for at in range(round(cells * 15 / 7))
    ]
    assert doubt_in_cells(_comb([], *joined), by_hand=True) == (DOUBT_RUNNING if running else None)
