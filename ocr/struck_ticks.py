"""Ticks that were taken back: by one more line through a drawn cross, or by a line through the text beside the box.

What a program draws has no noise, so a cross can be counted: no circle around its middle is crossed more than four
times. The text beside a box is print of the form; where the page's letters can be told from all else, whatever else is
drawn in it is a line through it, and elsewhere a line is longer than any stroke of a letter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import cv2
import numpy as np

from forms.layout import TICK_TEXT_SIZE, FieldLayout
from forms.submission import Box
from forms.typesetting import REGULAR, text_width
from ocr.blanks import BLANK_DPI, BLANK_SCALE
from ocr.marks import inside_of
from ocr.pages import GrayImage, Page
from ocr.sheet import READING_DPI, Sheet
from ocr.stray_ink import Mask, printed_on
from ocr.strikes import has_line

_LINE_HEIGHT: Final = 1.25
"""Of a tick's text, in sizes of its type."""
_LONGEST: Final = 14.0
"""Points: strokes of a tick's text are shorter (measured: 7.2 at most), a line through it is longer."""
_SLOPES: Final = (-0.06, -0.03, 0.0, 0.03, 0.06)
_SOLID: Final = np.ones((round(4.0 * READING_DPI / 72), round(5.0 * READING_DPI / 72)), np.uint8)
"""What fills that many points of height and width is a stain or a shadow, and no line of a pen."""
_DIFFERENT: Final = 8
"""Tones, as in ``drawn_over``."""
_LEAST: Final = 2.0
"""Square points of a mark in a tick's text: more than a speck."""
_LETTERED: Final = 0.5
"""Share of a text's ink that is in the lettering of a page where its letters can be told from all else."""
_INK: Final = 200
_CROSSINGS: Final = 4
_RINGS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MOST_RINGS: Final = 2
"""Of these rings (shares of the box), so many may be crossed more often: letters have their turns."""
_BLACK: Final = 0.97
"""Share of a box that is inked where a surface was laid over it."""
_SCRIBBLED: Final = 0.5
_LEAST_ENCLOSED: Final = 5
"""Pixels of the sheet."""
_MARKED: Final = 0.05
_AROUND: Final = (1.5, 7.0)
"""Points from the box to both edges of the ring in which a line that crosses it goes on."""
_SECTORS: Final = 24
_LEAST_PIXELS: Final = 2


def struck_labels(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the ticks whose text is struck through."""
    return frozenset(
        item.field.name for item in _ticks(sheet) if any(_is_struck(page, sheet, at) for at in _text(item))
    )


def crossed_ticks(page: Page, sheet: Sheet, over: Collection[str]) -> frozenset[str]:
    """Names of the ticks on a drawn page whose mark has more strokes than a cross, or a line that goes on beyond it.

    ``over`` names those over whose lettering something was drawn: a letter that is one tells that of itself.
    """
    free = ~printed_on(sheet.form, sheet.alignment.blank.page)
    foreign = (sheet.as_blank(page.picture) < 255 - _DIFFERENT) & free
    found = set()
    for item in _ticks(sheet):
        dark = inside_of(sheet.picture, READING_DPI, item.boxes[0]) < _INK
        struck = item.field.name in over and _is_lettered(page, sheet, item.boxes[0])
        if struck or _has_more_strokes(dark) or _encloses(dark) or _goes_on(foreign, item.boxes[0]):
            found.add(item.field.name)
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


def _is_struck(page: Page, sheet: Sheet, text: Box) -> bool:
    if page.lettering is not None:
        printed, lettered, seen = (
            _piece(each, text, BLANK_SCALE)
            for each in (sheet.alignment.blank.picture, sheet.as_blank(page.lettering), sheet.as_blank(page.picture))
        )
        if np.count_nonzero(lettered < _INK) >= _LETTERED * np.count_nonzero(printed < _INK):
            return bool(np.count_nonzero(cv2.absdiff(seen, lettered) > _DIFFERENT) > _LEAST * BLANK_SCALE**2)
    unit = READING_DPI / 72
    dark = _piece(sheet.picture, text, unit) < _INK
    solid = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, _SOLID) > 0
    return has_line(dark & ~solid, unit, _LONGEST, _SLOPES)


def _piece(picture: GrayImage, box: Box, scale: float) -> GrayImage:
    x0, top, x1, bottom = (round(edge * scale) for edge in box)
    return picture[top:bottom, x0:x1]


def _has_more_strokes(dark: Mask) -> bool:
    if dark.mean() >= _BLACK:
        return True
    high, wide = dark.shape
    often = 0
    for share in _RINGS:
        across, down = (round((1 - share) * (side - 1) / 2) for side in (wide, high))
        inner = dark[down : high - down, across : wide - across]
        ring = np.concatenate((inner[0], inner[1:, -1], inner[-1, -2::-1], inner[-2:0:-1, 0]))
        often += bool(np.count_nonzero(ring & ~np.roll(ring, 1)) > _CROSSINGS)
    return often > _MOST_RINGS


def _encloses(dark: Mask) -> bool:
    """Whether strokes shut in a piece of paper, as a line through a tick does; one that is scribbled does so anyway."""
    if dark.mean() > _SCRIBBLED:
        return False
    paper = np.pad(~dark, 1, constant_values=True).astype(np.uint8)
    count, _, facts, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    return any(facts[at, cv2.CC_STAT_AREA] >= _LEAST_ENCLOSED for at in range(2, count))


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
