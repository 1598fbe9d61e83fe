"""Printed characters as the network sees them: each alone, all to the measure of the page's digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from forms.kinds import DIGITS, POLISH_CAPITALS
from ocr.files.page import GrayImage
from ocr.segmentation.ink import Ink

WIDE: Final = 24
HIGH: Final = 32
DIGIT_HEIGHT: Final = 16
"""Pixels to which a digit of the page is scaled; so an o stays lower than an O."""
BASELINE: Final = 24
"""Row on which characters stand."""
SIGNS: Final = ".-/,&+@_'\"()"
CLASSES: Final = DIGITS + POLISH_CAPITALS + POLISH_CAPITALS.lower() + SIGNS
"""Characters by the number of the network's output."""
_PAPER: Final = 255


def window(picture: GrayImage, inks: Sequence[Ink], baseline: float, digit_height: float) -> GrayImage:
    """One character, ``HIGH`` x ``WIDE``: only its own ink, its middle in the middle, standing on ``BASELINE``.

    ``baseline`` and ``digit_height`` are pixels of ``picture``.
    """
    left, right = min(ink.x0 for ink in inks), max(ink.x1 for ink in inks)
    kept = np.full((picture.shape[0], right - left + 2), _PAPER, np.uint8)
    for ink in inks:
        rows, columns = slice(max(0, ink.top - 1), ink.bottom + 1), slice(max(0, ink.x0 - 1), ink.x1 + 1)
        piece = picture[rows, columns]
        at = columns.start - left + 1
        kept[rows, at : at + piece.shape[1]] = piece[:, : kept.shape[1] - at]
    scale = DIGIT_HEIGHT / digit_height
    move = np.array([[scale, 0, WIDE / 2 - scale * (right - left + 2) / 2], [0, scale, BASELINE - scale * baseline]])
    return cv2.warpAffine(
        kept, move, (WIDE, HIGH), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(_PAPER,)
    ).astype(np.uint8, copy=False)
