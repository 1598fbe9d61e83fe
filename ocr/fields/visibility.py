"""Whether a field can be seen at all, or something lies over it.

A thumb or a folded corner hides the printed lines of the boxes too; where those of the page are seen, a box without
its own is covered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.submission import Box
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.files.page import GrayImage

Tones = npt.NDArray[Any]

DOUBT_COVERED: Final = "Część pola jest zasłonięta albo jej brakuje. Sprawdź z obrazem."
DOUBT_ALL_EMPTY: Final = "Na całej stronie nie widać żadnego pisma. Sprawdź z obrazem, czy nie jest zbyt blade."

_UNIT: Final = READING_DPI / 72
_BEYOND: Final = 1.5
"""Points by which a box may lie beyond the edge of a page and still be read."""
_SEEN_LINES: Final = 14.0
"""Tones by which the lines of the page's boxes must at least differ from the paper for one without lines to tell."""
_EVERY: Final = 2
"""Of the pixels along an edge one in so many is looked at."""
_NO_LINE: Final = 0.3
"""Share of the usual contrast under which an edge of a box has no line (measured: uncovered 0.7 and more)."""


def hidden_fields(sheet: Sheet) -> frozenset[str]:
    """Names of fields of which at least one box is covered; none where the scan has lost the printed lines anyway."""
    boxes = [(item.field.name, box) for item in sheet.fields for box in item.boxes]
    if not boxes:
        return frozenset()
    edges = _edges(sheet.picture, [box for _, box in boxes])
    usual = float(np.median(edges))
    if usual < _SEEN_LINES:
        return frozenset()
    return frozenset(name for (name, _), most in zip(boxes, edges.max(axis=1), strict=True) if most < _NO_LINE * usual)


def fields_beyond(edges: Box, sheet: Sheet) -> frozenset[str]:
    """Names of fields of which at least one box lies beyond the edges of the page: what is in it, nobody sees."""
    x0, top, x1, bottom = edges[0] - _BEYOND, edges[1] - _BEYOND, edges[2] + _BEYOND, edges[3] + _BEYOND
    return frozenset(
        item.field.name
        for item in sheet.fields
        if any(box[0] < x0 or box[1] < top or box[2] > x1 or box[3] > bottom for box in item.boxes)
    )


def _edges(picture: GrayImage, boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
    """How much darker the left, right and lower edges of boxes are than the paper on both sides, in tones (N x 3).

    Edges of one size are looked at together: page by page there are hundreds of them, each of a few hundred pixels.
    """
    found = np.zeros((len(boxes), 3))
    alike: defaultdict[tuple[int, ...], list[tuple[int, int, GrayImage]]] = defaultdict(list)
    for at, (x0, top, x1, bottom) in enumerate(boxes):
        upright = [_piece(picture, (x - 4, top + 2, x + 4, bottom - 2)) for x in (x0, x1)]
        lower = _piece(picture, (x0 + 2, bottom - 4, x1 - 2, bottom + 4)).T
        for side, piece in enumerate((*upright, lower)):
            alike[piece.shape].append((at, side, piece))
    for pieces in alike.values():
        ats, sides, pictures = zip(*pieces, strict=True)
        found[ats, sides] = _lines(np.stack(pictures))
    return found


def _lines(pieces: Tones) -> Tones:
    """Of strips (N x height x width), the darkest line in the middle third against the median of the strip."""
    profiles = _middle(pieces[:, ::_EVERY])
    third = profiles.shape[1] // 3
    darkest: Tones = _middle(profiles) - profiles[:, third:-third].min(axis=1)
    return darkest


def _middle(values: Tones) -> Tones:
    """The median along the second axis; numpy's own takes many times as long for as little as an edge."""
    ordered = np.sort(values, axis=1)
    half = ordered.shape[1] // 2
    middle: Tones = (ordered[:, (ordered.shape[1] - 1) // 2].astype(np.float32) + ordered[:, half]) / 2
    return middle


def _piece(picture: GrayImage, box: Box) -> GrayImage:
    x0, top, x1, bottom = (round(edge * _UNIT) for edge in box)
    return picture[top:bottom, x0:x1]
