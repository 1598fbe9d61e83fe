"""Signatures, and what stands in their place."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from forms.blank import draw_blank
from forms.fillable import draw_fillable
from forms.form import Form
from forms.submission import FieldValue
from ocr.alignment.sheet import READING_DPI
from ocr.fields.signatures import DOUBT_CROSSES, DOUBT_DOTS, DOUBT_PALE, DOUBT_STAMP, DOUBT_STRUCK, read_signature
from specimens.mishaps import PENCIL, Mishap, mark_up
from specimens.scanner import bitonal
from tests.ocr.sheets import drawn, item_of


def _read(form: Form, *mishaps: Mishap, seed: int = 1, fax: bool = False) -> FieldValue:
    page = drawn(mark_up(draw_blank(form), form, {"signature": list(mishaps)}, seed))
    picture = bitonal(page, default_rng(seed)) if fax else page
    return read_signature(picture, READING_DPI, item_of(form, "signature"))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fax", [False, True])
def test_a_signature_is_one(form: Form, seed: int, *, fax: bool) -> None:
    value = _read(form, Mishap("signature"), seed=seed, fax=fax)
    assert (value.value, value.trusted) == (True, True)


def test_a_name_in_capitals_is_a_signature(form: Form) -> None:
    assert _read(form, Mishap("word", "JAN KOWALSKI")).trusted


@pytest.mark.parametrize("sorts", [(), ("dotted line",)])
def test_no_writing_is_no_signature(form: Form, sorts: tuple[str, ...]) -> None:
    value = _read(form, *(Mishap(sort) for sort in sorts))
    assert (value.value, value.trusted) == (False, True)


def test_the_printed_remark_of_the_fillable_form_is_no_signature(form: Form) -> None:
    value = read_signature(drawn(draw_fillable(form)), READING_DPI, item_of(form, "signature"))
    assert (value.value, value.trusted) == (False, True)


def test_a_signature_on_a_dotted_line_is_one(form: Form) -> None:
    assert _read(form, Mishap("dotted line"), Mishap("signature")).value is True


@pytest.mark.parametrize(
    ("mishap", "doubt"),
    [
        (Mishap("dots", width=2.0), DOUBT_DOTS),
        (Mishap("slip"), DOUBT_DOTS),
        (Mishap("crosses", "xxx"), DOUBT_CROSSES),
        (Mishap("crosses", "x"), DOUBT_CROSSES),
        (Mishap("stamp"), DOUBT_STAMP),
        (Mishap("signature", colour=PENCIL), DOUBT_PALE),
    ],
)
def test_what_may_be_no_signature_is_for_a_human(form: Form, mishap: Mishap, doubt: str) -> None:
    value = _read(form, mishap)
    assert (value.trusted, value.doubt) == (False, doubt)


@pytest.mark.parametrize("seed", range(4))
def test_a_signature_with_a_line_through_all_of_it_is_for_a_human(form: Form, seed: int) -> None:
    value = _read(form, Mishap("signature"), Mishap("line through"), seed=seed)
    assert (value.value, value.trusted, value.doubt) == (True, False, DOUBT_STRUCK)


def test_a_line_under_a_signature_or_through_a_part_of_it_strikes_nothing_out(form: Form) -> None:
    item = item_of(form, "signature")
    signed = drawn(mark_up(draw_blank(form), form, {"signature": Mishap("signature")}, 1))
    x0, top, x1, bottom = (round(edge * READING_DPI / 72) for edge in item.bounds)
    ink = np.flatnonzero((signed[top + 12 : bottom - 12, x0 + 12 : x1 - 12] < 128).any(axis=1))
    low, middle = top + 12 + int(ink[-1]) + 6, top + 12 + int(ink.mean())
    for y, right in ((low, x1 - 20), (middle, x0 + 140)):
        page = signed.copy()
        page[y : y + 3, x0 + 20 : right] = 30
        assert read_signature(page, READING_DPI, item).trusted


def test_the_word_for_none_is_no_signature_for_sure(form: Form) -> None:
    assert not _read(form, Mishap("word", "BRAK")).trusted
