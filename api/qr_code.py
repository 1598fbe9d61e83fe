"""A QR code as one path of an SVG: it needs no picture from elsewhere and no style, which the page's policy forbids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reportlab.graphics.barcode.qr import QrCodeWidget


@dataclass(frozen=True, slots=True)
class QrCode:
    """Squares of size one: ``path`` draws the dark ones, ``size`` is the width of the whole with its quiet border."""

    path: str
    size: int


_BORDER = 4
"""Squares that must be empty around the code, as its standard says."""


def qr_code(text: str, *, level: Literal["L", "M"] = "M") -> QrCode:
    """The code that holds this text; ``level`` tells how much of it may be spoilt: 7 % or 15 %."""
    code = QrCodeWidget(text, barLevel=level).qr
    code.make()
    rows = code.modules
    dark = (
        f"M{column + _BORDER} {row + _BORDER}h1v1h-1z"
        for row, squares in enumerate(rows)
        for column, square in enumerate(squares)
        if square
    )
    return QrCode("".join(dark), len(rows) + 2 * _BORDER)
