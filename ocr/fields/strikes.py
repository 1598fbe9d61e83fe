"""Writing that ignores the cells of its comb: values struck out as a whole, and running handwriting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.segmentation.combs import Comb, Strip
from ocr.segmentation.components import components
from ocr.segmentation.ink import DARK, LETTER_HEIGHT, clusters, union

_LINE: Final = 13.0
"""Points: a stroke that keeps its level for so long is no part of a character."""
_SLOPE: Final = 0.1
"""How much a line may rise or fall in that, as a share of it."""
_STRUCK_CELLS: Final = 2.2
"""Cells that a line crosses at least when it strikes out more than a sign."""
_STRUCK_SHARE: Final = 0.35
"""Share of the row's writing that it crosses; fewer cells are judged one by one (measured: 0.57 and more)."""
_BETWEEN_DASHES: Final = 1.0
"""Points; printed digits that stand as near join to no level line (measured: 1.5 cells at most, dashes 6.8)."""
_THICKEST: Final = 12.0
"""Points: what is higher is a shadow or something that lies on the page, no line (measured: 7.2 at most)."""
_JOINED: Final = 4.0
"""Cells wide is a piece of ink that joins letters."""
_NARROW: Final = 0.84
"""Letters stand less than this many cells apart where nobody heeds the cells."""
_HEEDED: Final = 0.11
"""Length of the mean of the letters' places in their cells, taken as directions: 1 when all are alike, 0 at random."""
_FEWEST: Final = 5
_SLANTING: Final = 17.0
"""Points: in print no stroke of a letter slants for so long (measured: 14 in none of 474 combs of scans)."""
_SLANTS: Final = tuple(sign * rise / 100 for rise in range(12, 101, 6) for sign in (1, -1))
_ACROSS: Final = 0.7
"""The width of the steepest of these lines as a share of its length."""
_TOWERING, _TALLEST = 1.5, 13.5
"""A stroke so much taller than its row's letters, and so many points tall, is none of them."""
_HAIR: Final = 0.5
"""Points of width on average that a stroke has at least."""
_UNEVEN: Final = 3
"""Pixels by which a line may leave its level."""

Mask = npt.NDArray[np.bool_]

DOUBT_STRUCK: Final = "Wpis wygląda na przekreślony. Sprawdź z obrazem."
DOUBT_RUNNING: Final = "Pismo nie trzyma się kratek. Przepisz z obrazu."


def doubt_in_cells(comb: Comb, *, by_hand: bool, digits: bool = False) -> str | None:
    """What is doubtful about how a comb is filled in, in Polish; None when it can be read. Print may run over cells.

    ``digits`` tells that dashes are no part of what is written there: printed in a row they strike it out.
    """
    gaps = _BETWEEN_DASHES if digits and not by_hand else 0.0
    if any(struck_out(strip, gaps) for strip in comb.strips):
        return DOUBT_STRUCK
    if not by_hand and any(_slanting(strip) or _towering(strip) for strip in comb.strips):
        return DOUBT_STRUCK
    return DOUBT_RUNNING if by_hand and any(_heedless(strip) for strip in comb.strips) else None


def struck_out(strip: Strip, gaps: float = 0.0) -> bool:
    """Whether a line, nearly level, runs through some cells; one in an empty field strikes nothing out.

    The line may have gaps of so many points.
    """
    unit = strip.dpi / 72
    if not any(ink.height > LETTER_HEIGHT * unit for ink in strip.inks):
        return False
    ink = (strip.picture < DARK).astype(np.uint8)
    if gaps:
        ink = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, round(gaps * unit) + 1), np.uint8)).astype(np.uint8)
    thick = cv2.dilate(ink, np.ones((max(1, round(_LINE * unit * _SLOPE)), 3), np.uint8))
    _, facts = components(cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(_LINE * unit)), np.uint8)))
    cell = strip.edges[0][1] - strip.edges[0][0]
    written = max(each.x1 for each in strip.inks) - min(each.x0 for each in strip.inks)
    least, high = max(_STRUCK_CELLS * cell, _STRUCK_SHARE * written), ink.shape[0]
    for _, y, width, height, _ in facts[1:].tolist():
        middle = y + height / 2
        if width >= least and height <= _THICKEST * unit and 0.25 * high < middle < 0.75 * high:
            return True
    return False


def _slanting(strip: Strip) -> bool:
    """Whether a slanting line runs through print, whose letters stand apart."""
    unit = strip.dpi / 72
    ink = cv2.dilate((strip.picture < DARK).astype(np.uint8), np.ones((_UNEVEN, 1), np.uint8))
    labels, facts = components(ink)
    wide = facts[1:, cv2.CC_STAT_WIDTH] >= _ACROSS * _SLANTING * unit
    steep = facts[1:, cv2.CC_STAT_HEIGHT] >= _SLANTS[0] * _ACROSS * _SLANTING * unit
    long = 1 + np.flatnonzero(wide & steep)  # a comb's level line is neither print nor drawn over it
    return bool(len(long)) and has_line(np.isin(labels, long), unit, _SLANTING, _SLANTS)


def _towering(strip: Strip) -> bool:
    """Whether a stroke in print is much taller than its letters, and no hair."""
    unit = strip.dpi / 72
    letters = [ink for ink in strip.inks if ink.height > LETTER_HEIGHT * unit]
    if not letters:
        return False
    least = max(_TOWERING * float(np.median([ink.height for ink in letters])), _TALLEST * unit)
    return any(ink.height >= least and ink.area > _HAIR * unit * ink.height for ink in letters)


def has_line(dark: Mask, unit: float, length: float, slopes: Sequence[float] = (0.0,)) -> bool:
    """Whether ink lies along a straight line of that length (points), at one of these slopes; letters leave gaps."""
    ink = cv2.dilate(dark.astype(np.uint8), np.ones((_UNEVEN, 1), np.uint8)).astype(np.uint8)
    for slope in slopes:
        bar = np.ones((1, max(1, round(length * unit / np.hypot(1.0, slope)))), np.uint8)
        if cv2.countNonZero(cv2.erode(sheared(ink, slope), bar)):
            return True
    return False


def sheared(ink: npt.NDArray[np.uint8], slope: float) -> npt.NDArray[np.uint8]:
    """Ink with what rises so steeply laid level; each column is moved down by its number times the slope."""
    if not slope:
        return ink
    high, wide = ink.shape
    room = int(np.ceil(abs(slope) * wide))
    shear = np.array([[1.0, 0.0, 0.0], [slope, 1.0, room if slope < 0 else 0.0]])
    return cv2.warpAffine(ink, shear, (wide, high + room), flags=cv2.INTER_NEAREST).astype(np.uint8)


def _heedless(strip: Strip) -> bool:
    """Whether letters are joined over cells, or stand without regard to them."""
    unit, cell = strip.dpi / 72, strip.edges[0][1] - strip.edges[0][0]
    if any(ink.width > _JOINED * cell for ink in strip.inks):
        return True
    boxes = [union(tuple(group)) for group in clusters(tuple(strip.inks))]
    letters = [box for box in boxes if box is not None and box.height > LETTER_HEIGHT * unit]
    if len(letters) < _FEWEST:
        return False
    middles = np.array([letter.middle for letter in letters])
    turns = np.exp(2j * np.pi * (middles - strip.edges[0][0]) / cell)
    pitch = float(np.median(np.diff(np.sort(middles)))) / cell
    return bool(pitch < _NARROW or abs(turns.mean()) < _HEEDED)
