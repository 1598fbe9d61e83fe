"""Handwritten signatures: whether what stands in the box was written by a signing hand.

Measured are the pieces of ink, their extent and the length of their strokes. Dots, a line of dots, a slip of the pen,
crosses, a word of a few letters and a rubber stamp are no signatures for sure: they are for a human, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.fields.strikes import sheared
from ocr.fields.ticks import DARK, PALE, inside_of
from ocr.files.page import GrayImage
from ocr.segmentation.components import components

_SPECK: Final = 4.0
"""Ink that reaches no further than this (points) is dust or a dot."""
_DOT: Final = 0.5
"""Square points from which a speck may be a dot of a pen."""
_DOTS: Final = 4.0
"""Square points of dots that are more than dust."""
_ON_LINE: Final = 2.0
_REMARK: Final = (13.0, 8.5)
"""Printed remarks stand within this distance of the lower edge and are no taller than this."""
_SPECKS_INK: Final = 6.0
_WIDTH: Final = 52.0
"""A signature for sure is at least this wide (points) and has at least so much ink and so long a stroke."""
_INK: Final = 30.0
_LENGTH: Final = 90.0
_PALE_WIDTH: Final = 18.0
_WINDING: Final = 1.7
"""The strokes of a signature in a few pieces are this many times longer than it is wide; those of a slip are not."""
_LETTERS: Final = 8.7
"""Pieces lower than this (points) are letters of a stamp, if there are ``_STAMPED`` of them and little else."""
_STAMPED: Final = 14
_FLAT: Final = 14.0
_FEW: Final = 4
_CROSSES_WIDTH: Final = 110.0
"""So many crosses, on a stretch of so many points, are no name in separate letters."""
_CROSS: Final = (0.6, 1.7)
"""Width to height of a cross."""
_CROSS_STROKES: Final = 2.5
"""The strokes of a cross are less than so many times longer than its diagonal."""

_LONG_LINE, _THROUGH = 90.0, 0.7
"""Points of a line that strikes a signature out, and its share of the signature's width."""
_STRAIGHT, _GAP, _UNEVEN = 40.0, 8.0, 3
_THICKEST: Final = 7.0
_SLOPES: Final = (-0.16, -0.08, 0.0, 0.08, 0.16)
_ON_EACH_SIDE: Final = 0.12
"""Share of the ink beside such a line that is above it at least, and below it."""

DOUBT_SIGNATURE: Final = "Nie wiadomo, czy to podpis. Sprawdź z obrazem."
DOUBT_PALE: Final = "W miejscu podpisu jest bardzo blady ślad. Sprawdź z obrazem."
DOUBT_DOTS: Final = "W miejscu podpisu są tylko kropki lub kreska. Sprawdź z obrazem."
DOUBT_CROSSES: Final = "W miejscu podpisu są krzyżyki albo parafa. Sprawdź z obrazem."
DOUBT_STRUCK: Final = "Podpis wygląda na przekreślony. Sprawdź z obrazem."
DOUBT_STAMP: Final = "W miejscu podpisu jest pieczątka. Sprawdź, czy jest też podpis."


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of ink, in points; ``length`` is about that of its strokes."""

    x0: float
    top: float
    width: float
    height: float
    ink: float
    length: float


def read_signature(sheet: GrayImage, dpi: float, item: FieldLayout) -> FieldValue:
    """Whether there is a signature; ``sheet`` is the aligned page at ``dpi``."""
    inside = inside_of(sheet, dpi, item.boxes[0])
    every = _pieces(inside, dpi / 72)
    low = inside.shape[0] * 72 / dpi - _REMARK[0]
    strokes = [
        piece
        for piece in every
        if max(piece.width, piece.height) >= _SPECK and not (piece.top >= low and piece.height <= _REMARK[1])
    ]
    ink = sum(piece.ink for piece in strokes)
    left = min((piece.x0 for piece in strokes), default=0.0)
    extent = max((piece.x0 + piece.width for piece in strokes), default=0.0) - left

    def value(signed: bool, confidence: float, doubt: str | None = None) -> FieldValue:
        raw = f"{ink:.0f}/{extent:.0f}"
        return FieldValue(signed, confidence, doubt is None, Source.SIGNATURE, item.page, item.bounds, raw, doubt)

    if ink <= _SPECKS_INK:
        if _pale(inside[: round(low * dpi / 72)], dpi / 72):
            return value(True, 0.5, DOUBT_PALE)
        return value(False, 0.5, DOUBT_DOTS) if _dotted(every) else value(False, 0.99)
    doubt = _doubt(strokes, extent, ink) or (DOUBT_STRUCK if _is_struck(inside, dpi / 72, extent) else None)
    return value(True, 0.99) if doubt is None else value(True, 0.5, doubt)


def _doubt(strokes: list[_Piece], extent: float, ink: float) -> str | None:
    """Why ink may be no signature; None when it is one for sure."""
    small = [piece for piece in strokes if piece.height <= _LETTERS]
    large = [piece for piece in strokes if piece.height > _LETTERS]
    if len(small) >= _STAMPED and sum(piece.ink for piece in large) < 2 * sum(piece.ink for piece in small):
        return DOUBT_STAMP
    if 0 < len(large) <= _FEW and extent <= _CROSSES_WIDTH and all(_like_cross(piece) for piece in large):
        return DOUBT_CROSSES
    length = sum(piece.length for piece in strokes)
    slipped = len(strokes) <= _FEW and max(piece.height for piece in strokes) <= _FLAT
    if length < (_WINDING if slipped else 1.0) * extent:
        return DOUBT_DOTS
    return None if extent >= _WIDTH and ink >= _INK and length >= _LENGTH else DOUBT_SIGNATURE


def _is_struck(inside: GrayImage, unit: float, extent: float) -> bool:
    """Whether a straight line runs through all of a signature; one under it or above it is a flourish."""
    dark = (inside < DARK).astype(np.uint8)
    ink = cv2.dilate(dark, np.ones((_UNEVEN, 1), np.uint8)).astype(np.uint8)
    least = max(_LONG_LINE, _THROUGH * extent) * unit
    bar = np.ones((1, round(_STRAIGHT * unit)), np.uint8)
    for slope in _SLOPES:
        thin = cv2.erode(sheared(ink, slope), bar)
        if not cv2.countNonZero(thin):
            continue
        runs = cv2.dilate(thin, bar)
        joined = cv2.dilate(runs, np.ones((_UNEVEN, round(_GAP * unit)), np.uint8))
        _, facts = components(joined)
        strokes = sheared(dark, slope) & (joined == 0)
        for x, y, wide, high, _ in facts[1:].tolist():
            if wide >= least and high <= _THICKEST * unit:
                beside = strokes[:, x : x + wide]
                above, below = int(beside[:y].sum()), int(beside[y + high :].sum())
                if min(above, below) >= _ON_EACH_SIDE * (above + below) > 0:
                    return True
    return False


def _like_cross(piece: _Piece) -> bool:
    square = _CROSS[0] <= piece.width / max(1.0, piece.height) <= _CROSS[1]
    return square and piece.length < _CROSS_STROKES * float(np.hypot(piece.width, piece.height))


def _dotted(pieces: list[_Piece]) -> bool:
    """Whether dots were made by a pen: more than dust, and not in one line as a blank prints them."""
    dots = [piece for piece in pieces if piece.ink >= _DOT and max(piece.width, piece.height) < _SPECK]
    if sum(piece.ink for piece in dots) < _DOTS:
        return False
    rows = np.array([piece.top + piece.height / 2 for piece in dots])
    in_line = max(int((np.abs(rows - row) <= _ON_LINE / 2).sum()) for row in rows)
    return in_line < 0.8 * len(dots) or in_line < 12


def _pale(inside: GrayImage, unit: float) -> bool:
    """Whether there is a stroke as long as a signature's that is too pale for ink."""
    pale = (cv2.blur(inside, (3, 3)) < PALE).astype(np.uint8)
    _, facts = components(pale)
    return any(width >= _PALE_WIDTH * unit for width in facts[1:, cv2.CC_STAT_WIDTH].tolist())


def _pieces(inside: GrayImage, unit: float) -> list[_Piece]:
    """The pieces of ink in a picture; the length of their strokes is half of the length of their outline."""
    dark = (inside < DARK).astype(np.uint8)
    labels, facts = components(dark)
    inner = cv2.erode(dark, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), borderValue=0)
    outline = np.bincount(labels[(dark > 0) & (inner == 0)], minlength=len(facts))
    return [
        _Piece(x / unit, y / unit, width / unit, height / unit, area / unit**2, edge / 2 / unit * 1.1)
        for (x, y, width, height, area), edge in zip(facts[1:].tolist(), outline[1:].tolist(), strict=True)
    ]
