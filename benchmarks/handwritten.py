"""Whole forms filled in by pen: every character a real stroke of one dev writer, then scanned under a condition.

Needs the handwriting data (sources: ``ocr/handprint/MODEL.md``). The same arguments give the same pages.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.drawing import HAND, Specimen, filled_in, form_and_condition, scanned_to
from benchmarks.eight_thousand import visitor
from benchmarks.penmanship import Penman, Scanned, penmen_of
from benchmarks.signing import Line, signed, written_lines
from forms.blank import draw_blank
from forms.catalogue import current_forms
from forms.form import Form
from forms.kinds import Value, Writing
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from ocr.handprint.training.glyphs import Hands, Points, load
from ocr.handprint.training.writers import Half, in_half
from specimens.paper import PLAIN, as_printed, cells_of, inked
from specimens.people import CustomerRow
from specimens.strokes import tick_strokes

DATA: Final = Path(__file__).parents[1].parent / "shared" / "data" / "handwriting"
"""Where the handwriting data lies beside a checkout."""

_SMALL_NAMES: Final = 0.2
_SMALL_EMAILS: Final = 0.7
_FINER: Final = 4
"""Pixels of a drawn digit for one of the scanned digit's."""


@dataclass(frozen=True, slots=True, eq=False)
class Writers:
    """All that the writers of one half wrote; ``penmen`` are those who can fill in a form, ``lines`` serve to sign."""

    hands: Hands
    penmen: tuple[str, ...]
    lines: tuple[Line, ...] = ()

    @classmethod
    def of(cls, half: Half, data: Path = DATA) -> Writers:
        """Of the handwriting data in that folder; FileNotFoundError when it does not lie there."""
        hands = in_half(load(data, "dev"), half).without_odd()
        return cls(hands, tuple(penmen_of(hands)), tuple(written_lines(data, half)))


class WritingDesk:
    """Makes any page of a run by its number, so that several processes may share the pages out."""

    def __init__(
        self, writers: Writers, seed: int, conditions: Sequence[str], folder: Path, customers: Sequence[CustomerRow]
    ) -> None:
        self._writers, self._seed, self._conditions = writers, seed, tuple(conditions)
        self._folder, self._customers, self._forms = folder, customers, current_forms()

    def page(self, number: int) -> Specimen:
        """Draw, scan and write one page."""
        form, condition = form_and_condition(number, self._forms, self._conditions)
        row, who = visitor(self._customers, number, self._seed)
        values = filled_in(form, row, number, self._seed)
        pdf, manner = write_form(form, values, self._writers, default_rng([self._seed, number]))
        path, picture = scanned_to(self._folder, pdf, (number, form, condition), self._seed)
        expected = as_printed(form, values, replace(PLAIN, capitals=True))
        return Specimen(number, form, condition, HAND, manner, expected, path, picture, who)


def write_form(form: Form, values: Mapping[str, Value], writers: Writers, rng: Generator) -> tuple[bytes, str]:
    """The blank filled in by one of the writers, as PDF; and how he writes, in a few words."""
    penman = Penman(writers.hands, writers.penmen[int(rng.integers(len(writers.penmen)))], rng)
    sheet = _Ink(penman, writers.lines, rng)
    placed = layout(form)
    for page in range(1, placed.pages + 1):
        for item in placed.on_page(page):
            value = values.get(item.field.name)
            if isinstance(value, str) and value:
                sheet.write(item, value)
            elif value is True:
                sheet.mark(item)
        sheet.canvas.showPage()
    sheet.canvas.save()
    return inked(draw_blank(form), sheet.out.getvalue()), penman.manner


class _Ink:
    """The layer of ink over the blank; coordinates as in ``forms.layout``, from the top."""

    def __init__(self, penman: Penman, lines: Sequence[Line], rng: Generator) -> None:
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
        self._penman, self._lines, self._rng = penman, lines, rng
        self._small_names, self._small_email = rng.random() < _SMALL_NAMES, rng.random() < _SMALL_EMAILS
        self._tick = ("cross", "cross", "check", "filled")[int(rng.integers(4))]

    def write(self, item: FieldLayout, value: str) -> None:
        for sign, box in cells_of(item, self._cased(item, value)):
            placed = self._penman.write(sign, box)
            if isinstance(placed, Scanned):
                self._stamp(placed)
            else:
                self._draw(placed)

    def mark(self, item: FieldLayout) -> None:
        box = item.boxes[0]
        if item.field.kind.widget == "signature":
            self._draw(signed(box, self._lines, self._rng))
        else:
            strokes = tick_strokes(box, self._tick, Random(int(self._rng.integers(1 << 31))))
            self._draw([np.array(stroke, np.float32) for stroke in strokes])

    def _cased(self, item: FieldLayout, value: str) -> str:
        """Small or capital letters, as this writer likes it."""
        match item.field.kind.writing:
            case Writing.EMAIL:
                return value if self._small_email else value.upper()
            case Writing.TEXT if not self._small_names:
                return value.upper()
            case Writing.HOUSE:
                return value.upper()
            case _:
                return value

    def _draw(self, strokes: Sequence[Points]) -> None:
        canvas, pen = self.canvas, self._penman.pen
        canvas.setStrokeColorRGB(*pen.colour)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for stroke in strokes:
            canvas.setLineWidth(pen.width * float(self._rng.uniform(0.88, 1.12)))
            path = canvas.beginPath()
            path.moveTo(float(stroke[0][0]), PAGE_HEIGHT - float(stroke[0][1]))
            for x, y in stroke[1:] if len(stroke) > 1 else stroke + np.float32(0.1):
                path.lineTo(float(x), PAGE_HEIGHT - float(y))
            canvas.drawPath(path)

    def _stamp(self, digit: Scanned) -> None:
        """A scanned digit in the colour of the pen, as a picture that lets the paper through."""
        high, wide = digit.coverage.shape
        fine = cv2.resize(digit.coverage, (wide * _FINER, high * _FINER), interpolation=cv2.INTER_CUBIC)
        cover = cv2.convertScaleAbs(fine, alpha=float(self._rng.uniform(1.2, 2.0)), beta=0)
        picture = np.empty((*cover.shape, 4), np.uint8)
        picture[..., :3] = np.round(np.array(self._penman.pen.colour) * 255)
        picture[..., 3] = cover
        (a, c, x), (b, d, y) = digit.to_page
        self.canvas.saveState()
        self.canvas.transform(a, -b, -c, d, x, PAGE_HEIGHT - y)  # both systems turned over: y grows upwards here
        self.canvas.drawImage(ImageReader(Image.fromarray(picture, "RGBA")), 0, -high, wide, high, mask="auto")
        self.canvas.restoreState()
