"""Ticks and signatures drawn to measure: how long, how dark, how wide, and what around the box makes them doubtful."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from forms.catalogue import form_by_code
from forms.layout import layout
from forms.submission import FieldValue, Source
from ocr.alignment.sheet import READING_DPI
from ocr.fields.signatures import DOUBT_CROSSES, DOUBT_DOTS, DOUBT_PALE, DOUBT_SIGNATURE, DOUBT_STAMP, read_signature
from ocr.fields.ticks import DOUBT_BLOT, DOUBT_FAINT, DOUBT_TAKEN_BACK, DOUBT_TICK, read_tick
from ocr.files.page import GrayImage

_FORM: Final = form_by_code("einvoice_acceptance")
_TICK: Final = layout(_FORM)["accept_terms"]
_SIGNED: Final = layout(_FORM)["signature"]
_UNIT: Final = READING_DPI / 72

Line = tuple[float, float, float, float]


def _drawn(
    item_at: tuple[float, float], lines: list[Line], *, gray: int = 30, breadth: float = 1.0, frame: float = 0.0
) -> GrayImage:
    """Lines by points from a corner, and a frame of that side around them."""
    sheet = np.full((round(842 * _UNIT), round(595 * _UNIT)), 255, np.uint8)
    x, y = item_at

    def at(across: float, down: float) -> tuple[int, int]:
        return round((x + across) * _UNIT), round((y + down) * _UNIT)

    if frame:
        cv2.rectangle(sheet, at(0, 0), at(frame, frame), 0, 2)
    for x0, y0, x1, y1 in lines:
        cv2.line(sheet, at(x0, y0), at(x1, y1), gray, round(breadth * _UNIT), cv2.LINE_AA)
    return sheet


def _tick(*lines: Line, gray: int = 30, breadth: float = 1.0) -> FieldValue:
    """The box is 15 points wide, of which 11 within its frame are looked at."""
    x0, top, x1, _ = _TICK.boxes[0]
    sheet = _drawn((x0, top), list(lines), gray=gray, breadth=breadth, frame=x1 - x0)
    return _sure_as_it_is_trusted(read_tick(sheet, READING_DPI, _TICK))


def _sure_as_it_is_trusted(found: FieldValue) -> FieldValue:
    assert 0.97 < found.confidence < 1 if found.trusted else 0.4 < found.confidence < 0.7
    return found


_CROSS: Final = ((3.0, 3.0, 12.0, 12.0), (3.0, 12.0, 12.0, 3.0))


def test_a_cross_in_a_box_is_a_tick_and_an_empty_box_is_none() -> None:
    ticked, empty = _tick(*_CROSS), _tick()
    assert (ticked.value, ticked.trusted, ticked.source) == (True, True, Source.TICK)
    assert (empty.value, empty.trusted, empty.doubt) == (False, True, None)
    for one in (ticked, empty):
        assert (one.page, one.box) == (_TICK.page, _TICK.bounds)
        assert one.confidence > 0.97
    assert empty.raw == "0.000"
    assert 0.15 < float(ticked.raw or 0) < 0.5


@pytest.mark.parametrize(("long", "doubt"), [(2.5, DOUBT_TICK), (8.5, None)])
def test_a_stroke_is_a_tick_from_half_the_side_of_the_box(long: float, doubt: str | None) -> None:
    found = _tick(*((4, top, 4 + long, top + (long - 2.5) / 2) for top in (5, 6, 7)), breadth=1.2)
    assert (found.value, found.doubt) == (True, doubt)


@pytest.mark.parametrize(
    "lines",
    [
        [(3, 7.5, 12, 7.5)],
        [(7.5, 3, 7.5, 12)],
        [(4, 4, 11, 4), (11, 4, 11, 11), (11, 11, 4, 11), (4, 11, 4, 4)],
        [(4, 3, 4, 12), (4, 3, 11, 12), (11, 12, 11, 3)],
        [(3, 4, 3, 11), (3, 4, 6, 11), (6, 4, 6, 11), (8, 4, 8, 11), (10, 4, 10, 11), (10, 4, 12, 4)],
    ],
    ids=["dash", "upright", "square", "N", "NIE"],
)
def test_a_dash_a_ring_and_letters_are_no_tick_for_sure(lines: list[Line]) -> None:
    found = _tick(*lines, breadth=1.0 if len(lines) == 1 else 0.4)
    assert (found.trusted, found.doubt) == (False, DOUBT_TICK)


@pytest.mark.parametrize(
    "lines",
    [
        [*_CROSS],
        [(3, 8, 6, 12), (6, 12, 12, 3)],
        [(3, 12, 12, 3)],
        [(3, 3, 12, 12), (12, 12, 12, 4), (12, 4, 3, 12)],
        [*((x, 3, x + 0.8, 12) for x in (3, 4.5, 6, 7.5, 9, 10.5)), (3, 7, 12, 8)],
    ],
    ids=["cross", "hook", "slash", "cross in one stroke", "scribbled"],
)
def test_marks_of_any_hand_are_ticks(lines: list[Line]) -> None:
    found = _tick(*lines)
    assert (found.value, found.trusted) == (True, True)


def test_little_ink_is_no_tick_for_sure_and_hardly_any_is_none() -> None:
    short = _tick((5, 5, 8, 5), breadth=0.8)
    assert (short.value, short.trusted, short.doubt) == (False, False, DOUBT_TICK)
    speck = _tick((5, 5, 5.4, 5), breadth=0.5)
    assert (speck.value, speck.trusted) == (False, True)


@pytest.mark.parametrize(
    ("gray", "value", "doubt"),
    [(164, True, None), (165, True, DOUBT_FAINT), (221, True, DOUBT_FAINT), (222, False, None)],
)
def test_a_pale_cross_is_ink_or_a_question_or_nothing(gray: int, value: bool, doubt: str | None) -> None:
    found = _tick(*_CROSS, gray=gray, breadth=1.4)
    assert (found.value, found.doubt, found.trusted) == (value, doubt, doubt is None)


def test_pale_ink_that_stands_around_the_box_as_much_is_none_of_its_own() -> None:
    around = [(-6.0, at, 21.0, at) for at in (-4.0, -2.0, 2.0, 5.0, 8.0, 11.0, 17.0, 19.0)]
    found = _tick(*around, gray=200, breadth=1.6)
    assert (found.value, found.trusted) == (False, True)


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ((-5.0, 7.5, 20.0, 7.5), DOUBT_TAKEN_BACK),
        ((7.5, -5.0, 7.5, 20.0), DOUBT_TAKEN_BACK),
        ((-5.0, 4.2, 20.0, 10.8), DOUBT_TAKEN_BACK),
        ((-5.0, 10.8, 20.0, 4.2), DOUBT_TAKEN_BACK),
        ((-5.0, 0.3, 20.0, 14.7), None),
        ((-5.0, 7.5, 10.0, 7.5), None),
        ((7.5, 4.0, 7.5, 20.0), None),
        ((-4.5, -4.5, 19.5, 19.5), None),
    ],
)
def test_a_line_from_side_to_side_takes_a_tick_back_and_one_over_a_corner_or_one_side_does_not(
    line: Line, doubt: str | None
) -> None:
    found = _tick(_CROSS[0], line, breadth=0.7)
    assert (found.value, found.doubt) == (True, doubt)


def _ringed(share: float) -> FieldValue:
    """With so much of a ring around the box."""
    x0, top, x1, bottom = _TICK.boxes[0]
    sheet = _drawn((x0, top), list(_CROSS), frame=x1 - x0)
    middle = round((x0 + x1) / 2 * _UNIT), round((top + bottom) / 2 * _UNIT)
    radius = round(11.6 * _UNIT)
    cv2.ellipse(sheet, middle, (radius, radius), 45, 0, 360 * share, 30, 4, cv2.LINE_AA)
    return read_tick(sheet, READING_DPI, _TICK)


def test_a_tick_in_a_ring_may_be_taken_back_and_a_hook_beside_it_is_part_of_it() -> None:
    assert _ringed(1.0).doubt == DOUBT_TAKEN_BACK
    assert _ringed(0.12).trusted


def test_a_box_that_is_filled_beyond_its_edges_is_a_blot_and_one_that_is_filled_within_them_a_tick() -> None:
    blot = [(-4.0, float(at), 19.0, float(at)) for at in range(-3, 19)]
    assert _tick(*blot, breadth=1.4).doubt == DOUBT_BLOT
    within = [(3.0, float(at), 12.0, float(at)) for at in range(3, 13)]
    assert _tick(*within, breadth=1.2).trusted


def _signature(*lines: Line, gray: int = 30, breadth: float = 1.0) -> FieldValue:
    x0, top, _, _ = _SIGNED.boxes[0]
    sheet = _drawn((x0, top), list(lines), gray=gray, breadth=breadth)
    return _sure_as_it_is_trusted(read_signature(sheet, READING_DPI, _SIGNED))


def test_what_is_told_of_a_signature_is_its_ink_in_square_points_and_its_width() -> None:
    ink, width = _signature((40, 15, 120, 15), (40, 25, 120, 25), breadth=2.0).raw.split("/")
    assert int(ink) == pytest.approx(2 * 82 * 2.5, rel=0.03), "with its softened edges a stroke is half a point broader"
    assert int(width) == pytest.approx(80 + 2, abs=1.5)


def _zigzag(wide: float, high: float, strokes: int, *, left: float = 40.0, top: float = 12.0) -> list[Line]:
    step = wide / strokes
    return [
        (left + step * at, top + high * (at % 2), left + step * (at + 1), top + high * (1 - at % 2))
        for at in range(strokes)
    ]


def test_a_winding_line_as_wide_as_a_name_is_a_signature_and_nothing_is_none() -> None:
    signed, empty = _signature(*_zigzag(90, 22, 12)), _signature()
    assert (signed.value, signed.trusted, signed.doubt, signed.source) == (True, True, None, Source.SIGNATURE)
    assert (empty.value, empty.trusted, empty.raw) == (False, True, "0/0")
    for one in (signed, empty):
        assert (one.page, one.box) == (_SIGNED.page, _SIGNED.bounds)
        assert one.confidence > 0.95


@pytest.mark.parametrize(("wide", "doubt"), [(44, DOUBT_SIGNATURE), (60, None)])
def test_a_signature_for_sure_has_the_width_of_a_word(wide: float, doubt: str | None) -> None:
    found = _signature(*_zigzag(wide, 22, 10))
    assert (found.value, found.doubt) == (True, doubt)


@pytest.mark.parametrize(("high", "strokes", "doubt"), [(3, 2, DOUBT_DOTS), (10, 20, None)])
def test_a_slip_of_the_pen_is_hardly_longer_than_it_is_wide(high: float, strokes: int, doubt: str | None) -> None:
    assert _signature(*_zigzag(80, high, strokes)).doubt == doubt


def _crosses(count: int, pitch: float) -> list[Line]:
    return [
        line
        for at in range(count)
        for left in (40 + pitch * at,)
        for line in ((left, 14, left + 14, 28), (left, 28, left + 14, 14))
    ]


def test_a_few_crosses_are_no_signature_for_sure_and_many_letters_are() -> None:
    assert _signature(*_crosses(3, 26)).doubt == DOUBT_CROSSES
    assert _signature(*_crosses(4, 28)).doubt == DOUBT_CROSSES
    assert _signature(*_crosses(6, 26)).trusted
    assert _signature(*_crosses(4, 60)).doubt != DOUBT_CROSSES


def _stamped(letters: int) -> list[Line]:
    return [
        line
        for at in range(letters)
        for left in (40 + 9 * at,)
        for line in ((left, 20, left, 26), (left, 23, left + 4, 23), (left + 4, 20, left + 4, 26))
    ]


def test_a_row_of_small_letters_is_a_stamp_unless_somebody_signed_over_it() -> None:
    assert _signature(*_stamped(16)).doubt == DOUBT_STAMP
    assert _signature(*_stamped(12)).doubt != DOUBT_STAMP
    assert _signature(*_stamped(16), *_zigzag(150, 26, 24, top=6, left=45)).trusted


def _dots(count: int, *, level: bool) -> list[Line]:
    return [
        (40 + 9.0 * at, y, 41 + 9.0 * at, y) for at in range(count) for y in (20.0 if level else 12 + 7.0 * (at % 4),)
    ]


def test_dots_of_a_pen_are_a_question_and_a_printed_line_of_dots_is_none() -> None:
    strewn = _signature(*_dots(8, level=False), breadth=1.4)
    assert (strewn.value, strewn.trusted, strewn.doubt) == (False, False, DOUBT_DOTS)
    assert _signature(*_dots(20, level=True), breadth=1.4).trusted
    assert _signature(*_dots(8, level=True), breadth=1.4).doubt == DOUBT_DOTS
    assert _signature(*_dots(2, level=False), breadth=0.5).trusted
    sloping = [(40 + 9.0 * at, 20 + 0.09 * at, 41 + 9.0 * at, 20 + 0.09 * at) for at in range(20)]
    assert _signature(*sloping, breadth=1.4).trusted
    steep = [(40 + 9.0 * at, 15 + 0.6 * at, 41 + 9.0 * at, 15 + 0.6 * at) for at in range(20)]
    assert _signature(*steep, breadth=1.4).doubt == DOUBT_DOTS
    beside = [(x, 10.0, end, 10.0) for x, _, end, _ in _dots(8, level=True)]
    assert _signature(*_dots(20, level=True), *beside, breadth=1.4).doubt == DOUBT_DOTS


def test_a_pale_stroke_is_a_question_where_nothing_else_is() -> None:
    long = _signature((40, 20, 75, 24), gray=190, breadth=1.2)
    assert (long.value, long.trusted, long.doubt) == (True, False, DOUBT_PALE)
    short = _signature((40, 20, 52, 24), gray=190, breadth=1.2)
    assert (short.value, short.trusted) == (False, True)


def test_the_remark_at_the_foot_of_the_box_is_no_signature_however_wide() -> None:
    height = _SIGNED.bounds[3] - _SIGNED.bounds[1]
    for foot in (9, 14):
        remark = [(40 + 8.0 * at, height - foot, 44 + 8.0 * at, height - foot + 4) for at in range(20)]
        found = _signature(*remark)
        assert (found.value, found.trusted) == (False, True)
        pale = _signature((40, height - foot + 1, 90, height - foot + 2), gray=190, breadth=1.2)
        assert (pale.value, pale.trusted) == (False, True)
    higher = [(40 + 8.0 * at, height - 19, 44 + 8.0 * at, height - 15) for at in range(20)]
    assert _signature(*higher).value is True
