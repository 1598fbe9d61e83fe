"""Repeated shapes: type repeats a character to the pixel, no hand does, however regular it is.

Every piece of writing is laid on those of the same size, shifted by a pixel at most; what sticks out of the other's
ink, made a pixel wider, is counted. The comparison works on packed bits, a few milliseconds for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.files.page import GrayImage
from ocr.segmentation.ink import DARK

_HIGH: Final = 56
_WIDE: Final = 48
"""Pixels of the field on which shapes are compared: 20 by 17 points at the usual resolution."""
_SAME_SIZE: Final = 2
"""Pixels by which the sizes of two prints of one character differ at most."""
_SHIFTS: Final = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
_CROSS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)).astype(np.uint8)

Bits = npt.NDArray[np.uint64]


def misfits(pictures: Sequence[GrayImage]) -> npt.NDArray[np.floating[Any]]:
    """For each picture of a character the share of ink in which it differs from the one most like it, 0..1.

    1 where no other has its size.
    """
    count = len(pictures)
    best = np.ones(count)
    if count < 2:
        return best
    ink = np.stack([_laid_out(picture) for picture in pictures])
    wider = np.stack([cv2.dilate(shape, _CROSS).astype(np.uint8) for shape in ink])
    plain, wide = _packed(ink), _packed(wider)
    plains = np.stack([_packed(np.roll(ink, shift, (1, 2))) for shift in _SHIFTS], axis=1)
    wides = np.stack([_packed(np.roll(wider, shift, (1, 2))) for shift in _SHIFTS], axis=1)
    areas = np.bitwise_count(plain).sum(axis=1, dtype=np.int64)
    sizes = np.array([picture.shape for picture in pictures], np.int64)
    for at in range(count - 1):
        others = at + 1 + np.flatnonzero(np.abs(sizes[at + 1 :] - sizes[at]).max(axis=1) <= _SAME_SIZE)
        if not len(others):
            continue
        beyond = np.bitwise_count(plain[at] & ~wides[others]).sum(axis=2, dtype=np.int64)
        beyond += np.bitwise_count(plains[others] & ~wide[at]).sum(axis=2, dtype=np.int64)
        share = beyond.min(axis=1) / np.maximum(areas[others] + areas[at], 1)
        best[at] = min(best[at], float(share.min()))
        best[others] = np.minimum(best[others], share)
    return best


def _laid_out(picture: GrayImage) -> GrayImage:
    """Its ink (1) in the middle of the field; what is larger is cut."""
    high, wide = min(picture.shape[0], _HIGH - 4), min(picture.shape[1], _WIDE - 4)
    field = np.zeros((_HIGH, _WIDE), np.uint8)
    top, left = (_HIGH - high) // 2, (_WIDE - wide) // 2
    field[top : top + high, left : left + wide] = picture[:high, :wide] < DARK
    return field


def _packed(fields: npt.NDArray[np.uint8]) -> Bits:
    """Eight pixels a byte: pictures x words."""
    bits: Bits = np.packbits(fields.reshape(len(fields), -1), axis=1).view(np.uint64)
    return bits
