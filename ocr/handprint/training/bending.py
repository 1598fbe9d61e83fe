"""Writing bent a little, as another hand might have written it: the data's writers are few.

A smooth map of the plane, drawn anew for every character (Simard, Steinkraus, Platt, ICDAR 2003, with waves in place of
their random field). It moves strokes and scanned digits alike.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from ocr.handprint.training.glyphs import Points, Strokes

_WAVES: Final = 3
_AMPLITUDE: Final = 0.028
"""Of each wave, in capital heights (one standard deviation)."""
_QUICKNESS: Final = 2.6
"""Of the waves, in radians a capital height: about one turn in two of them."""
_CURVATURE: Final = 0.07
_SCANNED_HEIGHT: Final = 20
"""Of a digit in a scan of 28 x 28 pixels."""
_MIDDLE: Final = np.array([0.0, 0.5])
"""From the middle of a character to the place it stands on, in capital heights."""

Coverage = npt.NDArray[np.uint8]


class Bend:
    """One such map, about the middle of a character that stands on 0 and is one capital high."""

    def __init__(self, rng: Generator) -> None:
        self._waves = rng.normal(0, _QUICKNESS, (_WAVES, 2))
        self._phases = rng.uniform(0, 2 * np.pi, _WAVES)
        self._shifts = rng.normal(0, _AMPLITUDE, (_WAVES, 2))
        self._square = rng.normal(0, _CURVATURE, (3, 2))

    def __call__(self, points: Points) -> Points:
        """Points (N x 2) moved."""
        centred = points + _MIDDLE
        x, y = centred[:, 0], centred[:, 1]
        moved = np.sin(centred @ self._waves.T + self._phases) @ self._shifts
        moved += np.column_stack([x * x, x * y, y * y]) @ self._square
        result: Points = (points + moved).astype(np.float32)
        return result


def bent(strokes: Strokes, rng: Generator) -> Strokes:
    """All strokes of a character moved by one map."""
    bend = Bend(rng)
    return [bend(stroke) for stroke in strokes]


def bent_scan(digit: Coverage, rng: Generator) -> Coverage:
    """A scanned digit moved by one map."""
    high, wide = digit.shape
    grid = np.stack(np.meshgrid(np.arange(wide), np.arange(high)), axis=2).reshape(-1, 2).astype(np.float64)
    middle = np.array([(wide - 1) / 2, (high - 1) / 2])
    places = (grid - middle) / _SCANNED_HEIGHT - _MIDDLE
    across, down = (
        ((Bend(rng)(places) + _MIDDLE) * _SCANNED_HEIGHT + middle).astype(np.float32).T.reshape(2, high, wide)
    )
    moved = cv2.remap(digit, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(moved, np.uint8)
