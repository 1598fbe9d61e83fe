"""What affects a drawn page as a whole: notes and marks away from the fields, and print that is not the form's own.

A stamp in the head, a line at the foot or a note in the margin may void what stands in the fields. A drawn page has no
dirt: whatever is there and is neither printed on the form nor written into its boxes, somebody has added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from math import ceil
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from forms.submission import Box
from ocr.alignment.blanks import BLANK_SCALE, blank, unfilled_fillable
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.fields.drawn_over import DIFFERENT
from ocr.fields.stray_ink import Mask, over_edge, printed_on
from ocr.fields.witnesses import NOTE_REACH, Character, characters, edges_in_form, in_form, is_at
from ocr.files.page import GrayImage, Page
from ocr.lexicons.remarks import has_remark_word

DOUBT_ADDED_TO_PAGE: Final = "Na stronie jest dopisek, stempel lub adnotacja poza polami. Sprawdź z obrazem."
DOUBT_OTHER_PRINT: Final = "Druk formularza jest zmieniony albo zasłonięty. Sprawdź z obrazem, czego dotyczy strona."

_SPECK: Final = 1.0
_LEAST: Final = 6.0
"""Square points of ink of a piece that is no speck, and of all that was added: a 'NIE' in small type has more."""
_MOST_REACHING: Final = 60.0
"""Square points that a line through a value may have beside its box."""
_TALLEST: Final = 34.0
"""Points: a note that is taller is more than a line through a value or a correction of it."""
_PRINT, _PAPER = 130, 200
"""Tones: what is as dark on both blanks is print, and where nothing near is darker than this none is left of it."""
_LEAST_PRINT: Final = 3.0
"""Square points of print that are missing: two letters."""
_EDGE: Final = 1.5
"""Points from the edge of a page within which print may be cut off."""
_LABEL: Final = 3.0
"""Points around the text of a tick; what goes through that is about the tick."""
_FARTHEST: Final = 600
"""Pixels around the form that are looked at where it does not fill the page."""
_MARGIN: Final = 30.0
_SMALL: Final = 10.5
"""Points: the margin above and below in which programs write what they print, and the size of their type."""
_FRAME: Final = 2.0
"""Points by which the line around an electronic signature may lie beside its place."""
_OVER_LETTER: Final = 2.0
"""Points by which ink may reach over what the file tells of a letter's place."""
_LEAST_OF_LETTERS: Final = 4.0
"""Square points of ink of letters that the form does not print: a question mark in small type has more. Forms as
programs leave them had none, and 2 where they were drawn coarsely."""
_OVER_PRINT: Final = 110
"""Tones by which letters on letters are darker than what the form prints there or next to it."""
_AROUND_ROW: Final = (6.0, 1.0)
"""Points across and down around a row of cells in which the middle of a letter of its value may stand."""
_WORDS_OF_PROGRAMS: Final = frozenset({"strona", "str", "page", "of", "wydruk", "wydrukowano", "data", "ebok"})
_ADDRESS: Final = re.compile(r"[\d./:@_\\]")
_LINE: Final = 3.0
_GAP: Final = 1.5
"""Points: letters of one line stand as level, and those of a word as near to each other."""


def is_added_to(page: Page, sheet: Sheet) -> bool:
    """Whether a note or anything drawn stands on a page of ours away from its fields."""
    return _has_notes(page, sheet) or _has_marks(page, sheet) or _has_letters(page, sheet)


def is_print_changed(page: Page, sheet: Sheet) -> bool:
    """Whether something of what the form prints beside its boxes is missing from the page."""
    form, number = sheet.form, sheet.alignment.blank.page
    missing = _print(form, number) & (cv2.erode(sheet.as_blank(page.picture), np.ones((3, 3), np.uint8)) > _PAPER)
    x0, top, x1, bottom = edges_in_form(page, sheet.alignment)
    shown = np.zeros(missing.shape, np.bool_)
    shown[_pixels((x0 + _EDGE, top + _EDGE, x1 - _EDGE, bottom - _EDGE))] = True
    for box in _signed(page, sheet):
        shown[_pixels(box)] = False
    return bool(np.count_nonzero(missing & shown) > _LEAST_PRINT * BLANK_SCALE**2)


def _has_notes(page: Page, sheet: Sheet) -> bool:
    """Whether a note says something of the page wherever it stands, or stands away from all fields."""
    notes = in_form([note for note in page.notes if note not in page.signed], sheet.alignment)
    return bool(page.remarks) or any(not _is_at_a_field(note, sheet) for note in notes)


def _is_at_a_field(note: Box, sheet: Sheet) -> bool:
    high, down = note[3] - note[1], NOTE_REACH[1]
    return any(
        is_at(note, item) and high <= max(_TALLEST, item.bounds[3] - item.bounds[1] + 2 * down) for item in sheet.fields
    )


def _signed(page: Page, sheet: Sheet) -> Iterator[Box]:
    """What electronic signatures cover, with the line around them."""
    for x0, top, x1, bottom in in_form(page.signed, sheet.alignment):
        yield x0 - _FRAME, top - _FRAME, x1 + _FRAME, bottom + _FRAME


def _has_marks(page: Page, sheet: Sheet) -> bool:
    form, number = sheet.form, sheet.alignment.blank.page
    seen, left, top = _whole(page, sheet)
    high, wide = sheet.alignment.blank.picture.shape
    around = (top, seen.shape[0] - top - high), (left, seen.shape[1] - left - wide)
    printed, fields, signatures = (
        np.pad(mask, around) for mask in (printed_on(form, number), _of_fields(form, number), _signatures(form, number))
    )
    passed = np.zeros(seen.shape, np.bool_)
    for box in _passed(page, sheet):
        passed[_pixels(box, left, top)] = True
    added, inside = (seen < 255 - DIFFERENT) & ~printed & ~passed, fields | signatures
    # what reaches out of a box is one with what stands in it, through the line around it
    count, labels = cv2.connectedComponents((added | (printed & inside)).astype(np.uint8))
    beside = _inks(labels, added & ~inside, count)
    reaching = (2 * beside < _inks(labels, added, count)) & (
        (beside < _MOST_REACHING) | (_inks(labels, added & signatures, count) > 0)
    )
    return bool(beside[(beside >= _SPECK) & ~reaching].sum() > _LEAST)


def _passed(page: Page, sheet: Sheet) -> Iterator[Box]:
    """What was added and voids nothing."""
    yield from _signed(page, sheet)
    yield from _of_programs(page, sheet)


def _has_letters(page: Page, sheet: Sheet) -> bool:
    """Whether letters that the form does not print stand outside of all fields, also on its print.

    All ink of the page cannot tell: what touches the line of a box is taken for a part of the value there, and a word
    on a label for print.
    """
    if page.lettering is None:
        return False
    form, number = sheet.form, sheet.alignment.blank.page
    seen = sheet.as_blank(page.lettering)
    foreign = ((seen < 255 - DIFFERENT) & ~printed_on(form, number)) | (seen < _darkest(form, number))
    for box in _passed(page, sheet):
        foreign[_pixels(box)] = False
    across, down = _AROUND_ROW
    rows = [(row[0][0] - across, row[0][1] - down, row[-1][2] + across, row[0][3] + down) for row in _rows(sheet)]
    x0, top, x1, bottom = np.array(rows, np.float64).reshape(-1, 4).T
    signs = [each for each in characters(page, sheet) if each.text.strip()]
    x, y = np.array([each.middle for each in signs], np.float64).reshape(-1, 2).T[..., None]
    in_rows = ((x0 <= x) & (x <= x1) & (top <= y) & (y <= bottom)).any(axis=1)
    letters = np.zeros(foreign.shape, np.bool_)
    for each, in_row in zip(signs, in_rows.tolist(), strict=True):
        if not in_row:
            letters[_pixels(each.box)] = True
    return bool(np.count_nonzero(foreign & letters) > _LEAST_OF_LETTERS * BLANK_SCALE**2)


def _rows(sheet: Sheet) -> Iterator[Sequence[Box]]:
    return (row for item in sheet.fields for row in item.rows)


@cache
def _darkest(form: Form, page: int) -> npt.NDArray[np.int16]:
    """Tones that a page falls below only where something stands on the print of a form's blanks."""
    printed = np.minimum(blank(form, page).picture, unfilled_fillable(form, page))
    return cv2.erode(printed, np.ones((3, 3), np.uint8)).astype(np.int16) - _OVER_PRINT


def _inks(labels: npt.NDArray[Any], where: Mask, count: int) -> npt.NDArray[np.float64]:
    """Square points of each piece in that place; nothing of what is no piece."""
    inks = np.bincount(labels[where], minlength=count) / BLANK_SCALE**2
    inks[0] = 0
    return inks


def _whole(page: Page, sheet: Sheet) -> tuple[GrayImage, int, int]:
    """The whole page at ``BLANK_DPI``, and the pixels that it has to the left of the form and above it."""
    x0, upper, x1, lower = edges_in_form(page, sheet.alignment)
    over = (-x0, -upper, x1 - PAGE_WIDTH, lower - PAGE_HEIGHT)
    left, top, right, bottom = (min(ceil(each * BLANK_SCALE), _FARTHEST) if each > _EDGE else 0 for each in over)
    if not (left or top or right or bottom):
        return sheet.as_blank(page.picture), 0, 0
    box = (
        *(-left / BLANK_SCALE, -top / BLANK_SCALE),
        *(PAGE_WIDTH + right / BLANK_SCALE, PAGE_HEIGHT + bottom / BLANK_SCALE),
    )
    high, wide = sheet.alignment.blank.picture.shape
    size = wide + left + right, high + top + bottom
    fine = sheet.alignment.cut(page.picture, box, READING_DPI)
    return cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.uint8), left, top


def _of_programs(page: Page, sheet: Sheet) -> Iterator[Box]:
    """Letters of what programs write into the margins of what they print: addresses, dates, numbers of pages."""
    _, upper, _, lower = edges_in_form(page, sheet.alignment)
    small = [
        each
        for each in characters(page, sheet)
        if (each.box[3] < upper + _MARGIN or each.box[1] > lower - _MARGIN) and each.box[3] - each.box[1] <= _SMALL
    ]
    for line in _lines(small):
        if all(_is_of_a_program(word, sheet.form) for word in _text(line).split()):
            for x0, top, x1, bottom in (each.box for each in line):
                yield x0 - _OVER_LETTER, top - _OVER_LETTER, x1 + _OVER_LETTER, bottom + _OVER_LETTER


def _lines(found: Sequence[Character]) -> Iterator[list[Character]]:
    line: list[Character] = []
    for each in sorted(found, key=lambda one: one.middle[1]):
        if line and each.middle[1] - line[-1].middle[1] > _LINE:
            yield line
            line = []
        line.append(each)
    if line:
        yield line


def _text(line: Sequence[Character]) -> str:
    text, end = "", 0.0
    for each in sorted(line, key=lambda one: one.box[0]):
        text += " " + each.text if each.box[0] - end > _GAP else each.text
        end = each.box[2]
    return text


def _is_of_a_program(word: str, form: Form) -> bool:
    if has_remark_word(word):
        return False
    bare = word.strip(".,:;!?()-–—|").lower()
    own = _WORDS_OF_PROGRAMS | set(form.title.lower().split())
    return len(bare) <= 1 or bool(_ADDRESS.search(bare)) or bare in own


@cache
def _print(form: Form, page: int) -> Mask:
    """What both of a form's blanks print, away from the boxes."""
    lightest = np.maximum(blank(form, page).picture, unfilled_fillable(form, page))
    return np.asarray((lightest < _PRINT) & ~_of_fields(form, page) & ~_signatures(form, page), np.bool_)


@cache
def _of_fields(form: Form, page: int) -> Mask:
    """Where what is drawn is about one field: its boxes with what reaches over them, and the text of a tick."""
    fields = [item for item in layout(form).on_page(page) if item.field.kind.widget != "signature"]
    taken = _reached(form, page, fields)
    for item in fields:
        if item.field.kind.widget == "tick":
            rows = _pixels((0, item.label_at[1] - _LABEL, PAGE_WIDTH, item.bounds[3] + _LABEL))[0]
            inked = np.flatnonzero(printed_on(form, page)[rows].any(axis=0))
            taken[rows, round(item.bounds[0] * BLANK_SCALE) : int(inked.max()) + 1] = True
    return taken


@cache
def _signatures(form: Form, page: int) -> Mask:
    return _reached(form, page, [item for item in layout(form).on_page(page) if item.field.kind.widget == "signature"])


def _reached(form: Form, page: int, fields: Sequence[FieldLayout]) -> Mask:
    """The boxes of these fields, with what reaches over them."""
    taken = np.zeros(blank(form, page).picture.shape, np.bool_)
    for item in fields:
        across, down = over_edge(item)
        for x0, top, x1, bottom in item.boxes:
            taken[_pixels((x0 - across, top - down, x1 + across, bottom + down))] = True
    return taken


def _pixels(box: Box, left: int = 0, top: int = 0) -> tuple[slice, slice]:
    """Rows and columns of a box in a picture that begins so many pixels before the form."""
    x0, upper, x1, lower = box
    rows = slice(max(0, round(upper * BLANK_SCALE) + top), max(0, round(lower * BLANK_SCALE) + top + 1))
    return rows, slice(max(0, round(x0 * BLANK_SCALE) + left), max(0, round(x1 * BLANK_SCALE) + left + 1))
