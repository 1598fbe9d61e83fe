"""What people do to forms beside filling them in: values beside their field, corrections, strike-outs, odd marks.

Every mishap is laid over a form that exists already, so that it can meet any way of filling in: ``mark_up(pdf, form,
{"email": Mishap("beside", "jan@wp.pl")}, seed)``.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from forms.submission import Box
from specimens import typefaces
from specimens.chance import dice
from specimens.paper import cells_of, inked
from specimens.strokes import Point, Stroke, signature, smooth, smoothed, tick_strokes, written

BALLPOINT: Final = (0.10, 0.16, 0.45)
PALE: Final = (0.55, 0.66, 0.86)
PENCIL: Final = (0.66, 0.66, 0.67)
_STAMP_INK: Final = (0.16, 0.12, 0.42)
_STAMP_TEXT: Final = "ZAKŁAD USŁUGOWY 'ŚWIT'|ul. Fabryczna 7, 66-470 Kostrzyn|NIP 599 000 11 22, tel. 95 000 11 22"
_PITCH: Final = 10.5
"""Points from letter to letter where nobody heeds the cells."""
_LETTER: Final = (11.0, 19.0)
"""The room of such a letter, across and down."""

Penman = Callable[[str, Box, Random], list[Stroke]]
"""Writes one character into a cell, as ``strokes.written`` does."""


@dataclass(frozen=True)
class Mishap:
    """One thing done to a field: its ``sort`` (a key of ``SORTS``), the text written, if any, and the pen."""

    sort: str
    text: str = ""
    colour: tuple[float, float, float] = BALLPOINT
    width: float = 1.25


def mark_up(
    pdf: bytes, form: Form, mishaps: Mapping[str, Mishap | list[Mishap]], seed: int = 0, penman: Penman = written
) -> bytes:
    """The filled form with these mishaps at its fields, as PDF. KeyError for an unknown field or sort."""
    out, placed = io.BytesIO(), layout(form)
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    for page in range(1, placed.pages + 1):
        for name, told in mishaps.items():
            item = placed[name]
            for mishap in told if isinstance(told, list) else [told]:
                rng = dice(f"mishap:{seed}:{name}:{mishap.sort}")
                if item.page != page:
                    continue
                if mishap.sort == "stamp":
                    _stamp(canvas, item, mishap.text)
                else:
                    _draw(canvas, SORTS[mishap.sort](item, mishap.text, rng, penman), mishap)
        canvas.showPage()
    canvas.save()
    return inked(pdf, out.getvalue())


def _draw(canvas: Canvas, strokes: list[Stroke], mishap: Mishap) -> None:
    canvas.setStrokeColorRGB(*mishap.colour)
    canvas.setLineWidth(mishap.width)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in strokes:
        path = canvas.beginPath()
        path.moveTo(stroke[0][0], PAGE_HEIGHT - stroke[0][1])
        for x, y in stroke[1:] or [(stroke[0][0] + 0.1, stroke[0][1])]:
            path.lineTo(x, PAGE_HEIGHT - y)
        canvas.drawPath(path)


def _stamp(canvas: Canvas, item: FieldLayout, text: str) -> None:
    """A company's rubber stamp of some lines in the middle of a field."""
    lines = (text or _STAMP_TEXT).split("|")
    x0, top, x1, bottom = item.bounds
    canvas.setFillColorRGB(*_STAMP_INK)
    font = typefaces.load(typefaces.DEFAULT)
    for number, line in enumerate(lines):
        canvas.setFont(font, 8.0 if number == 0 else 6.5)
        at = (top + bottom) / 2 + 9.5 * (number - (len(lines) - 2) / 2)
        canvas.drawCentredString((x0 + x1) / 2, PAGE_HEIGHT - at, line)


def _line_of(text: str, x: float, top: float, rng: Random, penman: Penman) -> list[Stroke]:
    """A text as one writes where there are no cells."""
    strokes = []
    for at, sign in enumerate(text):
        left = x + at * _PITCH
        strokes += penman(sign, (left, top, left + _LETTER[0], top + _LETTER[1]), rng)
    return strokes


def _beside(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    x0, top, x1, _ = item.bounds
    wide = len(text) * _PITCH
    left = x1 + 5 if x1 + 5 + wide < PAGE_WIDTH - 10 else x0 - 5 - wide
    return _line_of(text, left, top + 1, rng, penman)


def _above(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    return _line_of(text, item.bounds[0] + 4, item.bounds[1] - 17, rng, penman)


def _below(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    return _line_of(text, item.bounds[0] + 4, item.bounds[3] + 1, rng, penman)


def _run(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """Written into the field as if it had no cells."""
    return _line_of(text, item.boxes[0][0] + rng.uniform(2, 5), item.boxes[0][1] + 1, rng, penman)


def _doubled(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """Two characters in each cell."""
    strokes = []
    for at, sign in enumerate(text):
        x0, top, x1, bottom = item.boxes[at // 2]
        half = (x1 - x0) / 2
        left = x0 + half * (at % 2)
        strokes += penman(sign, (left, top + 2, left + half, bottom - 2), rng)
    return strokes


def _in_cells(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """Filled in later, one character a cell."""
    pairs = zip(text, item.boxes, strict=False)
    return [stroke for sign, box in pairs if sign != " " for stroke in penman(sign, box, rng)]


def _shifted(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """The value begun one cell too far right."""
    return _in_cells(item, " " + text, rng, penman)


def _end(item: FieldLayout, text: str) -> float:
    """Where a value of that text ends."""
    cells = [box for _, box in cells_of(item, text)] if text else list(item.boxes)
    return max(box[2] for box in cells)


def _struck(item: FieldLayout, text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """A line through the value."""
    x0, top, _, bottom = item.rows[0][0][0], item.rows[0][0][1], 0.0, item.rows[0][0][3]
    middle = (top + bottom) / 2 + 1
    first, last = middle + rng.uniform(-2, 3), middle + rng.uniform(-3, 2)
    return [smooth([(x0 - 2, first), ((x0 + _end(item, text)) / 2, middle), (_end(item, text) + 3, last)])]


def _scribbled(item: FieldLayout, text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """A zigzag over the value."""
    x0, (top, bottom) = item.boxes[0][0], (item.boxes[0][1], item.boxes[0][3])
    end, x, line = _end(item, text), x0, []
    while x < end:
        line += [(x, bottom - rng.uniform(3, 6)), (x + rng.uniform(2, 4), top + rng.uniform(3, 6))]
        x += rng.uniform(3.5, 6)
    return [smooth(line)]


def _cell_overwritten(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """Another character written over the first one."""
    return penman(text[:1] or "8", item.boxes[0], rng)


def _tick(shape: str) -> Callable[[FieldLayout, str, Random, Penman], list[Stroke]]:
    return lambda item, _text, rng, _penman: tick_strokes(item.boxes[0], shape, rng)


def _line_through(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    x0, top, x1, bottom = item.boxes[0]
    middle = (top + bottom) / 2
    return [[(x0 - rng.uniform(5, 9), middle + rng.gauss(0, 2)), (x1 + rng.uniform(5, 9), middle + rng.gauss(0, 2))]]


def _circled(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    x0, top, x1, bottom = item.boxes[0]
    middle, radius = ((x0 + x1) / 2, (top + bottom) / 2), (x1 - x0) * rng.uniform(0.78, 0.95)
    turns = [math.tau * at / 12 for at in range(14)]
    return [smooth([(middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)) for turn in turns])]


def _blotted(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """A tick taken back: scribbled over, wider than its box."""
    x0, top, x1, bottom = item.boxes[0]
    line = []
    for at in range(16):
        x = x0 - 3 + (x1 - x0 + 6) * at / 15
        line.append((x + rng.gauss(0, 1), (top - 3 if at % 2 else bottom + 3) + rng.gauss(0, 1)))
    across: Stroke = [
        (x0 - 3, (top + bottom) / 2 - 3),
        (x1 + 3, (top + bottom) / 2 - 2),
        (x0 - 3, (top + bottom) / 2 + 3),
    ]
    return [smooth(line), across]


def _dot(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """Where the pen rested."""
    x0, top, x1, bottom = item.boxes[0]
    x, y = rng.uniform(x0 + 4, x1 - 4), rng.uniform(top + 4, bottom - 4)
    return [[(x, y), (x + 0.4, y + 0.3)]]


def _refused(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """A word beside a tick box, in front of it."""
    word = text or "NIE"
    x0, top, _, _ = item.boxes[0]
    return _line_of(word, x0 - 4 - len(word) * _PITCH, top - 3, rng, penman)


def _signature(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    return smoothed(signature(item.boxes[0], rng))


def _signature_beside(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """Signed below the box."""
    x0, top, x1, bottom = item.boxes[0]
    return smoothed(signature((x0, bottom + 3, x0 + (x1 - x0) * 0.7, bottom + (bottom - top) * 0.7), rng))


def _signature_over(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """A signature that begins far in front of its box."""
    x0, top, x1, bottom = item.boxes[0]
    return smoothed(signature((x0 - 150, top, x1 - 60, bottom), rng))


def _dots(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """A pen tried out: a few dots."""
    x0, top, x1, bottom = item.boxes[0]
    at: list[Point] = [(rng.uniform(x0 + 20, x1 - 20), rng.uniform(top + 10, bottom - 10)) for _ in range(9)]
    return [[(x, y), (x + 0.5, y + 0.4)] for x, y in at]


def _dotted_line(item: FieldLayout, _text: str, _rng: Random, _penman: Penman) -> list[Stroke]:
    """A line of dots, as other blanks print it to be signed on."""
    x0, _, x1, bottom = item.boxes[0]
    count = int((x1 - x0 - 40) / 3)
    return [[(x0 + 20 + 3 * at, bottom - 16), (x0 + 20.3 + 3 * at, bottom - 16)] for at in range(count)]


def _slip(item: FieldLayout, _text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """One short stroke of a pen that slipped."""
    x0, top, x1, bottom = item.boxes[0]
    x, y = rng.uniform(x0 + 40, x1 - 90), rng.uniform(top + 15, bottom - 15)
    return [
        smooth([(x, y), (x + rng.uniform(15, 30), y + rng.gauss(0, 3)), (x + rng.uniform(40, 70), y + rng.gauss(0, 5))])
    ]


def _crosses(item: FieldLayout, text: str, rng: Random, _penman: Penman) -> list[Stroke]:
    """Crosses instead of a signature."""
    x0, top, _, bottom = item.boxes[0]
    strokes, size = [], rng.uniform(13, 20)
    for at in range(len(text or "xxx")):
        left, upper = x0 + 50 + at * (size + 8), (top + bottom - size) / 2
        strokes += tick_strokes((left, upper, left + size, upper + size), "cross", rng)
    return strokes


def _word(item: FieldLayout, text: str, rng: Random, penman: Penman) -> list[Stroke]:
    """A word instead of a signature."""
    x0, top, _, bottom = item.boxes[0]
    return _line_of(text or "BRAK", x0 + rng.uniform(30, 80), (top + bottom) / 2 - 10, rng, penman)


SORTS: Final[Mapping[str, Callable[[FieldLayout, str, Random, Penman], list[Stroke]]]] = {
    "beside": _beside, "above": _above, "below": _below, "run": _run, "in cells": _in_cells, "doubled": _doubled,
    "shifted": _shifted,
    "struck": _struck, "scribbled": _scribbled, "overwritten": _cell_overwritten,
    "cross": _tick("cross"), "check": _tick("check"), "filled": _tick("filled"), "wide cross": _tick("wide cross"),
    "long check": _tick("long check"), "line through": _line_through, "circled": _circled, "blotted": _blotted,
    "dot": _dot, "refused": _refused,
    "signature": _signature, "signature beside": _signature_beside, "signature over": _signature_over, "dots": _dots,
    "dotted line": _dotted_line, "slip": _slip, "crosses": _crosses, "word": _word,
}  # fmt: skip
"""Sorts of mishaps by name, of writing, of ticks and of signatures; 'stamp' is one more."""
