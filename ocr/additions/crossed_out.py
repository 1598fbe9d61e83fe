"""Whether a whole page is crossed out: a long slanting line over the form, freehand or drawn.

What the blank prints is left out, and looked for is a line through what remains. Folds, streaks of a scanner and edges
of paper are level or upright; writing has gaps between its rows.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.alignment.blanks import BLANK_DPI
from ocr.alignment.sheet import Sheet
from ocr.fields.stray_ink import printed_on
from ocr.files.page import Page

DOUBT_CROSSED_OUT: Final = "Przez stronę biegnie ukośna kreska, może jest unieważniona. Sprawdź z obrazem."

_DPI: Final = 36
"""Coarse enough that a line drawn by hand is straight."""
_INK, _FAINTEST = 168, 235
"""Tones below which there is ink on paper, and on a drawn page."""
_LENGTH: Final = 0.3
"""Of the page's height; a line that crosses out a page is longer, one through a value is shorter."""
_FILLED: Final = 0.62
"""Share of the line in which there is ink: what the form prints interrupts it."""
_GAP: Final = 11
"""Pixels: a few lines of the form's print."""
_DISC: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)).astype(np.uint8)
"""At ``BLANK_DPI``, 5 points: what is as thick is the edge of a shadow and no line."""
_LEAST_SLANT, _MOST_SLANT = 18.0, 80.0
"""Degrees from the level."""


def is_crossed_out(page: Page, sheet: Sheet, *, paper: bool) -> bool:
    """Whether a long slanting line lies on the page."""
    seen = sheet.as_blank(page.picture) if not paper else sheet.lit_as_blank
    foreign = (seen < (_INK if paper else _FAINTEST)) & ~printed_on(sheet.form, sheet.alignment.blank.page)
    thick = cv2.dilate(cv2.morphologyEx(foreign.astype(np.uint8), cv2.MORPH_OPEN, _DISC), _DISC) > 0
    foreign &= ~thick
    step = BLANK_DPI / _DPI
    high, wide = (round(side / step) for side in foreign.shape)
    rows, columns = np.nonzero(foreign)
    small = np.zeros((high + 1, wide + 1), np.uint8)
    small[(rows / step).astype(int), (columns / step).astype(int)] = 255
    least = _LENGTH * high
    lines = cv2.HoughLinesP(small, 1.5, np.pi / 240, int(_FILLED * least), minLineLength=least, maxLineGap=_GAP)
    return any(_slants(line) for line in (() if lines is None else lines.reshape(-1, 4).tolist()))


def _slants(ends: list[float]) -> bool:
    x0, y0, x1, y1 = ends
    slant = abs(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))))
    return _LEAST_SLANT <= min(slant, 180 - slant) <= _MOST_SLANT
