"""Writing outside of the cells, and values that are struck out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from numpy.random import Generator, default_rng

from forms.blank import draw_blank
from forms.form import Form
from forms.kinds import Value
from ocr.alignment.sheet import READING_DPI
from ocr.fields.stray_ink import DOUBT_ADDED, DOUBT_BESIDE, DOUBT_PALE, DOUBT_SIGNED_BESIDE, StrayInk
from ocr.fields.strikes import DOUBT_RUNNING, DOUBT_STRUCK, doubt_in_cells
from specimens import wear
from specimens.mishaps import Mishap, mark_up
from specimens.paper import Picture, handwrite_form, print_fillable, print_form
from specimens.scanner import specked
from tests.ocr.sheets import combs_of, drawn, item_of, sheet_of

Values = Callable[[Form], dict[str, Value]]
Wear = Callable[[Picture, Generator], Picture]


def _doubts(picture: Picture, form: Form) -> dict[str, str]:
    sheet = sheet_of(picture, form)
    strays, combs = StrayInk(sheet), combs_of(sheet)
    told = {}
    for item in sheet.fields:
        value = "x" if item.field.name in combs else None
        told[item.field.name] = strays.doubt(item, value)
    return {name: doubt for name, doubt in told.items() if doubt is not None}


@pytest.mark.parametrize("sort", ["beside", "above", "below"])
@pytest.mark.parametrize("name", ["nip", "email", "phone"])
def test_a_value_written_outside_of_an_empty_field_is_not_overlooked(form: Form, sort: str, name: str) -> None:
    page = drawn(mark_up(draw_blank(form), form, {name: Mishap(sort, "601234567")}, 4))
    assert _doubts(page, form)[name] == DOUBT_BESIDE


def test_a_correction_above_a_value_is_doubtful_there_and_nowhere_else(form: Form, values: Values) -> None:
    pdf = mark_up(handwrite_form(form, values(form), 1), form, {"town": Mishap("above", "POZNAŃ")}, 1)
    doubts = _doubts(drawn(pdf), form)
    assert doubts["town"] == DOUBT_ADDED
    assert set(doubts) <= {"town", "street", "postcode"}


def test_a_word_in_front_of_a_tick_is_doubtful(form: Form) -> None:
    page = drawn(mark_up(draw_blank(form), form, {"notify_sms": [Mishap("check"), Mishap("refused", "NIE")]}, 1))
    assert "notify_sms" in _doubts(page, form)


def test_a_signature_beside_its_box_is_not_missing_for_sure(form: Form) -> None:
    page = drawn(mark_up(draw_blank(form), form, {"signature": Mishap("signature beside")}, 3))
    assert _doubts(page, form)["signature"] == DOUBT_SIGNED_BESIDE


def test_a_page_without_such_writing_raises_no_doubt(form: Form, values: Values) -> None:
    filled = values(form)
    for pdf in (handwrite_form(form, filled, 2), print_form(form, filled), print_fillable(form, filled)):
        assert _doubts(drawn(pdf), form) == {}


@pytest.mark.parametrize("worn", [wear.punched, wear.coffee, wear.written_through, wear.creased, specked])
def test_wear_is_no_writing(form: Form, values: Values, worn: Wear) -> None:
    page = drawn(handwrite_form(form, values(form), 3))
    assert _doubts(worn(page, default_rng(2)), form) == {}


def test_a_field_with_writing_too_pale_to_see_is_not_empty_for_sure(form: Form) -> None:
    pale = Mishap("in cells", "95012312345", colour=(0.78, 0.78, 0.78), width=1.6)
    page = drawn(mark_up(draw_blank(form), form, {"pesel": pale}, 1))
    assert "pesel" not in combs_of(sheet_of(page, form))
    assert _doubts(page, form) == {"pesel": DOUBT_PALE}


def _in_cells(form: Form, pdf: bytes) -> dict[str, str]:
    told = {name: doubt_in_cells(comb, by_hand=True) for name, comb in combs_of(sheet_of(drawn(pdf), form)).items()}
    return {name: doubt for name, doubt in told.items() if doubt is not None}


@pytest.mark.parametrize("name", ["customer_no", "name", "email", "house"])
def test_a_struck_out_value_is_doubtful(form: Form, values: Values, name: str) -> None:
    filled = values(form)
    pdf = mark_up(handwrite_form(form, filled, 1), form, {name: Mishap("struck", str(filled[name]))}, 1)
    assert _in_cells(form, pdf) == {name: DOUBT_STRUCK}


def test_writing_that_does_not_heed_the_cells_is_doubtful(form: Form) -> None:
    pdf = mark_up(draw_blank(form), form, {"name": Mishap("run", "MARIANNA WISNIEWSKA")}, 1)
    assert _in_cells(form, pdf) == {"name": DOUBT_RUNNING}


@pytest.mark.parametrize("seed", range(4))
def test_writing_in_cells_is_not_taken_for_running_or_struck_out(form: Form, values: Values, seed: int) -> None:
    assert _in_cells(form, handwrite_form(form, values(form), seed)) == {}


@pytest.mark.parametrize("thick", [1.5, 21.0])
def test_a_stroke_through_few_cells_of_many_and_a_shadow_strike_nothing_out(
    form: Form, values: Values, thick: float
) -> None:
    page, unit = drawn(handwrite_form(form, values(form), 1)).copy(), READING_DPI / 72
    (x0, top, _, bottom), end = item_of(form, "name").boxes[1], item_of(form, "name").boxes[3][0]
    rows = slice(round(((top + bottom - thick) / 2) * unit), round(((top + bottom + thick) / 2) * unit))
    page[rows, round((x0 - 4) * unit) : round((end + 4) * unit)] = 40
    assert doubt_in_cells(combs_of(sheet_of(page, form))["name"], by_hand=True) is None


def test_an_empty_field_that_is_crossed_off_says_nothing(form: Form) -> None:
    pdf = mark_up(draw_blank(form), form, {"nip": Mishap("struck")}, 1)
    assert item_of(form, "nip").field.name not in combs_of(sheet_of(drawn(pdf), form))
