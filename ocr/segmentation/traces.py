"""Whether a page bears any writing: thin strokes side by side, told from the noise and dirt of a scan.

A share of dark pixels cannot tell that: one small or pale word has less ink than the specks and folds of an empty page.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.files.page import GrayImage
from ocr.segmentation.components import components

_EDGE: Final = 30
"""One part in so many of each side is the edge of the paper, with the shade of the scanner's lid."""
_BROADEST: Final = 13
_HALF_BROADEST: Final = 4.0
"""Pixels of an overview (A4 at about 110 dpi): what is broader than a pen's line is a shade, a stain or a hole."""
_BUT_JOINTS: Final = 90.0
"""So many per cent of the pixels of a mark lie no deeper than its lines are broad: all but those where strokes meet."""
_LEAST_CONTRAST: Final = 14.0
_OVER_NOISE: Final = 4.0
_SURELY_INK: Final = 1.5
"""A stroke is so much darker than its surroundings, by so many times the noise; its darkest place so much more."""
_SHARP: Final = 0.235
_DARK: Final = 110.0
"""Gradient at the edge of a line as a share of its contrast: 0.25 and more for a pen on this side of the paper, 0.22 at
most for what shows through from the other side, which is never as dark as this either."""
_NEIGHBOUR: Final = 21
_OF_NEIGHBOURS: Final = 0.4
"""The gray between two letters belongs to neither: it has less than this share of the contrast beside it."""
_LEAST_SIDE, _LEAST_AREA, _LONGEST = 4, 6, 250
"""Smaller marks are dust, longer ones folds."""
_GAP_ALONG, _GAP_ACROSS = 17, 5
_MARKS: Final = 3
_LEAST_HEIGHT: Final = 3.5
_LEAST_LENGTH: Final = 36.0
_MANY_MARKS: Final = 5
"""Three specks meet by chance, five in a row do not: so many may be half as long."""
_LEVEL, _LETTER = 3, 5
"""Pixels by which the tops and feet of letters in a row differ, and their height; letters need as little length."""
_DENSE: Final = 0.65
"""Marks in a row are a word if the lines in them are this share of the row's length; strewn dust is less."""
_WINDING: Final = 2.2
_LEAST_WOUND: Final = 12.0
_CROSSINGS: Final = 4
_LINE_HEIGHT: Final = 25.0
"""A single mark is a word if its line is so much longer than the mark, or if it is no higher than a line and crossed so
often (letters that touch); a hair is neither."""

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


def bears_writing(picture: GrayImage) -> bool:
    """Whether an evenly lit overview of a page shows what may be a word, be it small, thin, pale or near an edge."""
    height, width = picture.shape
    middle = picture[height // _EDGE : -(height // _EDGE) or None, width // _EDGE : -(width // _EDGE) or None]
    if middle.size == 0:
        return False
    contrast = _contrast(middle)
    usual, often = np.percentile(contrast, (50, 90))
    least = max(_LEAST_CONTRAST, float(usual + _OVER_NOISE * (often - usual)))
    beside = cv2.dilate(contrast, np.ones((_NEIGHBOUR, _NEIGHBOUR), np.uint8))
    ink = ((contrast > least) & (contrast > _OF_NEIGHBOURS * beside)).astype(np.uint8)
    marks = _marks(ink, contrast, _gradient(middle), least * _SURELY_INK)
    if any(mark.is_word for mark in marks):
        return True
    strokes = np.zeros_like(ink)
    for mark in marks:
        strokes[mark.points[:, 1], mark.points[:, 0]] = 1
    return any(
        _is_row(row)
        for gaps in ((_GAP_ACROSS, _GAP_ALONG), (_GAP_ALONG, _GAP_ACROSS))
        for row in _rows(marks, cv2.dilate(strokes, np.ones(gaps, np.uint8)).astype(np.uint8))
    )


def _contrast(picture: GrayImage) -> Floats:
    """How much darker each place is than what is around it within the breadth of a line."""
    line = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BROADEST, _BROADEST))
    return cv2.morphologyEx(_softened(picture), cv2.MORPH_BLACKHAT, line).astype(np.float32)


def _gradient(picture: GrayImage) -> Floats:
    soft = _softened(picture)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, dx, 1 - dx, scale=0.125) for dx in (1, 0))
    return cv2.magnitude(across, down).astype(np.float32)


def _softened(picture: GrayImage) -> GrayImage:
    return cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.uint8)


class _Mark:
    """Connected ink: where it is and how long the line in it is."""

    def __init__(self, shape: Mask, corner: tuple[int, int], half_breadth: float) -> None:
        y, x = np.nonzero(shape)
        self.points = np.column_stack((x + corner[0], y + corner[1]))
        self.length = len(x) / max(1.5, 2 * half_breadth - 0.5)
        self._crossings = max(_most_crossings(shape), _most_crossings(shape.T))

    @property
    def is_word(self) -> bool:
        along, across = _sides(self.points)
        touching = self._crossings >= _CROSSINGS and across <= _LINE_HEIGHT
        return (touching or self.length >= _WINDING * along) and across > _LEAST_HEIGHT and along >= _LEAST_WOUND


def _marks(ink: npt.NDArray[np.uint8], contrast: Floats, gradient: Floats, sure: float) -> list[_Mark]:
    labels, facts = components(ink)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    found = []
    for label, (x, y, width, height, area) in enumerate(facts[1:], 1):
        if not _LEAST_SIDE <= max(width, height) < _LONGEST or area < _LEAST_AREA:
            continue
        part = np.s_[y : y + height, x : x + width]
        shape = labels[part] == label
        depths = inside[part][shape]
        darkest = float(contrast[part][shape].max())
        sharp = darkest >= _DARK or float(np.percentile(gradient[part][shape], 90)) >= _SHARP * darkest
        if np.percentile(depths, _BUT_JOINTS) <= _HALF_BROADEST and darkest >= sure and sharp:
            found.append(_Mark(shape, (x, y), float(depths.max())))
    return found


def _most_crossings(shape: Mask) -> int:
    """How often a straight cut meets ink at most."""
    padded = np.pad(shape, ((0, 0), (1, 0)))
    return int((padded[:, 1:] & ~padded[:, :-1]).sum(axis=1).max())


def _rows(marks: list[_Mark], joined: npt.NDArray[np.uint8]) -> list[list[_Mark]]:
    _, labels = cv2.connectedComponents(joined)
    rows: dict[int, list[_Mark]] = {}
    for mark in marks:
        x, y = mark.points[0]
        rows.setdefault(int(labels[y, x]), []).append(mark)
    return list(rows.values())


def _is_row(marks: list[_Mark]) -> bool:
    if len(marks) < _MARKS:
        return False
    along, across = _sides(np.vstack([mark.points for mark in marks]))
    length = sum(mark.length for mark in marks)
    least = _LEAST_LENGTH / 2 if len(marks) >= _MANY_MARKS or _are_letters(marks) else _LEAST_LENGTH
    return across >= _LEAST_HEIGHT and length >= max(least, _DENSE * along)


def _are_letters(marks: list[_Mark]) -> bool:
    """Whether all marks are of one height and begin at one level, as dirt does not."""
    corners = np.array([[*mark.points.min(axis=0), *mark.points.max(axis=0)] for mark in marks])
    return any(
        bool(np.ptp(corners[:, axis]) <= _LEVEL and np.ptp(corners[:, axis + 2]) <= _LEVEL)
        and float(np.median(corners[:, axis + 2] - corners[:, axis])) >= _LETTER
        for axis in (0, 1)
    )


def _sides(points: npt.NDArray[np.int64]) -> tuple[float, float]:
    _, sides, _ = cv2.minAreaRect(points.astype(np.float32))
    return max(sides) + 1, min(sides) + 1
