"""Geometry of a form on paper, computed from its literal: the one source for drawing and for reading.

All on a grid of 34 columns of 15 pt (5.3 mm) on A4, so that combs stand under each other. Coordinates are PDF points
from the top left corner of the page. What is left of the page is shared out between rows and sections, so that a
short form is not crowded at the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from forms.form import Field, Form, Section
from forms.submission import Box
from forms.terms import Terms, terms_of
from forms.typesetting import BOLD, REGULAR, text_width, wrap

PAGE_WIDTH: Final = 595.28
PAGE_HEIGHT: Final = 841.89
COLUMNS: Final = 34
CELL_WIDTH: Final = 15.0
CELL_HEIGHT: Final = 21.0
MARGIN: Final = (PAGE_WIDTH - COLUMNS * CELL_WIDTH) / 2
CONTENT_WIDTH: Final = COLUMNS * CELL_WIDTH

MARK_SIZE: Final = 17.0
MARK_INSET: Final = 20.0
CODE_SIZE: Final = 44.0
CODE_PREFIX: Final = "MZK"
"""By which the Data Matrix is known as ours, whatever the company is called: papers that are out there bear it."""

HEADER_TOP: Final = 46.0
INTRO_SIZE: Final = 9.5
INTRO_LINE: Final = 12.0
CONTENT_TOP: Final = 168.0
"""Top of the first section under an intro of two lines."""
CONTENT_BOTTOM: Final = 742.0
SECTION_HEIGHT: Final = 21.0
SECTION_GAP: Final = 5.0
NOTE_SIZE: Final = 9.0
NOTE_LINE: Final = 11.5
LABEL_SIZE: Final = 9.0
HELP_SIZE: Final = 8.0
LABEL_LINE: Final = 11.0
LABEL_GAP: Final = 2.0
ROW_GAP: Final = 6.0
COMB_ROW_GAP: Final = 3.0
TICK_SIZE: Final = 15.0
TICK_TEXT_SIZE: Final = 10.0
TICK_TEXT_LINE: Final = 12.5
TICK_ROW: Final = 17.0
DECLARATION_SIZE: Final = 10.0
DECLARATION_LINE: Final = 12.5
SIGNATURE_HEIGHT: Final = 56.0
SIGNATURE_COLUMNS: Final = 22

HELP_GAP: Final = 5.0
CHARACTER_SIZE: Final = 13.0
CHARACTER_BASELINE: Final = 15.0

_MOST_SECTION_GAP: Final = 9.0
_MOST_HEADING_GAP: Final = 5.0
_MOST_ROW_GAP: Final = 5.0
_TICK_TEXT_GAP: Final = 7.0


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """Where a field stands: its boxes in reading order and its label.

    ``label_at`` is the top left corner of the label; ``label`` and ``help`` are its lines. ``help_beside`` tells that
    the only line of the help stands after the label instead of below it.
    """

    field: Field
    page: int
    boxes: tuple[Box, ...]
    label_at: tuple[float, float]
    label: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    help_beside: bool = False

    @property
    def rows(self) -> list[list[Box]]:
        """The boxes row by row (a comb may run over several rows)."""
        length = self.field.kind.row_length if self.field.kind.widget == "comb" else 1
        return [list(self.boxes[at : at + length]) for at in range(0, len(self.boxes), length)]

    @property
    def groups(self) -> list[list[Box]]:
        """The boxes in runs that touch each other: what a separator or a new row parts."""
        runs: list[list[Box]] = []
        for row in self.rows:
            at = 0
            for size in self.field.kind.groups or (len(row),):
                runs.append(row[at : at + size])
                at += size
        return runs

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
    """The whole geometry of a form; ``pages`` counts its pages (1-based in ``page``).

    ``declaration`` holds the lines of what the customer signs, printed from the top left corner ``declaration_at``.
    """

    form: Form
    pages: int
    fields: tuple[FieldLayout, ...]
    sections: tuple[SectionLayout, ...]
    declaration: tuple[str, ...] = ()
    declaration_at: tuple[float, float] = (MARGIN, CONTENT_BOTTOM)

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
    return f"{CODE_PREFIX}:{form.code}:{form.version}:{page}"


def layout(form: Form) -> FormLayout:
    """Lay the sections out from top to bottom; ValueError when a row or the page is too small for them."""
    return _layout(form, terms_of(form))


@cache
def _layout(form: Form, terms: Terms | None) -> FormLayout:
    crowded = _lay_out(form, terms, 0.0)
    spare = CONTENT_BOTTOM - _bottom(crowded)
    if spare < 0:
        raise ValueError(f"form {form.code}: its fields need {-spare:.0f} pt more than the page has")
    rows = sum(len(section.rows) for section in form.sections)
    most = (_MOST_SECTION_GAP + _MOST_HEADING_GAP) * len(form.sections) + _MOST_ROW_GAP * rows
    return _lay_out(form, terms, min(1.0, spare / most))


def _bottom(placed: FormLayout) -> float:
    return max(item.bounds[3] for item in placed.fields)


def _lay_out(form: Form, terms: Terms | None, stretch: float) -> FormLayout:
    """``stretch`` 0..1 says how much of the most that gaps may grow is given to them."""
    fields: list[FieldLayout] = []
    sections: list[SectionLayout] = []
    declaration: tuple[str, ...] = ()
    declaration_at = (MARGIN, CONTENT_BOTTOM)
    y = CONTENT_TOP + INTRO_LINE * max(0, len(intro_lines(form)) - 2)
    for section in form.sections:
        height = SECTION_HEIGHT + NOTE_LINE * len(note_lines(section.note))
        bounds = (MARGIN, y, PAGE_WIDTH - MARGIN, y + height)
        sections.append(SectionLayout(_heading(form, section), section.note, 1, bounds))
        y += height + stretch * _MOST_HEADING_GAP
        if _holds_signature(form, section):
            declaration, declaration_at = _declaration(form, terms), (MARGIN, y)
            y += DECLARATION_LINE * len(declaration) + 5
        for row in section.rows:
            placed, height = _place_row(form, [form[name] for name in row], y)
            fields += placed
            y += height + ROW_GAP + stretch * _MOST_ROW_GAP
        y += SECTION_GAP + stretch * _MOST_SECTION_GAP
    return FormLayout(form, 1, tuple(fields), tuple(sections), declaration, declaration_at)


def intro_lines(form: Form) -> tuple[str, ...]:
    """The lines of a form's intro."""
    return wrap(form.intro, REGULAR, INTRO_SIZE, CONTENT_WIDTH)


def note_lines(note: str) -> tuple[str, ...]:
    """The lines of a section's note."""
    return wrap(note, REGULAR, NOTE_SIZE, CONTENT_WIDTH)


def _heading(form: Form, section: Section) -> str:
    """The title; where there is nothing but ticks, with how to make them on paper."""
    only_ticks = all(form[name].kind.widget == "tick" for row in section.rows for name in row)
    return f"{section.title} – zaznacz krzyżykiem" if only_ticks else section.title


def _holds_signature(form: Form, section: Section) -> bool:
    return any(form[name].kind.widget == "signature" for row in section.rows for name in row)


def _declaration(form: Form, terms: Terms | None) -> tuple[str, ...]:
    accepted = f" Moja zgoda dotyczy {terms.of_title} w wersji {terms.version}." if terms else ""
    return wrap(form.declaration + accepted, REGULAR, DECLARATION_SIZE, CONTENT_WIDTH)


def _place_row(form: Form, row: list[Field], top: float) -> tuple[list[FieldLayout], float]:
    """Fields side by side, their boxes in one line under labels of perhaps several lines; height without gap."""
    starts = _starts(form, row)
    room = [
        (following - start) * CELL_WIDTH - 6
        for start, following in zip(starts, [*starts[1:], COLUMNS + 1], strict=True)
    ]
    beside = all(_help_fits_beside(item, width) for item, width in zip(row, room, strict=True))
    labels = [_label(item, width, help_beside=beside) for item, width in zip(row, room, strict=True)]
    box_top = top + max(label.height for label in labels)
    placed, height = [], 0.0
    for item, start, label in zip(row, starts, labels, strict=True):
        x = MARGIN + start * CELL_WIDTH
        if item.kind.widget == "tick":
            boxes: tuple[Box, ...] = ((x, box_top, x + TICK_SIZE, box_top + TICK_SIZE),)
            label_at = (x + TICK_SIZE + _TICK_TEXT_GAP, box_top)
            height = max(height, box_top - top + TICK_ROW, box_top - top + len(label.lines) * TICK_TEXT_LINE + 3)
        else:
            boxes = _boxes(item, x, box_top)
            label_at = (x, box_top - label.height)
            height = max(height, boxes[-1][3] - top)
        placed.append(FieldLayout(item, 1, boxes, label_at, label.lines, label.help, label.help_beside))
    return placed, height


def _starts(form: Form, row: list[Field]) -> list[int]:
    """The first column of each field; a signature stands at the right, ticks share what others leave."""
    ticks = sum(item.kind.widget == "tick" for item in row)
    taken = sum(_columns(item) for item in row) + len(row) - 1
    starts, column = [], 0
    for item in row:
        width = (COLUMNS - taken) // ticks if item.kind.widget == "tick" else _columns(item)
        start = COLUMNS - width if item.kind.widget == "signature" else column
        if start < column or start + width > COLUMNS or width < 1:
            raise ValueError(f"form {form.code}: the row with {item.name} is wider than {COLUMNS} columns")
        starts.append(start)
        column = start + width + 1
    return starts


def _columns(item: Field) -> int:
    """Columns of the grid that a field needs; a tick takes what is left."""
    kind = item.kind
    if kind.widget == "tick":
        return 0
    if kind.widget == "signature":
        return SIGNATURE_COLUMNS
    return sum(kind.groups) + len(kind.groups) - 1 if kind.groups else kind.row_length


@dataclass(frozen=True, slots=True)
class _Label:
    """A label broken into lines; a tick's stands beside its box and takes no height above it."""

    lines: tuple[str, ...]
    help: tuple[str, ...]
    help_beside: bool
    height: float


def _help_fits_beside(item: Field, width: float) -> bool:
    if not item.help or item.kind.widget == "tick":
        return True
    return text_width(item.label, BOLD, LABEL_SIZE) + HELP_GAP + text_width(item.help, REGULAR, HELP_SIZE) <= width


def _label(item: Field, width: float, *, help_beside: bool) -> _Label:
    if item.kind.widget == "tick":
        text = f"{item.label} ({item.help})" if item.help else item.label
        return _Label(wrap(text, REGULAR, TICK_TEXT_SIZE, width - TICK_SIZE - _TICK_TEXT_GAP), (), False, 0.0)
    lines = wrap(item.label, BOLD, LABEL_SIZE, width)
    help_lines = wrap(item.help, REGULAR, HELP_SIZE, PAGE_WIDTH if help_beside else width)
    height = LABEL_LINE * (len(lines) + (0 if help_beside else len(help_lines))) + LABEL_GAP
    return _Label(lines, help_lines, help_beside, height)


def _boxes(item: Field, x: float, top: float) -> tuple[Box, ...]:
    """The boxes of a comb or a signature whose top left corner is given."""
    kind = item.kind
    if kind.widget == "signature":
        return ((x, top, x + SIGNATURE_COLUMNS * CELL_WIDTH, top + SIGNATURE_HEIGHT),)
    offsets: list[int] = []
    column = 0
    for size in kind.groups or (kind.row_length,):
        offsets += range(column, column + size)
        column += size + 1
    boxes = []
    for at in range(kind.length):
        row, place = divmod(at, kind.row_length)
        left = x + offsets[place] * CELL_WIDTH
        cell_top = top + row * (CELL_HEIGHT + COMB_ROW_GAP)
        boxes.append((left, cell_top, left + CELL_WIDTH, cell_top + CELL_HEIGHT))
    return tuple(boxes)


def shown_at(box: Box, turn: int = 0) -> tuple[float, float, float, float]:
    """Where a box (points) lies on its page's picture: left, top, width and height as shares of the picture's sides."""
    x0, top, x1, bottom = (
        edge / side for edge, side in zip(box, (PAGE_WIDTH, PAGE_HEIGHT, PAGE_WIDTH, PAGE_HEIGHT), strict=True)
    )
    for _ in range(turn % 4):
        x0, top, x1, bottom = 1 - bottom, x0, 1 - top, x1
    return x0, top, x1 - x0, bottom - top
