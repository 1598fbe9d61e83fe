"""Ink on paper that the form does not print and that lies in none of its fields: stamps, remarks, lines.

It is looked for at ``BLANK_DPI`` and cut out of the sheet, finer, only where there is some; strokes that run over print
are joined again. A page that carries nothing costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import Form
from forms.layout import layout
from ocr.alignment.blanks import BLANK_SCALE, blank, unfilled_fillable
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.fields.stray_ink import Mask, over_edge, printed_on
from ocr.files.page import GrayImage
from ocr.segmentation.components import components

SCALE: Final = READING_DPI / 72
"""Pixels of a point in what is cut out."""
_FINER: Final = 2
"""Pixels of the sheet in one of the blank."""
_INK, _PALE = 200, 225
"""Tones below which there is ink of a stamp, and of one in large pale letters."""
_PRINT: Final = 200
_OWN_PRINT, _OTHERS_PAPER, _SEEN_PRINT = 110, 235, 140
"""Tones of what only one of a form's two blanks prints, and of what is seen of it."""
_WINDOW: Final = (41, 25)
_SHOWN: Final = 0.55
"""Pixels across and down in which less of the print than this share is seen where something lies over it."""
_EDGE: Final = 3
"""Pixels of the blank at its edges in which a photo of the page shows what lay beneath: a frame around all of it."""
_LEAST: Final = 20.0
"""Square points of ink that stands together, of which something may be made."""
_TOGETHER: Final = np.ones((25, 41), np.uint8)
_THICK: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)).astype(np.uint8)
"""5 points: no stroke of a value, a pen or a stamp is as thick, those of letters across a whole page are."""
_WITHIN_THICK: Final = np.ones((9, 9), np.uint8)
_REACH: Final = 15
"""Pixels beyond which neither reaches."""
_ACROSS_PRINT: Final = np.ones((9, 9), np.uint8)
_MOST: Final = 8

Floats = npt.NDArray[np.floating[Any]]
Place = tuple[int, int, int, int]
"""Left, upper, right and lower edge in pixels at ``BLANK_DPI``."""


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Ink of one place, in pixels of the sheet.

    ``thick`` is that of strokes as wide as of letters across a whole page, in pale ink, too. ``seen`` is the picture,
    ``printed`` what the form prints there, ``boxes`` the rows of its boxes with what reaches over them (N x 4).
    """

    ink: Mask
    thick: Mask
    seen: GrayImage
    printed: Mask
    boxes: Floats


def added_ink(sheet: Sheet) -> list[Added]:
    """Where something was added beside the fields, the most first."""
    places = _places(sheet)
    blank_of_page = _blank_of(sheet) if places else None
    return [] if blank_of_page is None else [_cut_out(sheet, place, blank_of_page) for place in places]


def _places(sheet: Sheet) -> list[Place]:
    """Where there is ink that is neither print nor stands in a field."""
    form, page = sheet.form, sheet.alignment.blank.page
    beside = (sheet.lit_as_blank < _PALE) & ~printed_on(form, page) & ~_in_fields(form, page)
    for edge in (beside[:_EDGE], beside[-_EDGE:], beside[:, :_EDGE], beside[:, -_EDGE:]):
        edge[:] = False
    if np.count_nonzero(beside) < _LEAST * BLANK_SCALE**2:
        return []
    labels, facts = components(cv2.dilate(beside.astype(np.uint8), _TOGETHER))
    inks = np.bincount(labels[beside], minlength=len(facts)) / BLANK_SCALE**2
    inks[0] = 0
    high, wide = beside.shape
    found = []
    for at in np.argsort(-inks)[:_MOST].tolist():
        if inks[at] >= _LEAST:
            x, y, across, down, _ = facts[at].tolist()
            found.append((max(0, x), max(0, y), min(wide, x + across), min(high, y + down)))
    return found


def _cut_out(sheet: Sheet, place: Place, blank_of_page: GrayImage) -> Added:
    x0, top, x1, bottom = place
    seen = sheet.picture[top * _FINER : bottom * _FINER, x0 * _FINER : x1 * _FINER]
    high, wide = seen.shape
    print_there = cv2.resize(blank_of_page[top:bottom, x0:x1], (wide, high), interpolation=cv2.INTER_CUBIC).astype(
        np.uint8
    )
    printed = cv2.dilate((print_there < _PRINT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    printed &= ~_covered(seen, print_there)
    dark, pale = (whole((seen < tone) & ~printed, printed) for tone in (_INK, _PALE))
    thick = _thick(pale)
    origin = np.array((x0, top, x0, top)) * _FINER
    boxes = _boxes(sheet.form, sheet.alignment.blank.page) * SCALE - origin
    return Added(dark, thick, seen, printed, boxes)


def _thick(ink: Mask) -> Mask:
    """Where strokes are as thick as ``_THICK``: only near where a square within it fits, which is soon told."""
    drawn, found = ink.astype(np.uint8), np.zeros(ink.shape, np.bool_)
    square = cv2.erode(drawn, _WITHIN_THICK)
    x, y, wide, high = cv2.boundingRect(square)
    if wide:
        there = np.s_[max(0, y - _REACH) : y + high + _REACH, max(0, x - _REACH) : x + wide + _REACH]
        found[there] = cv2.dilate(cv2.bitwise_and(cv2.erode(drawn[there], _THICK), square[there]), _THICK) > 0
    return found


def _covered(seen: GrayImage, print_there: GrayImage) -> Mask:
    """Where something lies over print so that little of it is seen: a label, a stamp in a white field."""
    core = print_there < _OWN_PRINT
    has, shown = (
        cv2.boxFilter(each.astype(np.uint8), cv2.CV_16U, _WINDOW, normalize=False)
        for each in (core, core & (seen < _INK))
    )
    return np.asarray((has > 0) & (shown < _SHOWN * has), np.bool_)


def _blank_of(sheet: Sheet) -> GrayImage:
    """That one of a form's two blanks which the page is: what only one of them prints tells."""
    form, page = sheet.form, sheet.alignment.blank.page
    shown = [
        float((sheet.lit_as_blank[own] < _SEEN_PRINT).mean()) if own.any() else 0.0 for own in _own_print(form, page)
    ]
    return _blanks(form, page)[int(shown[1] > shown[0])]


@cache
def _own_print(form: Form, page: int) -> tuple[Mask, Mask]:
    one, other = _blanks(form, page)
    return (one < _OWN_PRINT) & (other > _OTHERS_PAPER), (other < _OWN_PRINT) & (one > _OTHERS_PAPER)


@cache
def _blanks(form: Form, page: int) -> tuple[GrayImage, GrayImage]:
    return blank(form, page).picture, unfilled_fillable(form, page)


@cache
def _boxes(form: Form, page: int) -> Floats:
    """The rows of boxes with what reaches over them, in points."""
    found = []
    for item in layout(form).on_page(page):
        across, down = over_edge(item)
        rows = ((row[0][0], row[0][1], row[-1][2], row[0][3]) for row in item.rows)
        found += [(x0 - across, top - down, x1 + across, bottom + down) for x0, top, x1, bottom in rows]
    return np.array(found)


@cache
def _in_fields(form: Form, page: int) -> Mask:
    taken = np.zeros(blank(form, page).picture.shape, np.bool_)
    for x0, top, x1, bottom in (_boxes(form, page) * BLANK_SCALE).round().astype(int).tolist():
        taken[max(0, top) : bottom, max(0, x0) : x1] = True
    return taken


def whole(ink: Mask, printed: Mask) -> Mask:
    """Ink beside print with what of it lies on that: strokes go on where they have two ends."""
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, _ACROSS_PRINT) > 0
    return np.asarray(ink | (closed & printed), np.bool_)
