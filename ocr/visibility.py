"""Whether a field can be seen at all: nothing may lie over it.

A thumb or a folded corner hides the printed lines of the boxes too; where those of the page are seen, a box without
its own is covered.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.submission import Box
from ocr.pages import GrayImage
from ocr.sheet import READING_DPI, Sheet

Tones = npt.NDArray[Any]

DOUBT_COVERED: Final = "Część pola jest zasłonięta albo jej brakuje. Sprawdź z obrazem."
DOUBT_ALL_EMPTY: Final = "Na całej stronie nie widać żadnego pisma. Sprawdź z obrazem, czy nie jest zbyt blade."

_UNIT: Final = READING_DPI / 72
_SEEN_LINES: Final = 14.0
"""Tones by which the lines of the page's boxes must at least differ from the paper for one without lines to tell."""
_NO_LINE: Final = 0.3
"""Share of the usual contrast under which an edge of a box has no line (measured: uncovered 0.7 and more)."""


def hidden_fields(sheet: Sheet) -> frozenset[str]:
    """Names of fields of which at least one box is covered; none where the scan has lost the printed lines anyway."""
    lines = {(item.field.name, box): _edges(sheet.picture, box) for item in sheet.fields for box in item.boxes}
    usual = float(np.median([contrast for edges in lines.values() for contrast in edges])) if lines else 0.0
    if usual < _SEEN_LINES:
        return frozenset()
    return frozenset(name for (name, _), edges in lines.items() if max(edges) < _NO_LINE * usual)


def _edges(picture: GrayImage, box: Box) -> tuple[float, float, float]:
    """How much darker the left, right and lower edge of a box are than the paper on both sides of it, in tones."""
    x0, top, x1, bottom = box
    upright = [_line(_piece(picture, (x - 4, top + 2, x + 4, bottom - 2)), 0) for x in (x0, x1)]
    return upright[0], upright[1], _line(_piece(picture, (x0 + 2, bottom - 4, x1 - 2, bottom + 4)), 1)


def _line(piece: GrayImage, axis: int) -> float:
    """The darkest line in the middle third of a strip against the median of the strip."""
    profile = _middle(piece.T if axis else piece)
    third = len(profile) // 3
    return float(_middle(profile) - profile[third:-third].min())


def _middle(values: Tones) -> Tones:
    """The median down the columns; numpy's own takes many times as long for as little as an edge."""
    ordered = np.sort(values, axis=0)
    half = len(ordered) // 2
    middle: Tones = (ordered[(len(ordered) - 1) // 2].astype(np.float32) + ordered[half]) / 2
    return middle


def _piece(picture: GrayImage, box: Box) -> GrayImage:
    x0, top, x1, bottom = (round(edge * _UNIT) for edge in box)
    return picture[top:bottom, x0:x1]
