"""What was drawn over the text of a digital page, or under it, so that it is not seen: lines, patches, pictures.

The page is compared with its own lettering, drawn by the same program with the same fonts: what differs in a field, and
is not printed on the form's blanks, is foreign to the value, however thin, pale or broken it is.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from forms.submission import Box
from ocr.alignment.bending import Points
from ocr.alignment.blanks import BLANK_SCALE
from ocr.alignment.sheet import Sheet
from ocr.fields.stray_ink import Mask, printed_on
from ocr.files.page import Page

DIFFERENT: Final = 8
"""Tones, on average over a pixel at ``BLANK_DPI``: the palest line that is seen; drawn pages have no noise."""
_LEAST: Final = 0.6
"""Square points that a foreign mark covers at least: less than a full stop."""
_BESIDE_TICK: Final = 12.0
"""Points around the box of a tick in which a mark may be meant for it."""
_OVER_TICK: Final = 5.0
_BESIDE: Final = 12.0
"""Points around a field in which what comes and goes may be meant for it."""
_DARKER: Final = 90
"""Tones by which ink is darker than its ground that is not pale."""
_FRINGE: Final = np.ones((7, 7), np.uint8)
"""Around dark ink there are pixels that it covers in part."""
_INSET: Final = 0.6
"""Points from the edge of a cell within which its line may stand."""


def drawn_over(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields in which something foreign was drawn; none on a page that has no lettering of its own.

    A tick is part of the lettering where it is that of a form field; where it was drawn, it is told here, too.
    """
    if page.lettering is None:
        return frozenset()
    different = cv2.absdiff(sheet.as_blank(page.picture), sheet.as_blank(page.lettering))
    foreign = (different > DIFFERENT) & ~printed_on(sheet.form, sheet.alignment.blank.page)
    return _marked(sheet, foreign)


def lettered_fields(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields in which there are letters of the page, whether or not the file tells which."""
    if page.lettering is None:
        return frozenset()
    lettered = sheet.as_blank(page.lettering) < 255 - DIFFERENT
    return _marked(sheet, lettered & ~printed_on(sheet.form, sheet.alignment.blank.page))


def foreign_ink(page: Page, sheet: Sheet) -> Mask:
    """Where anything is drawn at all, however pale, and the form prints nothing; of a drawn page, at ``BLANK_DPI``."""
    seen = sheet.as_blank(page.picture) < 255 - DIFFERENT
    return np.asarray(seen & ~printed_on(sheet.form, sheet.alignment.blank.page), np.bool_)


def changing_fields(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields in or beside which the page does not look the same wherever it is shown."""
    if not page.otherwise:
        return frozenset()
    seen = sheet.as_blank(page.picture)
    changing = [cv2.absdiff(seen, sheet.as_blank(picture)) > DIFFERENT for picture in page.otherwise]
    return frozenset(
        item.field.name
        for item in sheet.fields
        if any(_area(each, item.bounds, _BESIDE) > _LEAST * BLANK_SCALE**2 for each in changing)
    )


def marked_ticks(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the ticks in or beside whose boxes anything is drawn at all, however pale."""
    foreign = foreign_ink(page, sheet)
    ticks = [item for item in sheet.fields if item.field.kind.widget == "tick"]
    rows, columns = np.nonzero(foreign)
    points = np.column_stack((columns, rows)) / BLANK_SCALE
    apart = np.array([_distances(points, item.boxes[0]) for item in ticks]).reshape(len(ticks), len(points))
    nearest = apart.argmin(axis=0) if ticks else np.zeros(len(points))
    return frozenset(
        item.field.name
        for at, item in enumerate(ticks)
        if np.count_nonzero((nearest == at) & (apart[at] <= _BESIDE_TICK)) > _LEAST * BLANK_SCALE**2
    )


def pale_marks(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the combs in which something pale is drawn, on ground of whatever colour and apart from dark ink."""
    seen, free = sheet.as_blank(page.picture), ~printed_on(sheet.form, sheet.alignment.blank.page)
    found = set()
    for item in sheet.fields:
        if item.field.kind.widget != "comb":
            continue
        rows, columns = _pixels(item.bounds, -_INSET)
        ground = np.median(seen[rows, columns][free[rows, columns]]) if free[rows, columns].any() else 255.0
        marked = (np.abs(seen[rows, columns] - ground) > DIFFERENT) & free[rows, columns]
        marked &= cv2.dilate((seen[rows, columns] < ground - _DARKER).astype(np.uint8), _FRINGE) == 0
        if np.count_nonzero(marked) > _LEAST * BLANK_SCALE**2:
            found.add(item.field.name)
    return frozenset(found)


def bare_signatures(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the places for a signature in which there is nothing but what the form prints there."""
    foreign = foreign_ink(page, sheet)
    return frozenset(
        item.field.name
        for item in sheet.fields
        if item.field.kind.widget == "signature" and _area(foreign, item.bounds, -_INSET) <= _LEAST * BLANK_SCALE**2
    )


def _distances(points: Points, box: Box) -> Points:
    """How far points (N x 2) lie outside of a box."""
    x0, top, x1, bottom = box
    across = np.maximum(np.maximum(x0 - points[:, 0], points[:, 0] - x1), 0)
    down = np.maximum(np.maximum(top - points[:, 1], points[:, 1] - bottom), 0)
    return np.maximum(across, down)


def _marked(sheet: Sheet, foreign: Mask) -> frozenset[str]:
    """Names of the combs and ticks with more than a speck of it."""
    found = set()
    for item in sheet.fields:
        room = {"comb": -_INSET, "tick": _OVER_TICK}.get(item.field.kind.widget)
        if room is not None and sum(_area(foreign, box, room) for box in item.boxes) > _LEAST * BLANK_SCALE**2:
            found.add(item.field.name)
    return frozenset(found)


def _area(foreign: Mask, box: Box, room: float) -> int:
    """Pixels of it in a box that is made larger by so many points on each side."""
    return int(np.count_nonzero(foreign[_pixels(box, room)]))


def _pixels(box: Box, room: float) -> tuple[slice, slice]:
    x0, top, x1, bottom = box
    rows = slice(max(0, round((top - room) * BLANK_SCALE)), round((bottom + room) * BLANK_SCALE))
    return rows, slice(max(0, round((x0 - room) * BLANK_SCALE)), round((x1 + room) * BLANK_SCALE))
