"""Signatures, and what stands in their place."""

from __future__ import annotations

import pytest
from numpy.random import default_rng

from forms.blank import draw_blank
from forms.fillable import draw_fillable
from forms.form import Form
from forms.submission import FieldValue
from ocr.sheet import READING_DPI
from ocr.signatures import DOUBT_CROSSES, DOUBT_DOTS, DOUBT_PALE, DOUBT_STAMP, read_signature
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


def test_the_word_for_none_is_no_signature_for_sure(form: Form) -> None:
    assert not _read(form, Mishap("word", "BRAK")).trusted
