"""Turning colour scans gray so that every ink stays dark."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.files.page import GrayImage


def gray_of(colour: npt.NDArray[np.uint8], *, blue_first: bool = False) -> GrayImage:
    """Height x width x 3 samples as gray: brightness, or the green channel where that is darker.

    Red, pink and orange ink is darkest in green. The pale blue lines of the blank are not: they stay as light as in a
    gray scan, which the darkest channel of all would not leave them. Black, blue and pencil are as by brightness.
    """
    bright = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY if blue_first else cv2.COLOR_RGB2GRAY)
    return cv2.min(bright, np.ascontiguousarray(colour[:, :, 1])).astype(np.uint8, copy=False)
