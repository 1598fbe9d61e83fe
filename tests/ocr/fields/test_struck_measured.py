"""Lines through ticks, their texts and whole pages, drawn to measure: from which on something is taken back."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, TICK_TEXT_SIZE, layout
from forms.submission import Box
from forms.typesetting import REGULAR, text_width
from ocr.additions.crossed_out import is_crossed_out
from ocr.alignment.sheet import READING_DPI
from ocr.fields.strikes import has_line
from ocr.fields.struck_ticks import crossed_ticks, struck_labels
from ocr.files.page import Page
from specimens.paper import Picture
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("ebok_signup")
_FIELDS: Final = layout(_FORM)
_UNIT: Final = READING_DPI / 72
_BLANK: Final = drawn(draw_blank(_FORM))
_NAME: Final = "notify_email"
"""The tick in the middle of three."""
_BOX: Final = _FIELDS[_NAME].boxes[0]
_TEXT: Final = _FIELDS[_NAME].label_at

Line = tuple[float, float, float, float]


def _with(lines: list[Line], at: tuple[float, float], *, gray: int = 20, breadth: float = 0.8) -> Picture:
    """The blank with lines by points from a corner."""
    page = _BLANK.copy()
    for x0, y0, x1, y1 in lines:
        ends = [(round((x + at[0]) * _UNIT), round((y + at[1]) * _UNIT)) for x, y in ((x0, y0), (x1, y1))]
        cv2.line(page, ends[0], ends[1], gray, round(breadth * _UNIT), cv2.LINE_AA)
    return np.minimum(page, _BLANK)


_CROSS: Final[list[Line]] = [(3, 3, 12, 12), (3, 12, 12, 3)]
_CHECK: Final[list[Line]] = [(3, 8, 6.5, 12), (6.5, 12, 12, 3)]


def _crossed(*lines: Line, breadth: float = 0.8) -> frozenset[str]:
    page = _with(list(lines), _BOX[:2], breadth=breadth)
    return crossed_ticks(Page(1, page, digital=True), sheet_of(page, _FORM), (), ())


@pytest.mark.parametrize("mark", [[], _CROSS, _CHECK, [(3, 7.5, 12, 7.5)], [(3, 3, 12, 12)]])
def test_a_mark_of_few_strokes_is_a_tick_as_it_stands(mark: list[Line]) -> None:
    assert _crossed(*mark) == frozenset()


@pytest.mark.parametrize("line", [(2.5, 7.5, 12.5, 7.5), (7.5, 2.5, 7.5, 12.5), (2.5, 6, 12.5, 9)])
def test_a_cross_with_one_more_stroke_is_taken_back_and_no_other_tick(line: Line) -> None:
    assert _crossed(*_CROSS, line) == {_NAME}


def test_a_stroke_that_shuts_in_paper_takes_a_check_back() -> None:
    assert _crossed(*_CHECK, (3, 8, 12, 4)) == {_NAME}
    assert _crossed(*_CHECK, (2.5, 8.5, 10.5, 8.5)) == {_NAME}


def test_thin_strokes_shut_in_paper_too() -> None:
    ring: list[Line] = [(7.5, 3.5, 11.5, 7.5), (11.5, 7.5, 7.5, 11.5), (7.5, 11.5, 3.5, 7.5), (3.5, 7.5, 7.5, 3.5)]
    assert _crossed(*ring, breadth=0.3) == {_NAME}
    assert _crossed(*ring[:3], breadth=0.3) == frozenset()


def test_a_surface_over_the_whole_box_takes_it_back_and_one_that_leaves_its_edge_is_a_tick() -> None:
    whole: list[Line] = [(0, float(at), 15, float(at)) for at in range(16)]
    inner: list[Line] = [(4, float(at), 11, float(at)) for at in range(4, 12)]
    assert _crossed(*whole, breadth=1.4) == {_NAME}
    assert _crossed(*inner, breadth=1.4) == frozenset()


@pytest.mark.parametrize(
    ("line", "crossed"),
    [
        ((-5, 7.5, 20, 7.5), True),
        ((7.5, -5, 7.5, 20), True),
        ((-4, -4, 19, 19), True),
        ((-4, 19, 19, -4), True),
        ((-5, 6, 20, 9), True),
        ((-5, 7.5, 13, 7.5), False),
        ((2, 7.5, 20, 7.5), False),
        ((7.5, 2, 7.5, 20), False),
        ((-0.5, 7.5, 15.5, 7.5), False),
    ],
)
def test_a_line_that_goes_on_beyond_both_sides_of_a_box_takes_its_tick_back(line: Line, crossed: bool) -> None:
    assert (_NAME in _crossed(line)) is crossed


def test_marks_on_two_sides_that_do_not_face_each_other_are_no_line() -> None:
    assert _crossed(*_CHECK, (-5, 7.5, 1, 7.5), (7.5, 14, 7.5, 20)) == frozenset()


def test_marks_far_from_a_box_are_no_part_of_a_line_through_it() -> None:
    assert _crossed(*_CHECK, (-20, 7.5, -8.5, 7.5), (-20, 9.5, -8.5, 9.5), (16.5, 7.5, 20, 7.5)) == frozenset()


def _lettered(box: Box) -> Picture:
    """Letters of the page itself in a box."""
    x0, top, x1, bottom = (round(edge * _UNIT) for edge in box)
    page = _BLANK.copy()
    page[top:bottom, x0:x1] = 0
    return page


def test_a_tick_that_is_a_letter_is_crossed_where_something_lies_over_it() -> None:
    x0, top, x1, bottom = _BOX
    letters = _lettered((x0 + 5, top + 5, x1 - 5, bottom - 5))
    page = Page(1, letters, digital=True, lettering=letters)
    sheet = sheet_of(letters, _FORM)
    assert crossed_ticks(page, sheet, (), ()) == frozenset()
    assert crossed_ticks(page, sheet, {_NAME}, ()) == {_NAME}
    assert crossed_ticks(page, sheet, {"notify_sms"}, ()) == frozenset()
    assert crossed_ticks(Page(1, letters, digital=True), sheet, {_NAME}, ()) == frozenset()
    bare = Page(1, letters, digital=True, lettering=_BLANK)
    assert crossed_ticks(bare, sheet, {_NAME}, ()) == frozenset(), "what was drawn is no letter"


def _struck(page: Picture, lettering: Picture | None = None) -> frozenset[str]:
    return struck_labels(Page(1, page, digital=True, lettering=lettering), sheet_of(page, _FORM), paper=True)


def _over_text(*lines: Line, gray: int = 20, breadth: float = 0.8) -> Picture:
    return _with(list(lines), _TEXT, gray=gray, breadth=breadth)


def test_a_shadow_or_a_stain_over_the_text_of_a_tick_is_no_line_through_it() -> None:
    upright, stain = (40.0, -10.0, 40.0, 26.0), (90.0, 8.0, 108.0, 8.0)
    assert _struck(_over_text(upright, gray=150, breadth=16)) == frozenset()
    assert _struck(_over_text(stain, gray=150, breadth=10)) == frozenset()
    assert _struck(_over_text((20, 8, 130, 8), upright, gray=150, breadth=1.6)) == {_NAME}


@pytest.mark.parametrize("lettering", [None, np.full_like(_BLANK, 255)])
@pytest.mark.parametrize(
    ("line", "struck"),
    [
        ((20, 7, 60, 7), True),
        ((20, 7, 27, 7), False),
        ((20, 5, 60, 7), True),
        ((20, 8, 60, 6), True),
        ((20, 0, 45, 14), False),
        ((20, 14.5, 60, 14.5), False),
        ((400, 7, 440, 7), False),
    ],
)
def test_on_paper_a_text_is_struck_by_a_nearly_level_line_longer_than_a_stroke_of_its_letters(
    line: Line, struck: bool, lettering: Picture | None
) -> None:
    assert _struck(_over_text(line), lettering) == ({_NAME} if struck else frozenset())


def test_the_text_of_a_tick_is_not_struck_by_itself() -> None:
    assert _struck(_BLANK) == frozenset()
    assert _struck(_BLANK, _BLANK) == frozenset()


@pytest.mark.parametrize(
    ("line", "gray", "struck"),
    [
        ((20, 7, 25, 7), 20, True),
        ((20, 3, 60, 11), 20, True),
        ((20, 7, 60, 7), 215, True),
        ((20, 7, 60, 7), 250, False),
        ((20, 14.8, 25, 14.8), 20, False),
        ((20, 14.5, 60, 14.5), 20, False),
        ((2, -4, 2, -1), 20, False),
    ],
)
def test_where_letters_are_known_whatever_else_is_drawn_in_a_text_strikes_it(
    line: Line, gray: int, struck: bool
) -> None:
    assert _struck(_over_text(line, gray=gray), _BLANK) == ({_NAME} if struck else frozenset())


def test_letters_of_which_few_are_known_are_no_line_over_their_own_text() -> None:
    outlined, x, top = _BLANK.copy(), *_TEXT
    wide = text_width(_FIELDS[_NAME].label[0], REGULAR, TICK_TEXT_SIZE)
    outlined[round(top * _UNIT) : round((top + 15) * _UNIT), round((x + wide / 5) * _UNIT) :] = 255
    assert _struck(_BLANK, outlined) == frozenset()
    assert _struck(_over_text((20, 7, 60, 7)), outlined) == {_NAME}


def test_a_line_over_any_part_of_a_text_strikes_it() -> None:
    wide = text_width(_FIELDS[_NAME].label[0], REGULAR, TICK_TEXT_SIZE)
    assert _struck(_over_text((0.5, 7, 8, 7)), _BLANK) == {_NAME}
    assert _struck(_over_text((wide - 8, 7, wide - 1, 7)), _BLANK) == {_NAME}


def _bar(*, long: float, rise: float = 0.0, gaps: bool = False) -> Picture:
    dark = np.zeros((80, 200), np.uint8)
    cv2.line(dark, (20, 40), (20 + round(long), 40 - round(rise * long)), 1, 2)
    if gaps:
        dark[:, 50:54] = 0
    return dark


def test_a_line_is_as_long_as_is_asked_at_one_of_the_slopes_and_has_no_gaps() -> None:
    assert has_line(_bar(long=60) > 0, 2.0, 28.0)
    assert not has_line(_bar(long=50) > 0, 2.0, 28.0)
    assert not has_line(_bar(long=60, gaps=True) > 0, 2.0, 28.0)
    for slope in (0.5, -0.5, 1.0):
        steep = _bar(long=60 if abs(slope) < 1 else 30, rise=slope) > 0
        assert not has_line(steep, 2.0, 20.0)
        assert has_line(steep, 2.0, 20.0, (0.0, slope))
        assert not has_line(steep, 2.0, 20.0, (-slope,))
    assert not has_line(_bar(long=60, rise=0.5) > 0, 2.0, 36.0, (0.5,)), "60 across are 67 along, 72 are asked"
    assert has_line(_bar(long=60, rise=0.5) > 0, 2.0, 32.0, (0.5,))


def _page(line: Line, *, tone: int = 20, breadth: float = 1.2, dashes: int = 1, filled: float = 1.0) -> Picture:
    """The blank with a line, in shares of the page."""
    page = _BLANK.copy()
    (x0, y0), (x1, y1) = ((x * PAGE_WIDTH * _UNIT, y * PAGE_HEIGHT * _UNIT) for x, y in (line[:2], line[2:]))
    for at in range(dashes):
        start, end = at / dashes, (at + filled) / dashes
        ends = [(round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share)) for share in (start, end)]
        cv2.line(page, ends[0], ends[1], tone, round(breadth * _UNIT), cv2.LINE_AA)
    return page


def _is_crossed_out(page: Picture, *, paper: bool) -> bool:
    return is_crossed_out(Page(1, page, digital=not paper), sheet_of(page, _FORM), paper=paper)


@pytest.mark.parametrize("paper", [True, False])
@pytest.mark.parametrize(
    ("line", "crossed"),
    [
        ((0.1, 0.1, 0.9, 0.9), True),
        ((0.9, 0.1, 0.1, 0.9), True),
        ((0.1, 0.3, 0.9, 0.6), True),
        ((0.35, 0.1, 0.65, 0.9), True),
        ((0.2, 0.3, 0.5, 0.63), True),
        ((0.2, 0.3, 0.35, 0.45), False),
        ((0.1, 0.4, 0.9, 0.45), False),
        ((0.97, 0.1, 0.99, 0.9), False),
    ],
)
def test_a_long_slanting_line_crosses_a_page_out_and_a_short_a_level_or_an_upright_one_does_not(
    line: Line, crossed: bool, paper: bool
) -> None:
    assert _is_crossed_out(_page(line), paper=paper) is crossed


@pytest.mark.parametrize("paper", [True, False])
def test_a_blank_is_not_crossed_out(paper: bool) -> None:
    assert not _is_crossed_out(_BLANK, paper=paper)


def test_a_line_on_gray_paper_is_seen_and_the_paper_is_no_ink() -> None:
    gray = np.full_like(_BLANK, 150)
    assert not _is_crossed_out(np.minimum(_BLANK, gray), paper=True)
    assert _is_crossed_out(np.minimum(_page((0.1, 0.1, 0.9, 0.9)), gray), paper=True)


def test_the_edge_of_a_shadow_is_no_line() -> None:
    assert _is_crossed_out(_page((0.1, 0.1, 0.9, 0.9), breadth=3.0), paper=True)
    assert not _is_crossed_out(_page((0.1, 0.1, 0.9, 0.9), breadth=9.0), paper=True)


def test_a_pale_line_crosses_out_a_drawn_page_and_is_dirt_on_paper() -> None:
    pale = _page((0.1, 0.1, 0.9, 0.9), tone=200)
    assert _is_crossed_out(pale, paper=False)
    assert not _is_crossed_out(pale, paper=True)
    assert not _is_crossed_out(_page((0.1, 0.1, 0.9, 0.9), tone=245), paper=False)


def test_dashes_far_apart_are_no_line() -> None:
    assert _is_crossed_out(_page((0.1, 0.1, 0.9, 0.9), dashes=40, filled=0.3), paper=True)
    assert not _is_crossed_out(_page((0.1, 0.1, 0.9, 0.9), dashes=12, filled=0.3), paper=True)
