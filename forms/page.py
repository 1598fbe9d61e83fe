"""The page of a form as it is printed; the blank and the fillable PDF share it stroke for stroke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final

import numpy as np
import zxingcpp
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from environment.settings import get_settings
from forms import wording
from forms.form import Form
from forms.layout import (
    CELL_WIDTH,
    CODE_SIZE,
    CONTENT_WIDTH,
    DECLARATION_LINE,
    DECLARATION_SIZE,
    HEADER_TOP,
    HELP_GAP,
    HELP_SIZE,
    INTRO_LINE,
    INTRO_SIZE,
    LABEL_LINE,
    LABEL_SIZE,
    MARGIN,
    NOTE_LINE,
    NOTE_SIZE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    TICK_TEXT_LINE,
    TICK_TEXT_SIZE,
    FieldLayout,
    FormLayout,
    SectionLayout,
    code_box,
    code_text,
    corner_marks,
    intro_lines,
    layout,
    note_lines,
)
from forms.submission import Box
from forms.tagging import Headings
from forms.typesetting import BOLD, REGULAR, load_fonts, text_width, wrap

INK: Final = Color(0.08, 0.10, 0.14)
QUIET: Final = Color(0.27, 0.31, 0.37)
LINE: Final = Color(0.56, 0.67, 0.79)
"""Light grey-blue: clear to the eye, light enough to drop out of a scan."""

Point = tuple[float, float]

COMB_STROKE: Final = 0.5
TICK_STROKE: Final = 0.8

TITLE_SIZE: Final = 19.0
SECTION_SIZE: Final = 11.5
SEPARATOR_SIZE: Final = 13.0
INSTRUCTION_SIZE: Final = 9.0
INSTRUCTION_LINE: Final = 11.5
LEAD_WIDTH: Final = 70.0
NOTE_TOP: Final = 756.0
SMALL_SIZE: Final = 7.0
SMALL_LINE: Final = 8.6
_BESIDE_CODE: Final = CONTENT_WIDTH - CODE_SIZE - 14
_LABEL_BASELINE: Final = 8.5
_TICK_BASELINE: Final = 11.0


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to fill the page in, where it goes, and a remark in the signature box.

    ``typed`` says that it is filled in on a screen: running text then has an open line instead of cells.
    """

    fill_in: str
    hand_in: str
    at_signature: str = ""
    typed: bool = False


def draw_page(form: Form, instructions: Instructions) -> bytes:
    """The form as a PDF of A4 pages; the same form and settings give the same bytes."""
    load_fonts()
    placed = layout(form)
    target = BytesIO()
    canvas = Canvas(target, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, lang="pl", initialFontName=REGULAR)
    canvas.setTitle(form.title)
    canvas.setAuthor(get_settings().company_name)
    canvas.setSubject(form.intro)
    canvas.setCreator("ebok")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for page in range(1, placed.pages + 1):
        pen = _Pen(canvas)
        _draw_head(pen, form, instructions)
        for draw in _in_order(pen, placed, page, instructions):
            draw()
        _draw_ksef(pen, form)
        _draw_data_protection(pen, form)
        _draw_frame(pen, form, page, placed.pages)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def headings(form: Form) -> Headings:
    """How the headings of a form's page are set."""
    return Headings(_fitting(form.title, BOLD, TITLE_SIZE, _BESIDE_CODE), SECTION_SIZE, SEPARATOR_SIZE)


def label_start(item: FieldLayout) -> Point:
    """Where the label of a field begins, in points from the bottom left corner of the page."""
    x, top = item.label_at
    return x, PAGE_HEIGHT - top - (_TICK_BASELINE if item.field.kind.widget == "tick" else _LABEL_BASELINE)


def _in_order(pen: _Pen, placed: FormLayout, page: int, instructions: Instructions) -> list[Callable[[], None]]:
    """What draws sections, declaration and fields of a page, in the order in which they are read."""
    x, top = placed.declaration_at
    parts: list[tuple[float, float, Callable[[], None]]] = [(top, x, partial(_draw_declaration, pen, placed))]
    shown = (section for section in placed.sections if section.page == page)
    parts += [(section.bounds[1], 0.0, partial(_draw_section, pen, section)) for section in shown]
    for item in placed.on_page(page):
        x, top = item.label_at
        parts.append((top, x, partial(_draw_field, pen, item, instructions)))
    return [draw for _, _, draw in sorted(parts, key=itemgetter(0, 1))]


class _Pen:
    """A canvas with the origin at the top left corner, as the layout has it."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas

    def text(self, at: Point, text: str, size: float, font: str = REGULAR, colour: Color = INK) -> None:
        """Write a text from its left end on the baseline."""
        self._canvas.setFillColor(colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(at[0], PAGE_HEIGHT - at[1], text)

    def line(self, start: Point, end: Point, width: float) -> None:
        self._canvas.setStrokeColor(LINE)
        self._canvas.setLineWidth(width)
        self._canvas.line(start[0], PAGE_HEIGHT - start[1], end[0], PAGE_HEIGHT - end[1])

    def frame(self, box: Box, width: float) -> None:
        self._canvas.setStrokeColor(LINE)
        self._canvas.setLineWidth(width)
        self._canvas.rect(box[0], PAGE_HEIGHT - box[3], box[2] - box[0], box[3] - box[1], stroke=1, fill=0)

    def fill(self, boxes: list[Box], colour: Color = INK) -> None:
        """Fill boxes as one path, so that neighbours show no seam."""
        path = self._canvas.beginPath()
        for x0, top, x1, bottom in boxes:
            path.rect(x0, PAGE_HEIGHT - bottom, x1 - x0, bottom - top)
        self._canvas.setFillColor(colour)
        self._canvas.drawPath(path, stroke=0, fill=1)


def _draw_frame(pen: _Pen, form: Form, page: int, pages: int) -> None:
    """Corner marks, Data Matrix and footer."""
    black = Color(0, 0, 0)
    pen.fill(list(corner_marks()), black)
    pen.fill(data_matrix(code_text(form, page), code_box()), black)
    text = wording.footer(form, page, pages)
    middle = (PAGE_WIDTH - text_width(text, REGULAR, SMALL_SIZE)) / 2
    pen.text((middle, PAGE_HEIGHT - 25), text, SMALL_SIZE, colour=QUIET)


def data_matrix(text: str, box: Box) -> list[Box]:
    """The dark bars of a square Data Matrix that fills the box."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, forceSquare=True)
    image = symbol.to_image(scale=1, add_quiet_zones=False)
    modules: list[list[int]] = np.asarray(image).tolist()
    size = (box[2] - box[0]) / len(modules)
    bars: list[Box] = []
    for row, line in enumerate(modules):
        top = box[1] + row * size
        start: int | None = None
        for column, value in enumerate([*line, 255]):
            dark = value < 128
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                bars.append((box[0] + start * size, top, box[0] + column * size, top + size))
                start = None
    return bars


def _draw_head(pen: _Pen, form: Form, instructions: Instructions) -> None:
    """Company, title, what the form does, how to fill it in."""
    settings = get_settings()
    y = HEADER_TOP + 9
    pen.text((MARGIN, y), settings.company_name, _fitting(settings.company_name, BOLD, 10.5, _BESIDE_CODE), BOLD)
    y += 12
    pen.text(
        (MARGIN, y), wording.contact_line(), _fitting(wording.contact_line(), REGULAR, 8.5, _BESIDE_CODE), colour=QUIET
    )
    y += 27
    pen.text((MARGIN, y), form.title, headings(form).title, BOLD)
    y += 16
    for line in intro_lines(form):
        pen.text((MARGIN, y), line, INTRO_SIZE)
        y += INTRO_LINE
    y += 3
    for lead, text in (("Jak wypełnić", instructions.fill_in), ("Gdzie oddać", instructions.hand_in)):
        pen.text((MARGIN, y), lead, INSTRUCTION_SIZE, BOLD)
        for line in wrap(text, REGULAR, INSTRUCTION_SIZE, CONTENT_WIDTH - LEAD_WIDTH):
            pen.text((MARGIN + LEAD_WIDTH, y), line, INSTRUCTION_SIZE)
            y += INSTRUCTION_LINE


def _fitting(text: str, font: str, size: float, width: float) -> float:
    """The size, made smaller when the text would be wider than there is room."""
    return min(size, size * width / text_width(text, font, size))


def _draw_section(pen: _Pen, section: SectionLayout) -> None:
    x0, top, x1, _ = section.bounds
    pen.line((x0, top), (x1, top), 1.0)
    pen.text((x0, top + 14), section.title, SECTION_SIZE, BOLD)
    for number, line in enumerate(note_lines(section.note)):
        pen.text((x0, top + 26 + number * NOTE_LINE), line, NOTE_SIZE, colour=QUIET)


def _draw_declaration(pen: _Pen, placed: FormLayout) -> None:
    x, top = placed.declaration_at
    for number, line in enumerate(placed.declaration):
        pen.text((x, top + 9 + number * DECLARATION_LINE), line, DECLARATION_SIZE)


def _draw_field(pen: _Pen, item: FieldLayout, instructions: Instructions) -> None:
    widget = item.field.kind.widget
    x, top = item.label_at
    if widget == "tick":
        for number, line in enumerate(item.label):
            pen.text((x, top + _TICK_BASELINE + number * TICK_TEXT_LINE), line, TICK_TEXT_SIZE)
        pen.frame(item.boxes[0], TICK_STROKE)
        return
    for number, line in enumerate((*item.label, *(() if item.help_beside else item.help))):
        is_label = number < len(item.label)
        baseline = top + _LABEL_BASELINE + number * LABEL_LINE
        pen.text((x, baseline), line, *((LABEL_SIZE, BOLD, INK) if is_label else (HELP_SIZE, REGULAR, QUIET)))
    if item.help_beside and item.help:
        beside = x + text_width(item.label[0], BOLD, LABEL_SIZE) + HELP_GAP
        pen.text((beside, top + _LABEL_BASELINE), item.help[0], HELP_SIZE, colour=QUIET)
    if widget == "signature":
        pen.frame(item.boxes[0], TICK_STROKE)
        if instructions.at_signature:
            x0, _, _, bottom = item.boxes[0]
            pen.text((x0 + 6, bottom - 6), instructions.at_signature, 7.5, colour=QUIET)
    elif instructions.typed and item.field.kind.open_line:
        first = item.rows[0]
        pen.frame((first[0][0], first[0][1], first[-1][2], first[-1][3]), COMB_STROKE)
    else:
        _draw_comb(pen, item)


def _draw_comb(pen: _Pen, item: FieldLayout) -> None:
    """Each run of cells as one frame with dividers, the separator printed in the gap between runs."""
    groups = item.groups
    for group in groups:
        left, top, _, bottom = group[0]
        pen.frame((left, top, group[-1][2], bottom), COMB_STROKE)
        for cell in group[1:]:
            pen.line((cell[0], top), (cell[0], bottom), COMB_STROKE)
    separator = item.field.kind.separator
    for group, following in pairwise(groups):
        if separator and following[0][1] == group[0][1]:
            _draw_separator(pen, separator, group[-1])


def _draw_separator(pen: _Pen, separator: str, before: Box) -> None:
    """A dash in the middle, any other sign on the baseline, in the column after a cell."""
    _, top, x, bottom = before
    middle = x + CELL_WIDTH / 2
    if separator == "-":
        pen.line((middle - 3, (top + bottom) / 2), (middle + 3, (top + bottom) / 2), 1.2)
    else:
        left = middle - text_width(separator, BOLD, SEPARATOR_SIZE) / 2
        pen.text((left, bottom - 5), separator, SEPARATOR_SIZE, BOLD, LINE)


def _draw_ksef(pen: _Pen, form: Form) -> None:
    """Right above the note on data, well below what is filled in."""
    if text := wording.ksef_line(form):
        size = _fitting(text, REGULAR, SMALL_SIZE, CONTENT_WIDTH)
        pen.text((MARGIN, NOTE_TOP - SMALL_LINE), text, size)


def _draw_data_protection(pen: _Pen, form: Form) -> None:
    pen.text((MARGIN, NOTE_TOP), "Ochrona danych osobowych", SMALL_SIZE, BOLD, QUIET)
    note = wording.data_protection_note(form.data_note)
    for number, line in enumerate(wrap(note, REGULAR, SMALL_SIZE, CONTENT_WIDTH)):
        pen.text((MARGIN, NOTE_TOP + (number + 1) * SMALL_LINE), line, SMALL_SIZE, colour=QUIET)
