"""Values that a digital PDF says in so many words: form fields, and the visible characters of its text layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forms.layout import FieldLayout
from forms.submission import Box, FieldValue, Source
from ocr.alignment import Alignment
from ocr.pages import Glyph, Page

_REACH = 2.0
"""Points by which a character may lie outside the cells."""
_SPACE_SHARE = 0.22
"""A gap wider than this share of the letters' height is a space in running text."""

DOUBT_FORMAT = "Wpisana wartość nie pasuje do tego pola. Sprawdź z obrazem."


@dataclass(frozen=True, slots=True)
class Character:
    """A character of the text layer in form points."""

    text: str
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def characters(page: Page, alignment: Alignment) -> tuple[Character, ...]:
    """The characters of a page in form points, wherever and however large the form was printed on it."""
    if not page.glyphs:
        return ()
    corners = np.array([(x, y) for glyph in page.glyphs for x, y in _corners(glyph)], np.float64)
    moved = alignment.to_form(corners).reshape(-1, 4)
    return tuple(
        Character(glyph.text, (float(x0), float(top), float(x1), float(bottom)))
        for glyph, (x0, top, x1, bottom) in zip(page.glyphs, moved, strict=True)
    )


def typed_text(item: FieldLayout, found: Sequence[Character]) -> str:
    """The text that stands in a field, whether one character in each cell or running across them."""
    lines = []
    for row in item.rows:
        x0, top, x1, bottom = row[0][0] - _REACH, row[0][1], row[-1][2] + _REACH, row[0][3]
        inside = [c for c in found if x0 <= c.middle[0] <= x1 and top <= c.middle[1] <= bottom]
        if item.field.kind.separator:
            inside = [c for c in inside if c.text != item.field.kind.separator or _in_a_cell(c, row)]
        lines.append(_line(sorted(inside, key=lambda c: c.box[0]), row))
    return (
        "".join(lines)
        if all(len(line) == len(row) for line, row in zip(lines, item.rows, strict=True))
        else " ".join(lines)
    )


def read_typed(item: FieldLayout, text: str) -> FieldValue:
    """The value of a text found in the text layer."""
    return _value(item, text, Source.TEXT)


def read_widget(item: FieldLayout, value: str | bool | None) -> FieldValue:
    """The value of a form field of the PDF."""
    return _value(item, value, Source.ACROFORM)


def _value(item: FieldLayout, value: str | bool | None, source: Source) -> FieldValue:
    parsed = item.field.kind.parse(value)
    raw = value if isinstance(value, str) and value else None
    if parsed.fault is not None:
        return FieldValue(parsed.value, 0.5, False, source, item.page, item.bounds, raw, DOUBT_FORMAT)
    return FieldValue(parsed.value, 1.0, True, source, item.page, item.bounds, raw)


def _corners(glyph: Glyph) -> tuple[tuple[float, float], tuple[float, float]]:
    return (glyph.box[0], glyph.box[1]), (glyph.box[2], glyph.box[3])


def _line(inside: list[Character], row: list[Box]) -> str:
    written = [c for c in inside if c.text.strip()]
    if not written:
        return ""
    if _one_in_each_cell(written, row):
        cells = [" "] * len(row)
        for character in written:
            cells[_cell_at(character, row)] = character.text
        return "".join(cells)
    height = max(c.box[3] - c.box[1] for c in written)
    text, end = "", written[0].box[0]
    for character in inside:
        if character.text.strip() and character.box[0] - end > _SPACE_SHARE * height and not text.endswith(" "):
            text += " "
        text += character.text
        end = character.box[2]
    return text


def _one_in_each_cell(written: list[Character], row: list[Box]) -> bool:
    cells = [_cell_at(character, row) for character in written]
    return len(set(cells)) == len(cells) and all(
        abs(character.middle[0] - (row[cell][0] + row[cell][2]) / 2) < 0.25 * (row[cell][2] - row[cell][0])
        for character, cell in zip(written, cells, strict=True)
    )


def _in_a_cell(character: Character, row: list[Box]) -> bool:
    """Not in the gap between groups, where the blank prints the separator."""
    return any(x0 <= character.middle[0] <= x1 for x0, _, x1, _ in row)


def _cell_at(character: Character, row: list[Box]) -> int:
    return min(range(len(row)), key=lambda at: abs((row[at][0] + row[at][2]) / 2 - character.middle[0]))
