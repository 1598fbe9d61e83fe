"""Geometry of a form on paper, computed from its literal: the one source for drawing and for reading.

All on a grid of 34 columns of 15 pt (5.3 mm) on A4, so that combs stand under each other. Coordinates are PDF points
from the top left corner of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from forms.form import Field, Form
from forms.submission import Box

PAGE_WIDTH: Final = 595.28
PAGE_HEIGHT: Final = 841.89
COLUMNS: Final = 34
CELL_WIDTH: Final = 15.0
CELL_HEIGHT: Final = 20.0
MARGIN: Final = (PAGE_WIDTH - COLUMNS * CELL_WIDTH) / 2

MARK_SIZE: Final = 17.0
MARK_INSET: Final = 20.0
CODE_SIZE: Final = 44.0

HEADER_TOP: Final = 46.0
CONTENT_TOP: Final = 158.0
SECTION_HEIGHT: Final = 19.0
SECTION_GAP: Final = 5.0
NOTE_LINE: Final = 10.5
LABEL_HEIGHT: Final = 11.0
ROW_GAP: Final = 6.0
COMB_ROW_GAP: Final = 3.0
TICK_SIZE: Final = 15.0
TICK_ROW: Final = 21.0
SIGNATURE_HEIGHT: Final = 54.0
SIGNATURE_COLUMNS: Final = 22
NOTE_TOP: Final = 722.0
CONTENT_BOTTOM: Final = 718.0


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """Where a field stands: its boxes in reading order and where its label begins."""

    field: Field
    page: int
    boxes: tuple[Box, ...]
    label_at: tuple[float, float]

    @property
    def rows(self) -> list[list[Box]]:
        """The boxes row by row (a comb may run over several rows)."""
        length = self.field.kind.row_length if self.field.kind.widget == "comb" else 1
        return [list(self.boxes[at : at + length]) for at in range(0, len(self.boxes), length)]

    @property
    def bounds(self) -> Box:
        """The smallest box around all of its boxes."""
        return (
            min(b[0] for b in self.boxes),
            min(b[1] for b in self.boxes),
            max(b[2] for b in self.boxes),
            max(b[3] for b in self.boxes),
        )


@dataclass(frozen=True, slots=True)
class SectionLayout:
    """Where the heading of a section stands, and its note."""

    title: str
    note: str
    page: int
    bounds: Box


@dataclass(frozen=True, slots=True)
class FormLayout:
    """The whole geometry of a form; ``pages`` counts its pages (1-based in ``page``)."""

    form: Form
    pages: int
    fields: tuple[FieldLayout, ...]
    sections: tuple[SectionLayout, ...]

    def __getitem__(self, name: str) -> FieldLayout:
        """Layout of the field of that name."""
        return next(item for item in self.fields if item.field.name == name)

    def on_page(self, page: int) -> Iterator[FieldLayout]:
        """Fields of one page (1-based)."""
        return (item for item in self.fields if item.page == page)


def corner_marks() -> tuple[Box, ...]:
    """The four black squares: top left, top right, bottom left, bottom right."""
    lefts = (MARK_INSET, PAGE_WIDTH - MARK_INSET - MARK_SIZE)
    tops = (MARK_INSET, PAGE_HEIGHT - MARK_INSET - MARK_SIZE)
    return tuple((x, y, x + MARK_SIZE, y + MARK_SIZE) for y in tops for x in lefts)


def code_box() -> Box:
    """Where the Data Matrix with form code, version and page stands."""
    right = PAGE_WIDTH - MARGIN
    return (right - CODE_SIZE, HEADER_TOP, right, HEADER_TOP + CODE_SIZE)


def code_text(form: Form, page: int) -> str:
    """What the Data Matrix says: ``MZK:code:version:page``."""
    return f"MZK:{form.code}:{form.version}:{page}"


@cache
def layout(form: Form) -> FormLayout:
    """Lay the sections out from top to bottom; ValueError when a row or the page is too small for them."""
    fields: list[FieldLayout] = []
    sections: list[SectionLayout] = []
    y = CONTENT_TOP
    for section in form.sections:
        height = SECTION_HEIGHT + NOTE_LINE * _note_lines(section.note)
        sections.append(SectionLayout(section.title, section.note, 1, (MARGIN, y, PAGE_WIDTH - MARGIN, y + height)))
        y += height
        for row in section.rows:
            placed, height = _place_row(form, [form[name] for name in row], y)
            fields += placed
            y += height
        y += SECTION_GAP
    if y > CONTENT_BOTTOM:
        raise ValueError(f"form {form.code}: its fields need {y:.0f} pt, the page ends at {CONTENT_BOTTOM:.0f} pt")
    return FormLayout(form, 1, tuple(fields), tuple(sections))


def _note_lines(note: str) -> int:
    return note.count("\n") + 1 if note else 0


def _place_row(form: Form, row: list[Field], top: float) -> tuple[list[FieldLayout], float]:
    placed, column, height = [], 0, 0.0
    for item in row:
        x = MARGIN + column * CELL_WIDTH
        if item.kind.widget == "tick":
            boxes: tuple[Box, ...] = ((x, top + 2, x + TICK_SIZE, top + 2 + TICK_SIZE),)
            width, used = COLUMNS, TICK_ROW
            label_at = (x + TICK_SIZE + 7, top + 2)
        elif item.kind.widget == "signature":
            x, width = MARGIN + (COLUMNS - SIGNATURE_COLUMNS) * CELL_WIDTH, SIGNATURE_COLUMNS
            box_top = top + LABEL_HEIGHT
            boxes = ((x, box_top, x + width * CELL_WIDTH, box_top + SIGNATURE_HEIGHT),)
            label_at, used = (x, top), LABEL_HEIGHT + SIGNATURE_HEIGHT + ROW_GAP
        else:
            boxes, width, used = _comb(item, x, top + LABEL_HEIGHT)
            label_at, used = (x, top), used + LABEL_HEIGHT + ROW_GAP
        if column + width > COLUMNS:
            raise ValueError(f"form {form.code}: the row with {item.name} is wider than {COLUMNS} columns")
        placed.append(FieldLayout(item, 1, tuple(boxes), label_at))
        column += width + 1
        height = max(height, used)
    return placed, height


def _comb(item: Field, x: float, top: float) -> tuple[tuple[Box, ...], int, float]:
    kind = item.kind
    groups = kind.groups or (kind.row_length,)
    offsets: list[int] = []
    column = 0
    for size in groups:
        offsets += range(column, column + size)
        column += size + 1
    boxes = []
    for at in range(kind.length):
        row, place = divmod(at, kind.row_length)
        left = x + offsets[place] * CELL_WIDTH
        cell_top = top + row * (CELL_HEIGHT + COMB_ROW_GAP)
        boxes.append((left, cell_top, left + CELL_WIDTH, cell_top + CELL_HEIGHT))
    return tuple(boxes), column - 1, kind.rows * CELL_HEIGHT + (kind.rows - 1) * COMB_ROW_GAP
