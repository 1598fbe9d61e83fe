"""Filled forms as a printer, a typewriter or a pen leaves them: values drawn on the blank, as PDF.

The positions come from ``forms.layout``; nothing of the geometry is stated again.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Literal

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from forms.blank import draw_blank
from forms.fillable import draw_fillable
from forms.form import Form
from forms.kinds import Value, Writing
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from forms.submission import Box
from specimens import typefaces
from specimens.chance import dice
from specimens.strokes import Stroke, signature, smoothed, tick_strokes, written

Picture = NDArray[np.uint8]
"""Height x width (gray) or height x width x 3 (RGB)."""

_BLACK: Final = (0.05, 0.05, 0.07)
_BLUE: Final = (0.10, 0.16, 0.45)

_IN_CAPITALS: Final = (Writing.TEXT, Writing.HOUSE, Writing.EMAIL)
"""What is written by pen in capitals."""
PENS: Final = {
    "pale blue": (0.47, 0.59, 0.86),
    "red": (0.80, 0.13, 0.18),
    "pink": (0.93, 0.50, 0.58),
    "green": (0.16, 0.52, 0.30),
    "pencil": (0.46, 0.46, 0.48),
}
"""Inks that people also use, for ``handwrite_form``."""


@dataclass(frozen=True)
class PrintStyle:
    """How values get onto the paper.

    ``spread`` 'comb' sets one character into each cell, 'run' sets the text as one run from the first cell (of each
    group), as a program does that knows no combs. ``offset`` shifts all of it, as badly fed paper does; ``shake`` lets
    each character jump, as a typewriter does (points).
    """

    face: str = typefaces.DEFAULT
    size: float = 11.5
    spread: Literal["comb", "run"] = "comb"
    capitals: bool = False
    tick: Literal["cross", "check", "filled"] = "cross"
    pen: tuple[float, float, float] = _BLUE
    ink: tuple[float, float, float] = _BLACK
    offset: tuple[float, float] = (0.0, 0.0)
    shake: float = 0.0


PLAIN: Final = PrintStyle()
TYPEWRITER: Final = PrintStyle(face="mono", size=11.5, capitals=True, shake=0.35, ink=(0.18, 0.18, 0.2))


def varied_style(seed: int) -> PrintStyle:
    """A style drawn from the seed: every typeface of this machine, combs or runs, small or capital letters."""
    rng = dice(f"style:{seed}")
    base = TYPEWRITER if rng.random() < 0.12 else replace(PLAIN, face=rng.choice(typefaces.available()))
    spread: Literal["comb", "run"] = "comb" if rng.random() < 0.6 else "run"
    marks: tuple[Literal["cross", "check", "filled"], ...] = ("cross", "cross", "check", "filled")
    return replace(
        base,
        spread=spread,
        size=rng.choice((10.0, 11.0, 11.5, 12.0)),
        capitals=base.capitals or rng.random() < 0.35,
        tick=rng.choice(marks),
        pen=rng.choice((_BLUE, _BLUE, _BLACK)),
        offset=(rng.uniform(-1.2, 1.2), rng.uniform(-1.2, 1.2)),
    )


def as_printed(form: Form, values: Mapping[str, Value], style: PrintStyle) -> dict[str, Value]:
    """The normalised values that stand on the paper: as given, but in capitals where the style prints capitals."""
    out: dict[str, Value] = {}
    for item in form.fields:
        value = values.get(item.name)
        capitals = style.capitals and item.kind.writing is Writing.TEXT and isinstance(value, str)
        out[item.name] = value.upper() if capitals and isinstance(value, str) else value
    return out


def print_form(form: Form, values: Mapping[str, Value], style: PrintStyle = PLAIN, seed: int = 0) -> bytes:
    """The blank with printed values, ticks and, where the value says so, a signature by pen."""
    sheet = _Sheet(style, dice(f"print:{seed}"))
    return _overlay(form, draw_blank(form), as_printed(form, values, style), sheet, sheet.print_text)


def print_fillable(form: Form, values: Mapping[str, Value], style: PrintStyle = PLAIN, seed: int = 0) -> bytes:
    """The fillable form, filled in on a computer, printed and signed by pen: nothing but ink remains of its fields."""
    sheet = _Sheet(style, dice(f"fillable:{seed}"))
    shown = as_printed(form, values, style)
    signatures = {item.name: shown.pop(item.name) for item in form.fields if item.kind.widget == "signature"}
    with pikepdf.open(io.BytesIO(draw_fillable(form, shown))) as filled:
        filled.flatten_annotations("print")
        flat = io.BytesIO()
        filled.save(flat)
    return _overlay(form, flat.getvalue(), signatures, sheet, sheet.print_text)


def handwrite_form(
    form: Form, values: Mapping[str, Value], seed: int = 0, pen: tuple[float, float, float] = _BLUE
) -> bytes:
    """The blank filled in by pen (red, green, blue from 0 to 1), in capitals, one character a cell."""
    sheet = _Sheet(replace(PLAIN, capitals=True, pen=pen), dice(f"hand:{seed}"))
    return _overlay(form, draw_blank(form), as_printed(form, values, sheet.style), sheet, sheet.write_text)


def rasterise(pdf: bytes, dpi: int, *, colour: bool = False) -> list[Picture]:
    """Every page as a picture, gray unless ``colour``."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=dpi / 72, grayscale=not colour, rev_byteorder=True).to_numpy() for page in document]
        return [np.ascontiguousarray(page if colour else page.reshape(page.shape[:2])) for page in pages]
    finally:
        document.close()


def _overlay(
    form: Form, paper: bytes, values: Mapping[str, Value], sheet: _Sheet, draw_text: Callable[[FieldLayout, str], None]
) -> bytes:
    placed = layout(form)
    for page in range(1, placed.pages + 1):
        for item in placed.on_page(page):
            value = values.get(item.field.name)
            if isinstance(value, str) and value:
                draw_text(item, value)
            elif value is True:
                sheet.mark(item)
        sheet.canvas.showPage()
    sheet.canvas.save()
    return inked(paper, sheet.out.getvalue())


def inked(paper: bytes, ink: bytes) -> bytes:
    """A PDF with another one of as many pages laid over it, and over what was laid there before."""
    with pikepdf.open(io.BytesIO(paper)) as blank, pikepdf.open(io.BytesIO(ink)) as written_on:
        for under, over in zip(blank.pages, written_on.pages, strict=True):
            layer = blank.copy_foreign(over.as_form_xobject())
            layers = len(under.resources.get("/XObject", {}))
            name = under.add_resource(layer, pikepdf.Name.XObject, pikepdf.Name(f"/Ink{layers}"))
            under.contents_add(b"q", prepend=True)
            under.contents_add(f"Q q {name} Do Q".encode())
        out = io.BytesIO()
        blank.save(out, deterministic_id=True)
    return out.getvalue()


@dataclass
class _Sheet:
    """The layer of ink over the blank; coordinates as in ``forms.layout``, from the top."""

    style: PrintStyle
    rng: Random
    out: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
        self.font = typefaces.load(self.style.face)

    def print_text(self, item: FieldLayout, value: str) -> None:
        self.canvas.setFillColorRGB(*self.style.ink)
        if self.style.spread == "run":
            for text, boxes in _runs(item, value):
                self._run(text, boxes)
            return
        for sign, box in cells_of(item, value):
            self._sign(sign, box)

    def write_text(self, item: FieldLayout, value: str) -> None:
        shown = value.upper() if item.field.kind.writing in _IN_CAPITALS else value
        for sign, box in cells_of(item, shown):
            self._strokes(written(sign, box, self.rng), width=self.rng.uniform(1.0, 1.4))

    def mark(self, item: FieldLayout) -> None:
        box = item.boxes[0]
        if item.field.kind.widget == "signature":
            self._strokes(smoothed(signature(box, self.rng)), width=self.rng.uniform(0.9, 1.5))
        elif item.field.kind.widget == "tick":
            self._strokes(tick_strokes(box, self.style.tick, self.rng), width=self.rng.uniform(1.2, 1.8))

    def _sign(self, sign: str, box: Box) -> None:
        width = pdfmetrics.stringWidth(sign, self.font, self.style.size)
        x = (box[0] + box[2] - width) / 2 + self.style.offset[0] + self.rng.gauss(0, self.style.shake)
        self.canvas.setFont(self.font, self.style.size)
        self.canvas.drawString(x, self._baseline(box) + self.rng.gauss(0, self.style.shake), sign)

    def _run(self, text: str, boxes: list[Box]) -> None:
        room, size = boxes[-1][2] - boxes[0][0] - 4, self.style.size
        size *= min(1.0, room / pdfmetrics.stringWidth(text, self.font, size))
        self.canvas.setFont(self.font, size)
        self.canvas.drawString(boxes[0][0] + 3 + self.style.offset[0], self._baseline(boxes[0]), text)

    def _baseline(self, box: Box) -> float:
        """Height of the baseline from the foot of the page: capitals stand in the middle of the cell."""
        capital = 0.71 * self.style.size
        return PAGE_HEIGHT - (box[1] + box[3] + capital) / 2 - self.style.offset[1]

    def _strokes(self, strokes: list[Stroke], width: float) -> None:
        self.canvas.setStrokeColorRGB(*self.style.pen)
        self.canvas.setLineWidth(width)
        self.canvas.setLineCap(1)
        self.canvas.setLineJoin(1)
        for stroke in strokes:
            path = self.canvas.beginPath()
            path.moveTo(stroke[0][0], PAGE_HEIGHT - stroke[0][1])
            for x, y in stroke[1:]:
                path.lineTo(x, PAGE_HEIGHT - y)
            self.canvas.drawPath(path)


def cells_of(item: FieldLayout, value: str) -> list[tuple[str, Box]]:
    """Characters with their cells; a word that would break at the end of a row goes to the next one when it fits."""
    text, length = item.field.kind.to_comb(value), item.field.kind.row_length
    if item.field.kind.writing is Writing.TEXT and len(text) > length and text[length] != " ":
        cut = text.rfind(" ", 0, length)
        if cut > 0 and len(text) + length - cut - 1 <= item.field.kind.length:
            text = text[:cut].ljust(length) + text[cut + 1 :]
    return [(sign, box) for sign, box in zip(text, item.boxes, strict=False) if sign != " "]


def _runs(item: FieldLayout, value: str) -> list[tuple[str, list[Box]]]:
    """Texts with the cells they begin in: one run, or one for each group where the blank prints a separator."""
    kind, row = item.field.kind, item.rows[0]
    if not kind.groups:
        return [(kind.display(value), row)]
    text, runs, start = kind.to_comb(value), [], 0
    for size in kind.groups:
        runs.append((text[start : start + size], row[start : start + size]))
        start += size
    return [(part, boxes) for part, boxes in runs if part]
