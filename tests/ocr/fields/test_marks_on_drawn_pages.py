"""What differs from the lettering of a drawn page lies over a value; what stands at a tick is meant for the nearest."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.layout import layout
from forms.submission import Box
from ocr.alignment.sheet import READING_DPI
from ocr.fields.drawn_over import drawn_over, marked_ticks
from ocr.files.page import Page
from specimens.paper import Picture
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("ebok_signup")
_FIELDS: Final = layout(_FORM)
_SCALE: Final = READING_DPI / 72
_BLANK: Final = drawn(draw_blank(_FORM))
_WHITE: Final = np.full_like(_BLANK, 255)


def _marked(picture: Picture, box: Box, tone: int = 0) -> Picture:
    marked = picture.copy()
    x0, top, x1, bottom = (round(edge * _SCALE) for edge in box)
    marked[top:bottom, x0:x1] = tone
    return marked


def _over(picture: Picture, lettering: Picture | None = _WHITE) -> frozenset[str]:
    return drawn_over(Page(1, picture, digital=True, lettering=lettering), sheet_of(picture, _FORM))


def _at_ticks(picture: Picture) -> frozenset[str]:
    return marked_ticks(Page(1, picture, digital=True), sheet_of(picture, _FORM))


def _in_cell(name: str, wide: float, high: float, at: int = 3) -> Box:
    """A box of that size in the middle of a cell."""
    x0, top, x1, bottom = _FIELDS[name].boxes[at]
    across, down = (x0 + x1) / 2, (top + bottom) / 2
    return across - wide / 2, down - high / 2, across + wide / 2, down + high / 2


def test_a_mark_makes_the_field_that_it_lies_in_foreign_and_no_other() -> None:
    assert _over(_BLANK) == frozenset()
    assert _over(_marked(_BLANK, _in_cell("email", 6, 1))) == {"email"}
    both = _marked(_marked(_BLANK, _in_cell("email", 6, 1)), _in_cell("pesel", 6, 1))
    assert _over(both) == {"email", "pesel"}


def test_a_mark_in_any_row_of_a_comb_is_seen() -> None:
    last = len(_FIELDS["email"].boxes) - 1
    assert last >= 20, "the comb of an address has two rows"
    assert _over(_marked(_BLANK, _in_cell("email", 6, 1, last))) == {"email"}


def test_what_the_page_writes_itself_is_not_foreign_and_what_hides_it_is() -> None:
    value = _in_cell("email", 5, 5)
    written = _marked(_BLANK, value)
    assert _over(written, _marked(_WHITE, value)) == frozenset()
    assert _over(_BLANK, _marked(_WHITE, value)) == {"email"}


def test_a_page_without_lettering_of_its_own_tells_nothing() -> None:
    assert _over(_marked(_BLANK, _in_cell("email", 6, 1)), None) == frozenset()


@pytest.mark.parametrize(("tone", "seen"), [(251, False), (240, True)])
def test_the_palest_mark_that_a_person_sees_is_seen(tone: int, seen: bool) -> None:
    assert (_over(_marked(_BLANK, _in_cell("email", 6, 3), tone)) == {"email"}) is seen


def _specked(picture: Picture, name: str) -> Picture:
    """With one pale pixel about the middle of its first box."""
    x0, top, x1, bottom = _FIELDS[name].boxes[0]
    specked = picture.copy()
    specked[round((top + bottom) / 2 * _SCALE), round((x0 + x1) / 2 * _SCALE)] = 215
    return specked


def test_a_full_stop_is_a_mark_and_a_speck_is_none() -> None:
    assert _over(_specked(_BLANK, "email")) == frozenset()
    assert _over(_marked(_BLANK, _in_cell("email", 1.3, 1.3))) == {"email"}


def test_a_signature_may_be_drawn() -> None:
    assert _over(_marked(_BLANK, _in_cell("signature", 60, 20, 0))) == frozenset()


def _beside(name: str, across: float, down: float) -> Box:
    """A mark whose nearest side lies so far in front of the box of a tick, or below it where ``across`` is 0."""
    x0, top, x1, bottom = _FIELDS[name].boxes[0]
    if across:
        return x0 - across - 3, top + 4, x0 - across, bottom - 4
    return x0 + 4, bottom + down, x1 - 4, bottom + down + 3


@pytest.mark.parametrize(("across", "over"), [(3, True), (6.5, False)])
def test_a_tick_is_drawn_over_a_little_beyond_its_box(across: float, over: bool) -> None:
    assert (_over(_marked(_BLANK, _beside("notify_sms", across, 0))) == {"notify_sms"}) is over


@pytest.mark.parametrize(("across", "meant"), [(1, True), (8, True), (13.5, False)])
def test_a_mark_in_front_of_a_tick_may_be_meant_for_it(across: float, meant: bool) -> None:
    assert (_at_ticks(_marked(_BLANK, _beside("notify_sms", across, 0))) == {"notify_sms"}) is meant


@pytest.mark.parametrize(("down", "nearest"), [(0.5, "notify_email"), (5.9, "accept_terms")])
def test_a_mark_between_two_ticks_is_meant_for_the_nearer_one(down: float, nearest: str) -> None:
    upper, lower = (_FIELDS[name].boxes[0] for name in ("notify_email", "accept_terms"))
    assert 8 < lower[1] - upper[3] < 10, "a mark of 3 points has room for a nearer and a farther side"
    assert _at_ticks(_marked(_BLANK, _beside("notify_email", 0, down))) == {nearest}


@pytest.mark.parametrize(("tone", "meant"), [(251, False), (240, True), (0, True)])
def test_however_pale_a_mark_in_a_tick_is_it_is_seen(tone: int, meant: bool) -> None:
    assert (_at_ticks(_marked(_BLANK, _in_cell("notify_sms", 6, 6, 0), tone)) == {"notify_sms"}) is meant


def test_a_speck_in_a_tick_is_no_mark_and_a_dot_is_one() -> None:
    assert _at_ticks(_specked(_BLANK, "notify_sms")) == frozenset()
    assert _at_ticks(_marked(_BLANK, _in_cell("notify_sms", 1.3, 1.3, 0))) == {"notify_sms"}


def test_a_blank_has_no_marks_at_its_ticks_and_a_form_without_ticks_has_none_to_tell() -> None:
    assert _at_ticks(_BLANK) == frozenset()
    without = form_by_code("einvoice_email_change")
    assert "tick" not in {item.field.kind.widget for item in layout(without).fields}
    page = _marked(drawn(draw_blank(without)), _in_cell("email", 6, 6))
    assert marked_ticks(Page(1, page, digital=True), sheet_of(page, without)) == frozenset()
