"""Dotted lines to write on, removed from a picture: recognition takes dots under writing for letters."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.files.page import GrayImage

_DARK: Final = 150
_LARGEST_DOT: Final = 2.4
"""Points; a full stop of type of 14 points is 2 points wide."""
_WIDEST_STEP: Final = 7.0
"""Points from dot to dot."""
_FEWEST: Final = 12
"""Dots in a row that are no full stops and dots on letters any more."""


def without_leaders(picture: GrayImage, scale: float) -> GrayImage:
    """A copy without rows of dots; ``scale`` is pixels per point, and lines must run level."""
    ink = (picture < _DARK).astype(np.uint8)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    dots = np.flatnonzero((np.maximum(width, height) <= _LARGEST_DOT * scale) & (height > 1))
    erased = np.zeros(len(stats), bool)
    rows = np.round(centres[:, 1] / (1.5 * scale)).astype(int)
    for row in np.unique(rows[dots]):
        near = dots[np.abs(rows[dots] - row) <= 1]
        near = near[np.argsort(centres[near, 0])]
        steps = np.diff(centres[near, 0])
        for run in np.split(near, np.flatnonzero(steps > _WIDEST_STEP * scale) + 1):
            if len(run) >= _FEWEST:
                erased[run] = True
    if not erased.any():
        return picture
    mask = cv2.dilate(erased[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(mask > 0, np.uint8(255), picture).astype(np.uint8)
