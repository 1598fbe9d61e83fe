"""Strokes through print that are not level, and lines over a whole page, are seen on scans and on drawn pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from reportlab.pdfgen.canvas import Canvas

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import FieldValue
from ocr.additions.crossed_out import DOUBT_CROSSED_OUT
from ocr.fields.strikes import DOUBT_STRUCK
from ocr.page_reading import DOUBT_STAMP
from ocr.reading import read_file
from specimens import files
from specimens.digital import digital_form
from specimens.paper import PrintStyle, inked, print_fillable, print_form
from specimens.scanner import scan

Values = Callable[[Form], dict[str, Value]]
Draw = Callable[[Canvas], None]
_FORM: Final = form_by_code("einvoice_acceptance")
Stroke = Callable[[Canvas, float, float], None]
"""Drawn at a field whose first row begins so far from the left and the foot of the page."""


def _slanting(canvas: Canvas, x: float, y: float) -> None:
    canvas.line(x + 4, y + 2, x + 70, y + 19)


def _falling(canvas: Canvas, x: float, y: float) -> None:
    canvas.line(x + 4, y + 19, x + 150, y + 2)


def _slash(canvas: Canvas, x: float, y: float) -> None:
    canvas.line(x + 16, y - 1, x + 26, y + 22)


def _at_each(strokes: Mapping[str, Stroke]) -> Draw:
    def draw(canvas: Canvas) -> None:
        for name, stroke in strokes.items():
            x0, top, _, _ = layout(_FORM)[name].bounds
            stroke(canvas, x0, PAGE_HEIGHT - top - 21)

    return draw


def _over(data: bytes, draw: Draw) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    canvas.setLineWidth(1.2)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return inked(data, out.getvalue())


def _read(folder: Path, data: bytes) -> dict[str, FieldValue]:
    (folder / "form.pdf").write_bytes(data)
    (document,) = read_file(folder / "form.pdf").documents
    assert document.submission is not None
    return dict(document.submission.fields)


def _scanned(data: bytes, condition: str) -> bytes:
    return files.image_pdf([scan(data, condition, 5)[0]])


@pytest.mark.parametrize("condition", ["gray150", "bitonal300"])
@pytest.mark.parametrize("way", ["comb", "run", "fillable"])
def test_a_stroke_that_is_not_level_strikes_print_out_on_a_scan(
    tmp_path: Path, values: Values, condition: str, way: str
) -> None:
    filled = values(_FORM)
    plain = (
        print_fillable(_FORM, filled)
        if way == "fillable"
        else print_form(_FORM, filled, PrintStyle(spread="run" if way == "run" else "comb"))
    )
    assert _struck(_read(tmp_path, _scanned(plain, condition))) == set()
    strokes = {"email": _slanting, "name": _falling, "street": _slash}
    found = _read(tmp_path, _scanned(_over(plain, _at_each(strokes)), condition))
    assert {name for name in strokes if found[name].trusted or not found[name].by_eye} == set()
    assert _struck(found) <= strokes.keys()


def _struck(fields: Mapping[str, FieldValue]) -> set[str]:
    return {name for name, one in fields.items() if one.doubt == DOUBT_STRUCK}


def _two_diagonals(canvas: Canvas) -> None:
    canvas.line(30, 60, PAGE_WIDTH - 40, PAGE_HEIGHT - 50)
    canvas.line(40, PAGE_HEIGHT - 70, PAGE_WIDTH - 30, 50)


def _freehand(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.moveTo(40, 70)
    path.curveTo(220, 330, 390, 540, PAGE_WIDTH - 50, PAGE_HEIGHT - 80)
    canvas.drawPath(path)


@pytest.mark.parametrize("draw", [_two_diagonals, _freehand])
@pytest.mark.parametrize("paper", [True, False])
def test_no_value_of_a_page_that_is_crossed_out_is_trusted(
    tmp_path: Path, values: Values, draw: Draw, paper: bool
) -> None:
    filled = {**values(_FORM), "signature": False}
    data = print_form(_FORM, filled) if paper else digital_form(_FORM, filled, "flattened", 1).data
    crossed = _over(data, draw)
    found = _read(tmp_path, _scanned(crossed, "gray200") if paper else crossed)
    assert [name for name, one in found.items() if one.trusted and one.value] == []
    assert DOUBT_CROSSED_OUT in {one.doubt for one in found.values()}


def test_letters_of_a_stamp_are_about_the_whole_page(tmp_path: Path, values: Values) -> None:
    def stamp(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 40)
        canvas.drawString(150, PAGE_HEIGHT - 60, "ANULOWANO")

    found = _read(tmp_path, _over(digital_form(_FORM, values(_FORM), "flattened", 1).data, stamp))
    assert [name for name, one in found.items() if one.trusted and one.value] == []
    assert found["customer_no"].doubt == DOUBT_STAMP
