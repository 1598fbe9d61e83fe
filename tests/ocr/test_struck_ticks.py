"""A tick that one more line takes back, and a text beside it that is struck through, are for an eye."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from reportlab.pdfgen.canvas import Canvas

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import FieldValue
from ocr.marks import DOUBT_BLOT, DOUBT_TAKEN_BACK
from ocr.page_reading import DOUBT_LABEL
from ocr.reading import read_file
from ocr.stray_ink import DOUBT_PALE
from specimens import files
from specimens.digital import digital_form
from specimens.paper import inked, print_form
from specimens.scanner import scan

Values = Callable[[Form], dict[str, Value]]
Line = tuple[float, float, float, float]
_FORM: Final = form_by_code("einvoice_acceptance")
_TICK: Final = next(item for item in layout(_FORM).fields if item.field.name == "accept_terms")
_X0, _TOP, _X1, _BOTTOM = _TICK.boxes[0]
_LOW, _HIGH = PAGE_HEIGHT - _BOTTOM, PAGE_HEIGHT - _TOP
_MIDDLE: Final = (_LOW + _HIGH) / 2
_TEXT: Final = _TICK.label_at[0]


def _drawn_over(data: bytes, *lines: Line, gray: float = 0.0) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    canvas.setStrokeGray(gray)
    for line in lines:
        canvas.line(*line)
    canvas.showPage()
    canvas.save()
    return inked(data, out.getvalue())


def _read(folder: Path, data: bytes) -> dict[str, FieldValue]:
    (folder / "form.pdf").write_bytes(data)
    (document,) = read_file(folder / "form.pdf").documents
    assert document.submission is not None
    return dict(document.submission.fields)


@pytest.mark.parametrize(
    "line",
    [
        (_X0 + 2, _MIDDLE, _X1 - 2, _MIDDLE + 0.5),
        ((_X0 + _X1) / 2, _LOW + 1, (_X0 + _X1) / 2, _HIGH - 1),
        (_X0 - 6, _LOW - 6, _X1 + 3, _HIGH + 3),
        (_X0 - 8, _MIDDLE, _X1 + 6, _MIDDLE),
    ],
)
def test_a_drawn_cross_with_one_more_line_through_it_is_for_an_eye(tmp_path: Path, values: Values, line: Line) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    tick = _read(tmp_path, _drawn_over(digital_form(_FORM, filled, "flattened", 1).data, line))["accept_terms"]
    assert not tick.trusted
    assert tick.doubt in {DOUBT_TAKEN_BACK, DOUBT_BLOT}


@pytest.mark.parametrize("make", ["flattened", "typed"])
def test_a_line_through_the_text_beside_a_tick_makes_it_doubtful(tmp_path: Path, values: Values, make: str) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    data = digital_form(_FORM, filled, make, 1).data
    assert _read(tmp_path, data)["accept_terms"].trusted
    struck = _read(tmp_path, _drawn_over(data, (_TEXT, _MIDDLE, _TEXT + 90, _MIDDLE + 1)))
    assert (struck["accept_terms"].trusted, struck["accept_terms"].doubt) == (False, DOUBT_LABEL)
    assert [name for name, one in struck.items() if not one.trusted] == ["accept_terms"]


def test_a_line_through_the_text_beside_a_tick_is_seen_on_a_scan_too(tmp_path: Path, values: Values) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    plain = print_form(_FORM, filled)
    struck = _drawn_over(plain, (_TEXT, _MIDDLE, _TEXT + 90, _MIDDLE + 1))
    ticks = [
        _read(tmp_path, files.image_pdf([scan(data, "gray200", 5)[0]]))["accept_terms"] for data in (plain, struck)
    ]
    assert [tick.trusted for tick in ticks] == [True, False]


@pytest.mark.parametrize("gray", [0.8, 0.92])
def test_pale_strokes_in_an_empty_field_are_not_taken_for_nothing(tmp_path: Path, values: Values, gray: float) -> None:
    x0, top, _, _ = next(item for item in layout(_FORM).fields if item.field.name == "email").bounds
    low = PAGE_HEIGHT - top
    lines = [(x0 + 4 + 15 * at, low - 16, x0 + 9 + 15 * at, low - 5) for at in range(6)]
    data = digital_form(_FORM, {**values(_FORM), "email": None}, "flattened", 1).data
    assert _read(tmp_path, data)["email"].trusted
    email = _read(tmp_path, _drawn_over(data, *lines, gray=gray))["email"]
    assert (email.trusted, email.doubt) == (False, DOUBT_PALE)
