"""The second recogniser of print: it knows characters by their shape and stops what Tesseract reads into them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from forms import typesetting
from forms.catalogue import current_forms
from forms.kinds import Digits, Email, FieldKind, Text
from forms.layout import FieldLayout, layout
from ocr.alignment.sheet import READING_DPI
from ocr.segmentation.combs import Comb, comb
from ocr.typeset.shapes import Shapes, shapes

_FACE = typesetting.FONTS / "NotoSans-Regular.ttf"


def _field(kind: type[FieldKind]) -> FieldLayout:
    return next(
        item for form in current_forms() for item in layout(form).on_page(1) if isinstance(item.field.kind, kind)
    )


def _set(text: str, item: FieldLayout, size: float = 11.0) -> Comb:
    """The text, one character a cell, as print without any lines."""
    unit = READING_DPI / 72
    page = Image.new("L", (round(595 * unit), round(842 * unit)), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(_FACE), size * unit)
    for character, (x0, top, x1, bottom) in zip(text, item.boxes, strict=False):
        draw.text(((x0 + x1) / 2 * unit, ((top + bottom) / 2 + 4) * unit), character, fill=20, font=font, anchor="ms")
    soft = cv2.GaussianBlur(np.asarray(page, np.uint8), (0, 0), 0.8).astype(np.uint8)
    return comb(soft, READING_DPI, item)


def _witness(text: str, kind: type[FieldKind]) -> Shapes:
    item, number = _field(kind), _field(Digits)
    page = {"field": (item.field.kind, _set(text, item)), "number": (number.field.kind, _set("12345678", number))}
    return shapes(page)["field"]


@pytest.mark.parametrize("text", ["jan.kowalik_01@wp.pl", "lili1o0.zet-2x@o2.pl"])
def test_an_address_is_confirmed_sign_by_sign(text: str) -> None:
    assert _witness(text, Email).confirm(text)


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("szczepan17@wp.pl", "szczepani7@wp.pl"),
        ("olo10@wp.pl", "olo1o@wp.pl"),
        ("j.nowak@wp.pl", "jnowak@wp.pl"),
        ("a-b@wp.pl", "a_b@wp.pl"),
    ],
)
def test_what_tesseract_may_read_into_an_address_is_not_confirmed(printed: str, read: str) -> None:
    assert not _witness(printed, Email).confirm(read)


def test_a_letter_without_its_mark_is_contradicted() -> None:
    found = _witness("ŻWIROWA", Text)
    assert found.confirm("ŻWIROWA")
    assert found.contradict("ZWIROWA")
    assert not found.contradict("ŻWIROWA")


def test_a_capital_that_is_but_larger_is_left_to_tesseract() -> None:
    assert _witness("SOWA", Text).confirm("sOWA")


def test_a_sign_the_network_does_not_know_is_never_confirmed() -> None:
    assert not _witness("SOWA", Text).confirm("S%WA")
    assert not _witness("SOWA", Text).confirm("")


def test_nothing_printed_gives_no_witness_for_anything(tmp_path: Path) -> None:
    assert shapes({}) == {}
