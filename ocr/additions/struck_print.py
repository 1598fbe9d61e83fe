"""Lines on paper away from the fields: print of the form that is struck through, crossed out or scribbled over.

Who crosses out the head of a form or the text above his signature takes the form back. Offices put lines on paper too:
those around their stamps come in pairs and have corners, and flourishes of initials are short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from ocr.additions.added_ink import SCALE, Added, whole
from ocr.alignment.blanks import BLANK_SCALE
from ocr.fields.stray_ink import Mask
from ocr.fields.strikes import sheared
from ocr.segmentation.components import components

DOUBT_STRUCK_PRINT: Final = "Druk formularza jest przekreślony poza polami. Sprawdź z obrazem, czego to dotyczy."

_INK, _PALE = 160, 210
"""Tones of the evenly lit sheet below which there is a pen, and a shadow or a stain."""
_BROAD: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)).astype(np.uint8)
_BESIDE: Final = np.ones((9, 9), np.uint8)
"""Pixels of the sheet: what is broader than 4.7 points is none of a pen, nor is its fringe."""
_LARGEST: Final = round(0.4 * PAGE_WIDTH * PAGE_HEIGHT * SCALE**2)
"""Pixels: what covers more of a page is a shadow or a stain; lines from side to side are told by ``crossed_out``."""
_COARSE: Final = 70
"""Of 255: so much of a pixel at ``BLANK_DPI`` is inked."""
_LEAST: Final = 45.0
"""Points: a level line is as long, and no stroke of print is (measured: 14 in a title)."""
_SLOPES: Final = (-0.1, -0.075, -0.05, -0.025, 0.0, 0.025, 0.05, 0.075, 0.1)
_UNEVEN: Final = 3
_RULE: Final = 80.0
"""Points: lines that the form prints are as long, and no word."""
_THICKEST: Final = 7.0
_OVER_PRINT: Final = (0.2, 0.85)
"""Share of a line that runs over letters if it strikes them through; one between lines has less, print itself more."""
_BETWEEN_SIDES: Final = (16.0, 90.0)
"""Points between the upper and the lower line around a stamp."""
_ALONG: Final = 0.6
_PARALLEL: Final = 0.06
_CORNER, _AT_END = 10.0, 5.0
"""Points: how long the side of a stamp is at least, and how near to the end of a line it stands."""
_SLANTED, _GAP = 95.0, 14.0
"""Points of a slanting line, and of a gap in it where it runs over print."""
_COARSER: Final = 0.7
"""Pixels per point, so that a line drawn by hand is straight."""
_FILLED: Final = 0.5
_SLANT: Final = (20.0, 70.0)
"""Degrees from the level."""
_MOSTLY: Final = 0.5
_TURNS: Final = 8
_SCRIBBLED: Final = 0.08
"""A stroke that goes to and fro so often, and the share of it that runs over print, scribbles over it."""
_LONG: Final = 200.0
"""Points: longer than the line around a stamp is one that crosses out the head of a form from side to side."""
_LONG_SLANT: Final = (5.0, 85.0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A level line in pixels at ``BLANK_DPI``, and the share of it that runs over print."""

    x0: float
    y0: float
    x1: float
    y1: float
    over_print: float

    @property
    def slope(self) -> float:
        """How steeply it falls to the right."""
        return (self.y1 - self.y0) / (self.x1 - self.x0)


def is_print_struck(added: Iterable[Added]) -> bool:
    """Whether a line strikes out print of a form in what was added to it."""
    return any(
        _is_struck_through(each, ink) or _is_crossed_out(ink) or _is_scribbled_over(each, ink)
        for each, ink in ((each, _pen(each)) for each in added if each.seen.size <= _LARGEST)
    )


def _pen(added: Added) -> Mask:
    """What was drawn by a pen or a stamp: dark, and nowhere as broad as a shadow or a stain."""
    ink = whole((added.seen < _INK) & ~added.printed, added.printed)
    broad = cv2.morphologyEx((added.seen < _PALE).astype(np.uint8), cv2.MORPH_OPEN, _BROAD)
    return np.asarray(ink & ~(cv2.dilate(broad, _BESIDE) > 0), np.bool_)


def _is_struck_through(added: Added, pen: Mask) -> bool:
    """Whether a level line runs over letters, and none of those around a stamp."""
    with_print = pen | ((added.seen < _INK) & added.printed)
    dark, printed, ink = (_coarser(mask, BLANK_SCALE) for mask in (with_print, added.printed, pen))
    rule = np.ones((1, min(round(_RULE * BLANK_SCALE), printed.shape[1])), np.uint8)
    rules = cv2.morphologyEx(printed.astype(np.uint8), cv2.MORPH_OPEN, rule)
    dark &= cv2.dilate(rules, np.ones((_UNEVEN, 1), np.uint8)) == 0
    lines = [line for slope in _SLOPES for line in _level_lines(dark, printed, slope)]
    struck = (line for line in lines if _OVER_PRINT[0] <= line.over_print <= _OVER_PRINT[1])
    return any(not _has_corner(ink, line) and not _has_fellow(line, lines) for line in struck)


def _level_lines(dark: Mask, printed: Mask, slope: float) -> Iterator[_Line]:
    ink = cv2.dilate(dark.astype(np.uint8), np.ones((_UNEVEN, 1), np.uint8)).astype(np.uint8)
    laid = sheared(ink, slope)
    runs = cv2.morphologyEx(laid, cv2.MORPH_OPEN, np.ones((1, round(_LEAST * BLANK_SCALE)), np.uint8))
    if not runs.any():
        return
    under = sheared(printed.astype(np.uint8), slope)
    moved = laid.shape[0] - ink.shape[0] if slope < 0 else 0
    labels, facts = components(runs)
    for at, (x, y, wide, high, _) in enumerate(facts[1:].tolist(), start=1):
        if high <= _THICKEST * BLANK_SCALE:
            middle = y + high / 2 - moved
            over = float(under[labels == at].mean())
            yield _Line(x, middle - slope * x, x + wide, middle - slope * (x + wide), over)


def _has_corner(ink: Mask, line: _Line) -> bool:
    """Whether a line goes on upright at one of its ends."""
    side = np.ones((round(_CORNER * BLANK_SCALE), 1), np.uint8)
    near, far = round(_AT_END * BLANK_SCALE), round((_CORNER + 2) * BLANK_SCALE)
    for x, y in ((line.x0, line.y0), (line.x1, line.y1)):
        rows, columns = (slice(max(0, round(at) - room), round(at) + room + 1) for at, room in ((y, far), (x, near)))
        piece = cv2.dilate(ink[rows, columns].astype(np.uint8), np.ones((1, _UNEVEN), np.uint8))
        if piece.shape[0] >= len(side) and cv2.morphologyEx(piece, cv2.MORPH_OPEN, side).any():
            return True
    return False


def _has_fellow(line: _Line, lines: Iterable[_Line]) -> bool:
    """Whether another line runs as the upper or lower one around a stamp does."""
    nearest, farthest = (each * BLANK_SCALE for each in _BETWEEN_SIDES)
    return any(
        nearest <= abs(line.y0 + line.y1 - other.y0 - other.y1) / 2 <= farthest
        and abs(line.slope - other.slope) <= _PARALLEL
        and min(line.x1, other.x1) - max(line.x0, other.x0) >= _ALONG * (line.x1 - line.x0)
        and other.over_print <= _OVER_PRINT[1]
        for other in lines
    )


def _is_crossed_out(pen: Mask) -> bool:
    """Whether a slanting line is longer than a flourish, or one that is nearly level longer than a stamp."""
    points = _coarser(pen, _COARSER).astype(np.uint8) * 255
    for length, (lowest, highest) in ((_SLANTED, _SLANT), (_LONG, _LONG_SLANT)):
        least, gap = length * _COARSER, _GAP * _COARSER
        found = cv2.HoughLinesP(points, 1.0, np.pi / 180, int(_FILLED * least), minLineLength=least, maxLineGap=gap)
        for x0, y0, x1, y1 in () if found is None else found.reshape(-1, 4).tolist():
            slant = abs(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))))
            if lowest <= min(slant, 180 - slant) <= highest:
                return True
    return False


def _is_scribbled_over(added: Added, pen: Mask) -> bool:
    """Whether one stroke goes to and fro over print, wider than a flourish and for the most part in no field."""
    labels, facts = components(pen)
    for at in np.flatnonzero(facts[:, cv2.CC_STAT_WIDTH] >= _SLANTED * SCALE):
        x, y, wide, high, _ = facts[at].tolist()
        ink = labels[y : y + high, x : x + wide] == at
        if not at or _inside(added, x, y, x + wide, y + high) > _MOSTLY:
            continue
        rows = ink[high // 3 : 2 * high // 3 + 1]
        turns = np.median(np.count_nonzero(rows[:, 1:] & ~rows[:, :-1], axis=1))
        over = np.count_nonzero(ink & added.printed[y : y + high, x : x + wide])
        if turns >= _TURNS and over >= _SCRIBBLED * np.count_nonzero(ink):
            return True
    return False


def _inside(added: Added, x0: int, top: int, x1: int, bottom: int) -> float:
    """The share of a piece's height that the lowest or highest boxes take."""
    boxes = added.boxes
    across = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    down = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
    return float(down[across > 0].max(initial=0.0)) / (bottom - top)


def _coarser(mask: Mask, scale: float) -> Mask:
    """A mask of the sheet at so many pixels per point."""
    size = tuple(max(1, round(side / SCALE * scale)) for side in mask.shape[::-1])
    return np.asarray(cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > _COARSE, np.bool_)
