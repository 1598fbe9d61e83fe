"""What a PDF's form fields and text layer say about the fields of a page, beside what its picture shows.

These are statements, not values: what they say counts where the picture of the field shows it (``page_reading``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from forms.kinds import Parsed, Value, Writing
from forms.layout import PAGE_HEIGHT, FieldLayout
from forms.submission import Box, Source
from ocr.alignment.alignment import Alignment
from ocr.alignment.sheet import Sheet
from ocr.fields.stray_ink import printed_on
from ocr.files.page import Glyph, Page, Widget

_REACH: Final = 2.0
"""Points by which a character may lie outside the cells."""
_SPACE_SHARE: Final = 0.22
"""A gap wider than this share of the letters' height is a space in running text."""
NOTE_REACH: Final = (6.0, 12.0)
"""Points, across and down, from a field to a note that may be meant for it."""
_STAMP: Final = 24.0
"""Points: letters that are taller than this are no value and no print of a form."""
_GOOD_PART: Final = 0.3
_INK: Final = 200
_OVERTYPED: Final = 0.4
"""Share of a character's width on which the next one stands that is typed over it."""
_NEXT: Final = 3
"""Characters that may begin on one of ordinary width."""
_MOSTLY: Final = 0.5
_SAME_PLACE: Final = 1.0
"""Points: no two letters of a kind stand nearer to each other."""
_CROSSES: Final = frozenset("xX×✓✔✗✘☑☒vV+*")
_GARBLED: Final = re.compile(r"(?<=[^\W\d_])[^\w\s.,'\-/)?\"+](?=[^\W\d_]|\s*$)")
"""A sign where a word has a letter: programs that write fonts anew lose the names of Polish letters."""
_UNMAPPED: Final = "(cid:"
_MISREAD_AS: Final = ("latin-1", "cp1252", "pdfdoc")
_WRITTEN_AS: Final = ("utf-8", "cp1250", "iso8859-2")
"""Polish letters of the second are shown as others where a program takes their bytes for the first."""

_Thing = TypeVar("_Thing", Glyph, Widget)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the file says of one field.

    ``readings`` are the values that may be meant, the likeliest first; None among them: that the field is empty. None
    at all where the data contradict themselves. ``raw`` is the text as it stands in the file, ``parted`` tells that
    there is a space within it.
    """

    source: Source
    readings: tuple[Parsed, ...]
    raw: str | None = None
    parted: bool = False

    @property
    def value(self) -> Value:
        """The likeliest value; None where there is none."""
        return self.readings[0].value if self.readings else None


@dataclass(frozen=True, slots=True)
class Character:
    """A character of the text layer in form points."""

    text: str
    box: Box
    middle: tuple[float, float]


_LAYERS: Final[WeakKeyDictionary[Sheet, tuple[tuple[Glyph, ...], list[Character]]]] = WeakKeyDictionary()


def photographed(page: Page, sheet: Sheet) -> bool:
    """Whether the form on a page is a photograph of paper: without the photographs, most of its print is gone."""
    if page.bare is None:
        return not page.digital
    printed = printed_on(sheet.form, sheet.alignment.blank.page)
    with_all, without = (np.count_nonzero(sheet.as_blank(each)[printed] < _INK) for each in (page.picture, page.bare))
    return bool(without < _MOSTLY * with_all)


def characters(page: Page, sheet: Sheet) -> list[Character]:
    """The characters of the text layer in form points: thousands, for which several ask."""
    known = _LAYERS.get(sheet)
    if known is None or known[0] is not page.glyphs:
        known = _LAYERS[sheet] = (
            page.glyphs,
            [
                Character(glyph.text, box, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
                for glyph, box in _placed(page.glyphs, sheet.alignment)
            ],
        )
    return known[1]


def statements(page: Page, sheet: Sheet) -> dict[str, Statement]:
    """What the file says of the fields of a drawn page, by field name; a form field goes before the text layer."""
    layer = characters(page, sheet)
    widgets = _placed(page.widgets, sheet.alignment)
    found = {}
    for item in sheet.fields:
        told = [widget.value for widget, box in widgets if _stands_in(box, item) and not _is_misplaced(widget, item)]
        lines = _typed_lines(item, layer) if item.field.kind.widget == "comb" else []
        typed = _joined(item, lines)
        if told and (any(each is not None for each in told) or not typed.strip()):
            parted = any(isinstance(each, str) and " " in each.strip() for each in told)
            found[item.field.name] = replace(_statement(item, told, Source.ACROFORM), parted=parted)
        elif typed.strip():
            parted = any(" " in line.strip() for line in lines)
            found[item.field.name] = replace(_statement(item, [typed], Source.TEXT), parted=parted)
    return found


def lettered_ticks(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the ticks in whose boxes letters stand that are no cross: 'NIE' in a box is no consent."""
    layer = [(text, each.box) for each in characters(page, sheet) if (text := each.text.strip())]
    return frozenset(
        item.field.name
        for item in sheet.fields
        if item.field.kind.widget == "tick"
        for text, box in layer
        if text not in _CROSSES and _shares(box, item.boxes[0])
    )


def overtyped_fields(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields in which letters stand on letters, or beside what a form field says: dashes may strike out.

    A letter that is set twice in a place is bold, and what a form field's text says once more is that text.
    """
    layer = [each for each in characters(page, sheet) if each.text.strip()]
    widgets = _placed(page.widgets, sheet.alignment)
    found = set()
    for item in sheet.fields:
        if item.field.kind.widget != "comb":
            continue
        told = {
            item.field.kind.parse(each.value).value for each, box in widgets if each.value and _stands_in(box, item)
        }
        rows = [_once(sorted(_standing_in(row, item, layer), key=lambda c: c.box[0])) for row in item.rows]
        lines = [_line(written, row) for written, row in zip(rows, item.rows, strict=True)]
        typed = item.field.kind.parse(_joined(item, lines)).value
        if any(map(_overlap, rows)) or (told and any(rows) and told != {typed}):
            found.add(item.field.name)
    return frozenset(found)


def _standing_in(row: Sequence[Box], item: FieldLayout, layer: Sequence[Character]) -> list[Character]:
    """The characters that reach into a row of a field, but for what the blank prints between groups."""
    x0, top, x1, bottom = row[0][0], row[0][1], row[-1][2], row[0][3]
    return [
        c
        for c in layer
        if c.box[0] < x1 and x0 < c.box[2] and top <= c.middle[1] <= bottom
        if c.text != item.field.kind.separator or _in_a_cell(c, list(row))
    ]


def _overlap(written: Sequence[Character]) -> bool:
    """Whether characters of one line, from left to right, stand on one another."""
    return any(
        min(one.box[2], other.box[2]) - other.box[0]
        > _OVERTYPED * min(one.box[2] - one.box[0], other.box[2] - other.box[0])
        for at, one in enumerate(written)
        for other in written[at + 1 : at + 1 + _NEXT]
    )


def noted_fields(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields at which there is a note, or letters of a stamp's size, or two form fields in one place."""
    notes = in_form(page.notes, sheet.alignment) + _stamped(page, sheet)
    placed = [(widget, box) for widget, box in _placed(page.widgets, sheet.alignment) if widget.shown]
    notes += [
        box
        for widget, box in placed
        if any(_is_misplaced(widget, item) and _shares(box, item.bounds) for item in sheet.fields)
    ]
    shown = [box for _, box in placed]
    return frozenset(
        item.field.name
        for item in sheet.fields
        if any(is_at(note, item) for note in notes) or sum(_shares(box, item.bounds) for box in shown) > 1
    )


def is_at(note: Box, item: FieldLayout) -> bool:
    """Whether a note reaches so near to a field that it may be meant for it."""
    (across, down), (x0, top, x1, bottom) = NOTE_REACH, item.bounds
    return x0 - across < note[2] and note[0] < x1 + across and top - down < note[3] and note[1] < bottom + down


def bears_stamp(page: Page, sheet: Sheet) -> bool:
    """Whether there are letters of a stamp's size anywhere on the form: they are about all of it."""
    return bool(_stamped(page, sheet))


def _stamped(page: Page, sheet: Sheet) -> list[Box]:
    return [
        each.box
        for each in characters(page, sheet)
        if each.box[3] - each.box[1] > _STAMP and each.text.strip() and each.box[3] > 0 and each.box[1] < PAGE_HEIGHT
    ]


def _shares(one: Box, other: Box) -> bool:
    """Whether two boxes cover a good part of the smaller one of them together."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across > 0 and down > 0 and across * down > _GOOD_PART * smaller


def _statement(item: FieldLayout, told: Sequence[str | bool | None], source: Source) -> Statement:
    said = set(told)
    if len(said) > 1 or (item.field.kind.widget == "tick" and None in said):
        return Statement(source, ())
    (value,) = said
    if not isinstance(value, str):
        return Statement(source, (Parsed(value),))
    if not is_readable(value) or (
        source is Source.TEXT and item.field.kind.writing is Writing.TEXT and _GARBLED.search(value)
    ):
        return Statement(source, (), value)
    readings = dict.fromkeys(item.field.kind.parse(text) for text in (value, *_repaired(value)))
    return Statement(source, tuple(readings), value)


def is_readable(text: str) -> bool:
    """Whether every character of a text layer is known: fonts without a map leave numbers and private signs."""
    return _UNMAPPED not in text and not any(sign == "\ufffd" or "\ue000" <= sign <= "\uf8ff" for sign in text)


def _repaired(text: str) -> Iterator[str]:
    """What may be meant by a text in signs of other widths, or whose bytes were taken for those of another encoding."""
    if text.isascii():
        return
    yield unicodedata.normalize("NFKC", text)
    for misread in _MISREAD_AS:
        for written in _WRITTEN_AS:
            try:
                yield text.encode(misread).decode(written)
            except UnicodeError:
                continue


def _stands_in(box: Box, item: FieldLayout) -> bool:
    """Whether a form field is the one of this field: it stands on its cells, whatever its name."""
    x0, top, x1, bottom = item.bounds
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x0 <= across <= x1 and top <= down <= bottom


def _is_misplaced(widget: Widget, item: FieldLayout) -> bool:
    """Whether a box to be ticked stands where the form has cells: it says nothing of what is in them."""
    return isinstance(widget.value, bool) and item.field.kind.widget == "comb"


def _placed(things: Sequence[_Thing], alignment: Alignment) -> list[tuple[_Thing, Box]]:
    return list(zip(things, in_form([each.box for each in things], alignment), strict=True))


def in_form(boxes: Sequence[Box], alignment: Alignment) -> list[Box]:
    """Boxes of a picture in form points, wherever and however large the form was printed on it."""
    if not boxes:
        return []
    moved = alignment.to_form(np.array(boxes, np.float64).reshape(-1, 2)).reshape(-1, 4)
    upright = np.hstack((np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])))
    return [(x0, top, x1, bottom) for x0, top, x1, bottom in upright.tolist()]


def edges_in_form(page: Page, alignment: Alignment) -> Box:
    """The edges of a page in form points."""
    high, wide = page.picture.shape
    return in_form([(-0.5, -0.5, wide - 0.5, high - 0.5)], alignment)[0]


def _typed_lines(item: FieldLayout, found: Sequence[Character]) -> list[str]:
    """The text that stands in each row of a field, whether one character in each cell or running across them."""
    lines = []
    for row in item.rows:
        x0, top, x1, bottom = row[0][0] - _REACH, row[0][1], row[-1][2] + _REACH, row[0][3]
        inside = [c for c in found if x0 <= c.middle[0] <= x1 and top <= c.middle[1] <= bottom]
        if item.field.kind.separator:
            inside = [c for c in inside if c.text != item.field.kind.separator or _in_a_cell(c, row)]
        lines.append(_line(_once(sorted(inside, key=lambda c: c.box[0])), row))
    return lines


def _joined(item: FieldLayout, lines: Sequence[str]) -> str:
    """The rows of a comb as one text; rows of running text are words."""
    cells = all(len(line) == len(row) for line, row in zip(lines, item.rows, strict=bool(lines)))
    return ("" if cells else " ").join(lines)


def _once(inside: list[Character]) -> list[Character]:
    """Each character once: some programs draw bold letters twice, a little beside each other."""
    found: list[Character] = []
    for character in inside:
        twin = any(
            other.text == character.text
            and abs(other.box[0] - character.box[0]) < _SAME_PLACE
            and abs(other.box[1] - character.box[1]) < _SAME_PLACE
            for other in found[-4:]
        )
        if not twin:
            found.append(character)
    return found


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
