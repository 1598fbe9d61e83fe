"""What kind of page a PDF shows: drawn, or the photograph of paper, or some of both. Callers hold ``PDFIUM_LOCK``.

What a page is made of, not how it says so, decides: it is looked at again with parts of it taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium_c

from forms.submission import Box
from ocr.files.page import LARGEST_DPI

DRAWN_DPI: Final = 200
"""What a page is drawn at that holds no photograph finer than that."""
_LOWEST_DPI: Final = 150
_COVERING: Final = 0.6
"""Share of a page that photographs cover which may be all of it."""
_LARGE: Final = 0.2
"""Photographs less wide than this share of the page do not decide how fine it is drawn; a surface of more than this
share of it may be filled with a photograph."""
_MOST_OBJECTS, _MOST_LETTERS = 30_000, 30_000
"""Pages of more are not asked for their text: it would take too long. A full page has some 3,000 letters."""
_HIDDEN_MODES: Final = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
_KEPT: Final = (pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_FORM)


@dataclass(frozen=True, slots=True)
class Nature:
    """What a page holds, by its objects.

    ``covering`` tells that photographs cover most of it, ``photographs`` that there may be one at all, ``lettered``
    that there is a text layer, ``readable`` that it is what is drawn there: nothing of it is hidden, as scanners'
    programs hide what they believe to have read.
    """

    dpi: float
    covering: bool
    photographs: bool
    lettered: bool
    readable: bool


def nature_of(page: pypdfium2.PdfPage) -> Nature:
    """Look at the objects of a page, also those in forms within it."""
    width, height = page.get_size()
    left, bottom, right, top = page.get_bbox()
    covered, finest, texts, hidden, count = 0.0, 0.0, 0, False, 0
    for item in page.get_objects():
        count += 1
        if item.type not in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_TEXT):
            continue
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts += 1
            hidden = hidden or pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _HIDDEN_MODES
            continue
        x0, y0, x1, y1 = _place(item)
        across = max(0.0, min(x1, right) - max(x0, left))
        down = max(0.0, min(y1, top) - max(y0, bottom))
        covered += across * down / max(1.0, width * height)
        if across > _LARGE * width and x1 > x0:
            finest = max(finest, max(item.get_px_size()) * 72 / max(x1 - x0, y1 - y0))
    covering = covered >= _COVERING
    lettered = bool(texts) and count <= _MOST_OBJECTS and _letters(page) <= _MOST_LETTERS
    dpi = min(max(finest, _LOWEST_DPI if covering else DRAWN_DPI), LARGEST_DPI)
    return Nature(
        dpi,
        covering,
        next(_photographs(page), None) is not None,
        lettered,
        lettered and not hidden,
    )


def _letters(page: pypdfium2.PdfPage) -> int:
    text = page.get_textpage()
    try:
        return int(text.count_chars())
    finally:
        text.close()


def undrawn_pictures(page: pypdfium2.PdfPage) -> list[Box]:
    """Where pictures should stand that cannot be decoded: nothing is drawn there, in PDF's own coordinates."""
    return [_place(item) for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]) if not _decodes(item)]


def _decodes(item: pypdfium2.PdfObject) -> bool:
    bitmap = pdfium_c.FPDFImageObj_GetBitmap(item)
    if bitmap:
        pdfium_c.FPDFBitmap_Destroy(bitmap)
    return bool(bitmap)


def take_photographs_away(page: pypdfium2.PdfPage) -> None:
    """Leave what was drawn."""
    for item in list(_photographs(page)):
        pdfium_c.FPDFPageObj_SetIsActive(item, False)


def take_all_but_text_away(page: pypdfium2.PdfPage) -> None:
    """Leave its letters, and the form fields, which are no objects of the page."""
    for item in page.get_objects():
        if item.type not in _KEPT:
            pdfium_c.FPDFPageObj_SetIsActive(item, False)


def _photographs(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfObject]:
    """Pictures, and surfaces large enough to be filled with one."""
    width, height = page.get_size()
    for item in page.get_objects():
        if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            yield item
        elif item.type not in _KEPT:
            x0, y0, x1, y1 = _place(item)
            if (x1 - x0) * (y1 - y0) > _LARGE * width * height:
                yield item


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
