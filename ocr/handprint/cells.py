"""Cells of a comb as the network sees them: cut from the aligned page with their printed lines and some room around."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from forms.layout import CELL_HEIGHT, CELL_WIDTH, FieldLayout
from ocr.files.page import GrayImage

ROOM_ACROSS: Final = 3.75
"""Points seen left and right of a cell: writing does not end at the line."""
ROOM_DOWN: Final = 4.5
"""Points seen above and below a cell: marks over capitals, tails of small letters."""
SEEN_WIDTH: Final = CELL_WIDTH + 2 * ROOM_ACROSS
SEEN_HEIGHT: Final = CELL_HEIGHT + 2 * ROOM_DOWN
PIXELS_WIDE: Final = 36
PIXELS_HIGH: Final = 48

_PAPER: Final = 255


def cut_cells(sheet: GrayImage, dpi: float, item: FieldLayout) -> list[GrayImage]:
    """Every cell of a comb in reading order, ``PIXELS_HIGH`` x ``PIXELS_WIDE``, gray, ink dark.

    ``sheet`` is the aligned, evenly lit picture of the whole page at ``dpi``; its lines are left where they are.
    """
    unit = dpi / 72
    wide, high = round(SEEN_WIDTH * unit), round(SEEN_HEIGHT * unit)
    cells = []
    for box in item.boxes:
        left = round((box[0] - ROOM_ACROSS) * unit)
        top = round((box[1] - ROOM_DOWN) * unit)
        piece = sheet[max(0, top) : max(0, top + high), max(0, left) : max(0, left + wide)]
        cells.append(scaled(_filled_up(piece, wide, high)))
    return cells


def scaled(piece: GrayImage) -> GrayImage:
    """A cut-out of a cell with its room, at the size the network takes."""
    small = cv2.resize(piece, (PIXELS_WIDE, PIXELS_HIGH), interpolation=cv2.INTER_AREA)
    result: GrayImage = small.astype(np.uint8)
    return result


def _filled_up(piece: GrayImage, wide: int, high: int) -> GrayImage:
    """Paper where the page ends."""
    down, across = high - piece.shape[0], wide - piece.shape[1]
    if not down and not across:
        return piece
    filled = cv2.copyMakeBorder(piece, 0, down, 0, across, cv2.BORDER_CONSTANT, value=(_PAPER,))
    result: GrayImage = filled.astype(np.uint8)
    return result
