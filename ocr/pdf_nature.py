"""What kind of page a PDF shows: drawn, or the photograph of paper, or some of both. Callers hold ``PDFIUM_LOCK``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium_c

from forms.submission import Box
from ocr.pages import LARGEST_DPI

DRAWN_DPI: Final = 200
"""What a page is drawn at that holds no photograph finer than that."""
_LOWEST_DPI: Final = 150
_SCAN_SHARE: Final = 0.6
"""Photographs that cover more of the page than this make it one, whatever lies over or under them."""
_NO_LOGO: Final = 0.2
"""Photographs less wide than this share of the page do not decide how fine it is drawn."""
_HIDDEN_MODES: Final = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
_SEEN: Final = (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_TEXT)


@dataclass(frozen=True, slots=True)
class Nature:
    """``photographs`` are in PDF's own coordinates: left, lower, right, upper.

    ``digital`` tells that most of the page is drawn; ``readable`` that its text layer is what is drawn there: there is
    one, and nothing of it is hidden, as a scanner's program hides what it believes to have read.
    """

    dpi: float
    digital: bool
    readable: bool
    photographs: tuple[Box, ...]


def nature_of(page: pypdfium2.PdfPage) -> Nature:
    """Look at the objects of a page, also those in forms within it."""
    width, height = page.get_size()
    left, bottom, right, top = page.get_bbox()
    covered, finest, texts, hidden = 0.0, 0.0, 0, False
    photographs: list[Box] = []
    for item in page.get_objects(filter=_SEEN):
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts += 1
            hidden = hidden or pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _HIDDEN_MODES
            continue
        x0, y0, x1, y1 = _place(item)
        across = max(0.0, min(x1, right) - max(x0, left))
        down = max(0.0, min(y1, top) - max(y0, bottom))
        covered += across * down / max(1.0, width * height)
        photographs.append((x0, y0, x1, y1))
        if across > _NO_LOGO * width and x1 > x0:
            finest = max(finest, max(item.get_px_size()) * 72 / max(x1 - x0, y1 - y0))
    digital = covered < _SCAN_SHARE
    dpi = min(max(finest, DRAWN_DPI if digital else _LOWEST_DPI), LARGEST_DPI)
    return Nature(dpi, digital, digital and bool(texts) and not hidden, tuple(photographs))


def _place(item: pypdfium2.PdfObject) -> Box:
    """Where an object stands on the page: bounds are told within the form that holds it."""
    x0, y0, x1, y1 = item.get_bounds()
    corners = [(x, y) for x in (x0, x1) for y in (y0, y1)]
    holder = item.container
    while holder is not None:
        matrix = holder.get_matrix()
        corners = [matrix.on_point(x, y) for x, y in corners]
        holder = holder.container
    across, up = zip(*corners, strict=True)
    return min(across), min(up), max(across), max(up)
