"""Ticks taken back: by one more line through a drawn cross, or by striking out the text beside it.

What a program draws has no noise, so a cross can be counted: no circle around its middle is crossed more than four
times. The text beside a box is print of the form: on a drawn page there is no more and no less than the blank prints
there, be it drawn or typed, and anywhere a line is longer than any stroke of a letter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypeVar

import cv2
import numpy as np

from forms.layout import PAGE_WIDTH, TICK_TEXT_SIZE, FieldLayout
from forms.submission import Box
from forms.typesetting import REGULAR, text_width
from ocr.alignment.blanks import BLANK_DPI, BLANK_SCALE
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.fields.drawn_over import DIFFERENT, foreign_ink
from ocr.fields.stray_ink import Mask
from ocr.fields.strikes import has_line
from ocr.fields.ticks import FLAT, inside_of
from ocr.files.page import GrayImage, Page
from ocr.segmentation.components import components

_LINE_HEIGHT: Final = 1.25
"""Of a tick's text, in sizes of its type."""
_LONGEST_ON_PAPER, _LONGEST_DRAWN = 14.0, 10.0
"""Points: strokes of a tick's text are shorter (measured: 7.2 at most), a line through it is longer."""
_BESIDE: Final = 2.0
"""Points to the right of a box to which a mark in it may reach."""
_OVER_TEXT: Final = 1.0
"""Points above and below a tick's text that are looked at with it."""
_DARK: Final = 128
_GONE: Final = 240
"""What is lighter than this around a dark pixel of the blank covers its print, or stands in its place."""
_LEAST_GONE: Final = 6.0
"""Square points."""
_SLOPES: Final = (-0.06, -0.03, 0.0, 0.03, 0.06)
_SOLID: Final = np.ones((round(4.0 * READING_DPI / 72), round(5.0 * READING_DPI / 72)), np.uint8)
"""What fills that many points of height and width is a stain or a shadow, and no line of a pen."""
_LEAST: Final = 2.0
"""Square points of a mark in a tick's text: more than a speck."""
_LETTERED: Final = 0.5
"""Share of a text's ink that is in the lettering of a page where its letters can be told from all else."""
_INK, _INK_ON_PAPER = 200, 168
"""Tones below which there is a line: what shows through paper from its other side is lighter than a pen."""
_CROSSINGS: Final = 4
_CROSSINGS_OF_A_STAR: Final = 5
"""Programs offer a star with five points as the mark of a form field."""
_RINGS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MOST_RINGS: Final = 2
"""Of these rings (shares of the box), so many may be crossed more often: letters have their turns."""
_BLACK: Final = 0.97
"""Share of a box that is inked where a surface was laid over it."""
_SCRIBBLED: Final = 0.5
_ACROSS: Final = 0.97
"""Share of a box's width or height that is inked where a line crosses it from side to side."""
_BESIDE_LINE: Final = 1.0
_LESS: Final = 0.6
"""So many points beside such a line less than this share is inked: at a filled diamond it is more."""
_LEAST_ENCLOSED: Final = 5
"""Pixels of the sheet."""
_MARKED: Final = 0.05
_AROUND: Final = (1.5, 7.0)
"""Points from the box to both edges of the ring in which a line that crosses it goes on."""
_SECTORS: Final = 24
_LEAST_PIXELS: Final = 2
_NEIGHBOURS: Final = np.ones((3, 3), np.uint8)

_Picture = TypeVar("_Picture", GrayImage, Mask)


def struck_labels(page: Page, sheet: Sheet, *, paper: bool) -> frozenset[str]:
    """Names of the ticks whose text is struck through, or on a drawn page is not what the blank prints there."""
    longest, ink = (_LONGEST_ON_PAPER, _INK_ON_PAPER) if paper else (_LONGEST_DRAWN, _INK)
    found = {
        item.field.name
        for item in _ticks(sheet)
        if any(_is_struck(page, sheet, at, longest, ink) for at in _text(item))
    }
    if not paper:
        found |= _reworded(page, sheet)
    return frozenset(found)


def crossed_ticks(page: Page, sheet: Sheet, over: Collection[str], told: Collection[str]) -> frozenset[str]:
    """Names of the ticks on a drawn page whose mark has more strokes than a cross, or is no tick by its look.

    ``over`` names those over whose lettering something was drawn: a letter that is one tells that of itself. ``told``
    names those that are form fields, whose look is whatever the file says.
    """
    foreign = foreign_ink(page, sheet)
    found = set()
    for item in _ticks(sheet):
        name, box = item.field.name, item.boxes[0]
        dark = inside_of(sheet.picture, READING_DPI, box) < _INK
        struck = name in over and name not in told and _is_lettered(page, sheet, box)
        most = _CROSSINGS_OF_A_STAR if name in told else _CROSSINGS
        taken_back = _has_more_strokes(dark, most) or _encloses(dark)
        odd = name in told and (_is_crossed(dark) or _is_dash(dark))
        if struck or taken_back or odd or _goes_on(foreign, box):
            found.add(name)
    return frozenset(found)


def _ticks(sheet: Sheet) -> list[FieldLayout]:
    return [item for item in sheet.fields if item.field.kind.widget == "tick"]


def _text(item: FieldLayout) -> list[Box]:
    """The lines of a tick's text."""
    x, top = item.label_at
    high = _LINE_HEIGHT * TICK_TEXT_SIZE
    return [
        (x, top + at * high, x + text_width(line, REGULAR, TICK_TEXT_SIZE), top + (at + 1) * high)
        for at, line in enumerate(item.label)
    ]


def _is_struck(page: Page, sheet: Sheet, text: Box, longest: float, ink: int) -> bool:
    if page.lettering is not None:
        printed, lettered, seen = (
            _piece(each, text, BLANK_SCALE)
            for each in (sheet.alignment.blank.picture, sheet.as_blank(page.lettering), sheet.as_blank(page.picture))
        )
        known = np.count_nonzero(lettered < _INK) >= _LETTERED * np.count_nonzero(printed < _INK)
        if known and np.count_nonzero(cv2.absdiff(seen, lettered) > DIFFERENT) > _LEAST * BLANK_SCALE**2:
            return True
    unit = READING_DPI / 72
    dark = _piece(sheet.picture, text, unit) < ink
    solid = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, _SOLID) > 0
    return has_line(dark & ~solid, unit, longest, _SLOPES)


def _reworded(page: Page, sheet: Sheet) -> set[str]:
    """Names of the ticks at whose text there is ink where the blank has none, or none where it has some."""
    seen, printed = sheet.as_blank(page.picture), sheet.alignment.blank.picture
    foreign = foreign_ink(page, sheet)
    gone = (cv2.erode(seen, _NEIGHBOURS) > _GONE) & (printed < _DARK)
    found = set()
    for item in _ticks(sheet):
        text = _text(item)
        left, top, bottom = item.boxes[0][2] + _BESIDE, text[0][1] - _OVER_TEXT, text[-1][3] + _OVER_TEXT
        row = (left, top, _next_field(sheet, left, top, bottom) - _BESIDE, bottom)
        for marks, least in ((foreign, _LEAST), (gone, _LEAST_GONE)):
            if np.count_nonzero(_piece(marks, row, BLANK_SCALE)) > least * BLANK_SCALE**2:
                found.add(item.field.name)
    return found


def _next_field(sheet: Sheet, left: float, top: float, bottom: float) -> float:
    """Where the next field to the right begins between those heights, whose marks are its own; else the page's edge."""
    boxes = (box for item in sheet.fields for box in item.boxes)
    return min((box[0] for box in boxes if box[0] > left and box[1] < bottom and box[3] > top), default=PAGE_WIDTH)


def _piece(picture: _Picture, box: Box, scale: float) -> _Picture:
    x0, top, x1, bottom = (round(edge * scale) for edge in box)
    return picture[top:bottom, x0:x1]


def _has_more_strokes(dark: Mask, crossings: int) -> bool:
    if dark.mean() >= _BLACK:
        return True
    high, wide = dark.shape
    often = 0
    for share in _RINGS:
        across, down = (round((1 - share) * (side - 1) / 2) for side in (wide, high))
        inner = dark[down : high - down, across : wide - across]
        ring = np.concatenate((inner[0], inner[1:, -1], inner[-1, -2::-1], inner[-2:0:-1, 0]))
        often += bool(np.count_nonzero(ring & ~np.roll(ring, 1)) > crossings)
    return often > _MOST_RINGS


def _encloses(dark: Mask) -> bool:
    """Whether strokes shut in a piece of paper, as a line through a tick does; one that is scribbled does so anyway."""
    if dark.mean() > _SCRIBBLED:
        return False
    paper = np.pad(~dark, 1, constant_values=True).astype(np.uint8)
    _, facts = components(paper, connectivity=4)
    return bool((facts[2:, cv2.CC_STAT_AREA] >= _LEAST_ENCLOSED).any())


def _is_crossed(dark: Mask) -> bool:
    """Whether a thin line runs through a box from side to side, level or upright."""
    step = max(1, round(_BESIDE_LINE * READING_DPI / 72))
    for inked in (dark.mean(axis=1), dark.mean(axis=0)):
        full = np.flatnonzero(inked >= _ACROSS)
        for run in np.split(full, np.flatnonzero(np.diff(full) > 1) + 1) if len(full) else ():
            beside = (inked[at] for at in (run[0] - step, run[-1] + step) if 0 <= at < len(inked))
            if all(share < _LESS for share in beside):
                return True
    return False


def _is_dash(dark: Mask) -> bool:
    """Whether what is in a box is flat or narrow."""
    rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return False
    return bool(min(np.ptp(rows) / dark.shape[0], np.ptp(columns) / dark.shape[1]) < FLAT)


def _is_lettered(page: Page, sheet: Sheet, box: Box) -> bool:
    if page.lettering is None:
        return False
    return bool((inside_of(sheet.as_blank(page.lettering), BLANK_DPI, box) < _INK).mean() >= _MARKED)


def _goes_on(foreign: Mask, box: Box) -> bool:
    """Whether there is ink beside a box in two directions that face each other."""
    near, far = _AROUND
    rows, columns = np.nonzero(foreign)
    x, y = (columns + 0.5) / BLANK_SCALE, (rows + 0.5) / BLANK_SCALE
    out = np.maximum.reduce((box[0] - x, x - box[2], box[1] - y, y - box[3]))
    beside = (out > near) & (out <= far)
    angles = np.arctan2(y[beside] - (box[1] + box[3]) / 2, x[beside] - (box[0] + box[2]) / 2)
    sectors = np.floor(angles / (2 * np.pi) * _SECTORS + 0.5).astype(int) % _SECTORS
    inked = np.bincount(sectors, minlength=_SECTORS) >= _LEAST_PIXELS
    return any(bool((inked & np.roll(inked, _SECTORS // 2 + turn)).any()) for turn in (-1, 0, 1))
