"""Ink beside the boxes drawn to measure: what is writing, how far it reaches, and what pale strokes in cells are."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.layout import TICK_TEXT_SIZE, layout
from forms.submission import Box
from forms.typesetting import REGULAR, text_width
from ocr.alignment.sheet import READING_DPI
from ocr.fields.stray_ink import DOUBT_ADDED, DOUBT_BESIDE, DOUBT_PALE, DOUBT_SIGNED_BESIDE, Stray, StrayInk
from specimens.paper import Picture
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("ebok_signup")
_FIELDS: Final = layout(_FORM)
_UNIT: Final = READING_DPI / 72
_BLANK: Final = drawn(draw_blank(_FORM))
_X0, _TOP, _X1, _BOTTOM = _FIELDS["town"].bounds
"""A field with free paper above, below and on both sides."""


def _inked(*boxes: Box, tone: int = 30, page: Picture = _BLANK) -> Picture:
    inked = page.copy()
    for box in boxes:
        x0, top, x1, bottom = (round(edge * _UNIT) for edge in box)
        inked[top:bottom, x0:x1] = np.minimum(inked[top:bottom, x0:x1], tone)
    return inked


def _strays(*boxes: Box, tone: int = 30) -> tuple[Stray, ...]:
    return StrayInk(sheet_of(_inked(*boxes, tone=tone), _FORM)).pieces


def _free(wide: float, high: float, across: float = 0.0) -> Box:
    """A stroke of that size on the free paper to the right of the ticks."""
    return 440 + across, 560, 440 + across + wide, 560 + high


@pytest.mark.parametrize(
    ("box", "tone", "writing"),
    [
        (_free(8, 1.5), 30, True),
        (_free(1.5, 8), 30, True),
        (_free(3.4, 2.8), 30, False),
        (_free(5, 1), 30, False),
        (_free(1.5, 30), 30, True),
        (_free(1.5, 38), 30, False),
        (_free(8, 7), 30, False),
        (_free(8, 1.5), 130, True),
        (_free(8, 1.5), 155, False),
        (_free(8, 1.5), 175, False),
    ],
)
def test_writing_is_thin_dark_and_neither_a_speck_nor_a_stamp(box: Box, tone: int, writing: bool) -> None:
    assert (len(_strays(box, tone=tone)) == 1) is writing


def test_a_piece_of_writing_has_its_place_and_its_ink() -> None:
    (piece,) = _strays(_free(20, 1.5))
    assert piece.box == pytest.approx(_free(20, 1.5), abs=0.8)
    assert piece.ink == pytest.approx(20 * 1.5, rel=0.2)
    assert piece.width == pytest.approx(20, abs=1)


@pytest.mark.parametrize(("gap", "count"), [(5.0, 1), (10.0, 2)])
def test_letters_close_together_are_one_word(gap: float, count: int) -> None:
    assert len(_strays(_free(1.5, 8), _free(1.5, 8, 1.5 + gap))) == count


def test_what_touches_the_edge_of_the_page_is_no_writing() -> None:
    assert _strays((0, 560, 12, 561.5)) == ()
    assert _strays((583, 560, 595.3, 561.5)) == ()
    assert len(_strays((6, 560, 18, 561.5))) == 1


_TICK: Final = _FIELDS["notify_sms"].bounds
_SIGNED: Final = _FIELDS["signature"].bounds


@pytest.mark.parametrize(
    ("box", "stray"),
    [
        ((300, _TOP - 5, 312, _TOP - 3.5), False),
        ((300, _TOP - 9, 312, _TOP - 7.5), True),
        ((300, _BOTTOM + 3, 312, _BOTTOM + 4.5), False),
        ((300, _BOTTOM + 8, 312, _BOTTOM + 9.5), True),
        ((_X0 - 3, 392, _X0 - 1.5, 402), False),
        ((_X1 + 1.5, 392, _X1 + 3, 402), False),
        ((_X1 + 6, 392, _X1 + 7.5, 402), True),
        ((_TICK[0] - 8, 541, _TICK[0] - 6.5, 551), False),
        ((_TICK[0] - 14, 541, _TICK[0] - 12.5, 551), True),
        ((_SIGNED[2] + 11, 700, _SIGNED[2] + 12.5, 712), False),
        ((_SIGNED[2] + 19, 700, _SIGNED[2] + 20.5, 712), True),
        ((300, _SIGNED[3] + 3.5, 312, _SIGNED[3] + 5), False),
    ],
)
def test_what_writing_in_a_box_leaves_over_its_edge_is_its_own(box: Box, stray: bool) -> None:
    assert bool(_strays(box)) is stray


def _doubts(picture: Picture, *, filled: bool = False, reach: float = 1.0) -> dict[str, str]:
    sheet = sheet_of(picture, _FORM)
    strays = StrayInk(sheet, reach)
    told = {item.field.name: strays.doubt(item, "x" if filled else None) for item in sheet.fields}
    return {name: doubt for name, doubt in told.items() if doubt is not None}


@pytest.mark.parametrize(("down", "near"), [(7.0, True), (10.0, True), (15.5, False)])
def test_a_remark_below_a_field_is_meant_for_it_as_far_as_people_write(down: float, near: bool) -> None:
    page = _inked((500, _BOTTOM + down, 540, _BOTTOM + down + 1.5))
    assert _doubts(page) == ({"town": DOUBT_BESIDE} if near else {})
    assert _doubts(page, filled=True) == ({"town": DOUBT_ADDED} if near else {})
    assert "town" in _doubts(page, reach=2.0)


@pytest.mark.parametrize(("across", "near"), [(6.0, True), (15.5, True), (19.0, False)])
def test_a_remark_behind_a_field_is_meant_for_it_as_far_as_people_write(across: float, near: bool) -> None:
    page = _inked((_X1 + across, 392, _X1 + across + 1.5, 402))
    assert ("town" in _doubts(page)) is near


def _under_words(name: str, across: float, down: float) -> Picture:
    x, _ = _FIELDS[name].label_at
    bottom = _FIELDS[name].bounds[3]
    return _inked((x + across, bottom + down, x + across + 20, bottom + down + 1.5))


@pytest.mark.parametrize(("across", "down", "near"), [(30, 4, True), (70, 4, True), (30, 12, True), (30, 15.5, False)])
def test_a_remark_under_the_words_of_a_tick_is_meant_for_it_however_far_from_its_box(
    across: float, down: float, near: bool
) -> None:
    assert _doubts(_under_words("accept_terms", across, down)) == ({"accept_terms": DOUBT_BESIDE} if near else {})


@pytest.mark.parametrize("behind", [14, 60, 200])
def test_a_remark_behind_the_words_of_a_tick_is_meant_for_it_however_far(behind: float) -> None:
    item = _FIELDS["accept_terms"]
    x = item.label_at[0] + text_width(item.label[0], REGULAR, TICK_TEXT_SIZE) + behind
    page = _inked((x, item.bounds[1] + 6, x + 12, item.bounds[1] + 7.5))
    assert _doubts(page, filled=True) == {"accept_terms": DOUBT_ADDED}
    below = _inked((x, item.bounds[3] + 15.5, x + 12, item.bounds[3] + 17))
    assert _doubts(below, filled=True) == {}


def test_a_remark_between_the_words_of_two_ticks_may_be_meant_for_both_and_a_nearer_one_is_not() -> None:
    upper, lower = _FIELDS["notify_sms"].bounds[3], _FIELDS["notify_email"].bounds[1]
    middle = (upper + lower) / 2
    assert set(_doubts(_inked((200, middle - 0.7, 220, middle + 0.7)))) == {"notify_sms", "notify_email"}
    assert set(_doubts(_inked((200, lower + 12.5, 220, lower + 14)))) == {"notify_email"}


@pytest.mark.parametrize(("wide", "signed"), [(24, False), (34, True)])
def test_as_much_as_a_name_beside_the_place_for_a_signature_may_be_one(wide: float, signed: bool) -> None:
    x0, top, _, _ = _SIGNED
    page = _inked((x0 + 120, top - 11, x0 + 120 + wide, top - 9.5))
    assert _doubts(page) == ({"signature": DOUBT_SIGNED_BESIDE} if signed else {})
    assert _doubts(page, filled=True) == {}, "a signature may have remarks around it"


def _pale(cells: int, share: float = 0.25, tone: int = 205) -> Picture:
    """Pale strokes in so many cells of a field."""
    page = _BLANK
    for x0, top, x1, bottom in _FIELDS["town"].boxes[:cells]:
        middle, wide = (x0 + x1) / 2, (x1 - x0) * share / 2
        page = _inked((middle - wide, top + 4.5, middle + wide, bottom - 4.5), tone=tone, page=page)
    return page


def test_pale_strokes_in_two_cells_of_an_empty_field_are_writing() -> None:
    assert _doubts(_pale(2)) == {"town": DOUBT_PALE}
    assert _doubts(_pale(1)) == {}
    assert _doubts(_pale(2), filled=True) == {}
    assert _doubts(_pale(2, tone=240)) == {}


@pytest.mark.parametrize("side", range(4))
def test_a_pale_band_along_the_lines_of_the_cells_is_no_writing(side: int) -> None:
    page = _BLANK
    for box in _FIELDS["town"].boxes:
        band = list(box)
        band[(side + 2) % 4] = box[side] + (2.2 if side < 2 else -2.2)
        page = _inked((band[0], band[1], band[2], band[3]), tone=205, page=page)
    assert _doubts(page) == {}


def test_where_the_paper_is_stained_pale_strokes_say_nothing() -> None:
    stained = np.minimum(_pale(4), 255)
    stained[round(620 * _UNIT) : round(650 * _UNIT), :] = np.minimum(
        stained[round(620 * _UNIT) : round(650 * _UNIT), :], 205
    )
    assert _doubts(stained) == {}


def _softened(page: Picture) -> Picture:
    return cv2.GaussianBlur(page, (0, 0), 1.2).astype(np.uint8)


def test_an_unsharp_page_has_no_writing_beside_its_print() -> None:
    assert _doubts(_softened(_BLANK)) == {}
