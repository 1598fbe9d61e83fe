"""Ticks and signatures: how much ink there is, and whether it has the extent of a stroke."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from forms.layout import FieldLayout
from forms.submission import Box, FieldValue, Source
from ocr.pages import GrayImage

_DARK: Final = 165
_FRAME: Final = 2.0
"""Points inside the frame that are left out: the frame itself and what alignment may be off."""
_EMPTY_SHARE: Final = 0.012
_MARKED_SHARE: Final = 0.05
_BLOT_SHARE: Final = 0.4
_OVERFLOW_SHARE: Final = 0.12
"""A box with this much ink, and this much around it too, may be a mark taken back."""
_AROUND: Final = (2.0, 6.0)
_STROKE: Final = 0.5
_SIGNATURE_WIDTH: Final = 26.0
_SIGNATURE_INK: Final = 24.0
_SPECKS_INK: Final = 6.0
_SPECK: Final = 4.0
"""Ink that reaches no further than this (points) is dust or a dot."""
_REMARK: Final = (13.0, 8.5)
"""Printed remarks stand within this distance of the lower edge and are no taller than this."""

DOUBT_TICK: Final = "Nie wiadomo, czy pole jest zaznaczone. Sprawdź z obrazem."
DOUBT_BLOT: Final = "Pole jest zamazane: zaznaczone czy przekreślone? Sprawdź z obrazem."
DOUBT_SIGNATURE: Final = "Nie wiadomo, czy to podpis. Sprawdź z obrazem."


def read_tick(sheet: GrayImage, dpi: float, item: FieldLayout) -> FieldValue:
    """Whether a box is ticked; ``sheet`` is the aligned page at ``dpi``."""
    inside = _inside(sheet, dpi, item.boxes[0])
    share, stroke = _ink(inside)
    page, box = item.page, item.bounds

    def value(ticked: bool, confidence: float, doubt: str | None = None) -> FieldValue:
        return FieldValue(ticked, confidence, doubt is None, Source.TICK, page, box, f"{share:.3f}", doubt)

    if share <= _EMPTY_SHARE:
        return value(False, 0.998)
    if share >= _BLOT_SHARE and _ink_around(sheet, dpi, box) >= _OVERFLOW_SHARE:
        return value(True, 0.5, DOUBT_BLOT)
    if share >= _MARKED_SHARE and stroke >= _STROKE:
        return value(True, 0.998 if share >= 0.1 else 0.98)
    return value(share >= _MARKED_SHARE, 0.5, DOUBT_TICK)


def read_signature(sheet: GrayImage, dpi: float, item: FieldLayout) -> FieldValue:
    """Whether there is a signature: strokes of some extent, not a few specks, not a printed remark."""
    inside = _inside(sheet, dpi, item.boxes[0])
    unit = dpi / 72
    count, _, facts, _ = cv2.connectedComponentsWithStats((inside < _DARK).astype(np.uint8), connectivity=8)
    low, flat = inside.shape[0] - _REMARK[0] * unit, _REMARK[1] * unit
    strokes = [
        (x, x + width, area)
        for x, y, width, height, area in facts[1:count].tolist()
        if max(width, height) >= _SPECK * unit and not (y >= low and height <= flat)
    ]
    ink = sum(area for _, _, area in strokes) / unit**2
    extent = (max(x1 for _, x1, _ in strokes) - min(x0 for x0, _, _ in strokes)) / unit if strokes else 0.0

    def value(signed: bool, confidence: float, doubt: str | None = None) -> FieldValue:
        return FieldValue(
            signed,
            confidence,
            doubt is None,
            Source.SIGNATURE,
            item.page,
            item.bounds,
            f"{ink:.0f}/{extent:.0f}",
            doubt,
        )

    if ink <= _SPECKS_INK:
        return value(False, 0.99)
    if ink >= _SIGNATURE_INK and extent >= _SIGNATURE_WIDTH:
        return value(True, 0.99)
    return value(True, 0.5, DOUBT_SIGNATURE)


def _inside(sheet: GrayImage, dpi: float, box: Box) -> GrayImage:
    x0, top, x1, bottom = (edge * dpi / 72 for edge in box)
    frame = _FRAME * dpi / 72
    return sheet[round(top + frame) : round(bottom - frame), round(x0 + frame) : round(x1 - frame)]


def _ink_around(sheet: GrayImage, dpi: float, box: Box) -> float:
    """Share of dark pixels in the ring around a box."""
    near, far = (edge * dpi / 72 for edge in _AROUND)
    x0, top, x1, bottom = (edge * dpi / 72 for edge in box)
    outer = sheet[max(0, round(top - far)) : round(bottom + far), max(0, round(x0 - far)) : round(x1 + far)] < _DARK
    inner = sheet[max(0, round(top - near)) : round(bottom + near), max(0, round(x0 - near)) : round(x1 + near)] < _DARK
    return float(outer.sum() - inner.sum()) / max(1, outer.size - inner.size)


def _ink(inside: GrayImage) -> tuple[float, float]:
    """Share of dark pixels, and the longest extent of one piece of ink as a share of the box's side."""
    dark = (inside < _DARK).astype(np.uint8)
    if not dark.any():
        return 0.0, 0.0
    count, _, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    extent = int(facts[1:count, 2:4].max())
    return float(dark.mean()), extent / min(inside.shape)
