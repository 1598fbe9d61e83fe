"""The lines of a comb, taken out of its picture without the writing that crosses them.

On gray scans the lines are lighter than ink, and tone tells them apart. On bitonal ones (and copies of copies) they are
as black as ink and often broken: there only thin runs along a line's place are taken out, and what is thicker than the
line, or crosses it, stays.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.files.page import GrayImage

_PAPER: Final = 255
_TRACE: Final = 225
"""Darker than this may be a printed line, faint as it may be."""
_LINE_INK: Final = 200
_LINE_REACH: Final = 1.6
"""How far from its place a line is looked for, in points."""
_BAND: Final = 1.1
_DARK_LINE: Final = 60
"""Lines less than this lighter than the darkest ink are as dark as ink."""
_WHITE_SHARE: Final = 0.8
"""Tones above this share of the way from ink to paper become paper; hairlines of serif type lie just below."""

Mask = npt.NDArray[np.bool_]


def printed_sides(
    picture: GrayImage, edges: tuple[tuple[float, float], ...], levels: tuple[float, float], unit: float
) -> list[float]:
    """The upright lines that are there: a comb has them at every edge, the open line of a fillable form at its ends.

    They are looked for above and below the writing, so that no letter is taken for one. All in pixels; ``unit`` is
    pixels per point.
    """
    every = sorted({edge for cell in edges for edge in cell})
    free, reach = picture[_free_rows(picture, levels, unit)] < _TRACE, max(1, round(unit))
    there = [bool(free[:, _around(at, reach)].any(axis=1).mean() > 0.3) for at in every] if free.size else []
    return every if sum(there[1:-1]) > 0.3 * len(there[1:-1]) else [every[0], every[-1]]


def without_lines(
    picture: GrayImage, sides: list[float], levels: tuple[float, float], unit: float, *, bitonal: bool
) -> GrayImage:
    """The strip with white lines and white paper, its ink stretched to black."""
    cleaned = picture.copy()
    darkest = min(110.0, _darkest(picture))
    ink = (picture < _LINE_INK).astype(np.uint8)
    lines = _long_runs(ink, sides, levels, unit)
    tone = float(np.median(picture[lines])) if lines.any() else float(_PAPER)
    if bitonal or tone < darkest + _DARK_LINE:
        cleaned[_thin_runs(ink, sides, levels, unit)] = _PAPER
    elif lines.any():
        near = cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        cleaned[near & (picture >= tone - 35)] = _PAPER
    return stretched(cleaned, darkest)


def stretched(cleaned: GrayImage, darkest: float | None = None) -> GrayImage:
    """Ink stretched to black and what is nearly paper to white; ``darkest`` is the ink's tone where it is known."""
    ink = min(110.0, _darkest(cleaned)) if darkest is None else darkest
    white = ink + _WHITE_SHARE * (_PAPER - ink)
    tones = (np.arange(256, dtype=np.float32) - ink) * (_PAPER / (white - ink))
    return cv2.LUT(cleaned, np.clip(tones, 0, _PAPER).astype(np.uint8)).astype(np.uint8, copy=False)


def _darkest(picture: GrayImage) -> float:
    """The brightness that half a hundredth of the pixels do not reach."""
    counts = cv2.calcHist([picture], [0], None, [256], [0, 256]).ravel().cumsum()
    return float(np.searchsorted(counts, 0.005 * picture.size))


def _long_runs(ink: GrayImage, sides: list[float], levels: tuple[float, float], unit: float) -> Mask:
    """Runs near a line's place that are longer than a letter."""
    reach = max(1, round(_LINE_REACH * unit))
    tall, wide = max(3, round(0.62 * (levels[1] - levels[0]))), max(3, round(22 * unit))
    upright, lying = _opened(ink, tall, 1), _opened(ink, 1, wide)
    lines = np.zeros(ink.shape, np.bool_)
    for at in sides:
        lines[:, _around(at, reach)] |= upright[:, _around(at, reach)]
    for at in levels:
        lines[_around(at, reach)] |= lying[_around(at, reach)]
    return lines


def _thin_runs(ink: GrayImage, sides: list[float], levels: tuple[float, float], unit: float) -> Mask:
    """Ink on a line's place that is no thicker than the line itself."""
    reach = max(1, round(_BAND * unit))
    rows = _free_rows(ink, levels, unit)
    widths = [int(count) for at in sides for count in ink[rows][:, _around(at, reach)].sum(axis=1) if count]
    thick = round(float(np.median(widths)) if widths else unit / 2) + max(1, round(0.4 * unit))
    wide, high = _opened(ink, 1, thick), _opened(ink, thick, 1)
    thin = np.zeros(ink.shape, np.bool_)
    for at in sides:
        span = _around(at, reach)
        thin[:, span] |= (ink[:, span] > 0) & ~wide[:, span]
    for at in levels:
        span = _around(at, reach)
        thin[span] |= (ink[span] > 0) & ~high[span]
    return thin


def _opened(ink: GrayImage, height: int, width: int) -> Mask:
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)) > 0


def _around(at: float, reach: int) -> slice:
    return slice(max(0, round(at) - reach), max(0, round(at) + reach + 1))


def _free_rows(picture: GrayImage, levels: tuple[float, float], unit: float) -> list[int]:
    """Rows just inside the upper and the lower line, where there is hardly any writing."""
    depth = max(1, round(3.5 * unit))
    rows = [*range(int(levels[0]) + 1, int(levels[0]) + depth), *range(int(levels[1]) - depth, int(levels[1]))]
    return [row for row in rows if 0 <= row < picture.shape[0]]
