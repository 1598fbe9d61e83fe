"""The picture that a scanned PDF page consists of, taken out unchanged.

Seven times faster than to draw the page, and sharper: drawing resamples. Only where the page is nothing but that one
picture; stamps, notes, masks and several pictures on a page need drawing. Callers hold ``pdf_pages.PDFIUM_LOCK``.
"""

from __future__ import annotations

from ctypes import c_float
from typing import Final

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from ocr.files.colour import gray_of
from ocr.files.page import ColourImage, GrayImage

_EDGE: Final = 1.5
"""Points that a scan may be larger or smaller than its page."""
_COARSE: Final = 1.1
"""A picture that is to be made finer by more than this factor is drawn: PDFium does that more smoothly."""
_COLOURS: Final = ("/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB")


def scanned_picture(
    page: pypdfium2.PdfPage, structure: pikepdf.Page, scale: float, *, colour: bool = False
) -> GrayImage | ColourImage | None:
    """The page's only picture, gray or in colour, turned as the page is shown, at about ``scale`` pixels a point.

    None where anything else may be seen on the page, or where the picture is not simply laid over all of it. Fax
    pictures get square pixels, finer ones than asked for are made smaller.
    """
    stored = [item for item in structure.resources.get("/XObject", {}).values() if item.get("/Subtype") == "/Image"]
    seen = [item for item in page.get_objects() if not _hidden(item)]
    if len(stored) != 1 or len(seen) != 1 or not isinstance(seen[0], pypdfium2.PdfImage):
        return None
    if pdfium_c.FPDFPage_GetAnnotCount(page) or not _plain(stored[0]) or not _fills(seen[0], page):
        return None
    if pdfium_c.FPDFPageObj_HasTransparency(seen[0]) or _may_be_off(seen[0], stored[0]) or _cut(seen[0], page):
        return None
    samples = (_colour if colour else _gray)(seen[0].get_bitmap())
    picture = np.rot90(samples, -page.get_rotation() // 90)
    width, height = round(page.get_width() * scale), round(page.get_height() * scale)
    across, down = width / picture.shape[1], height / picture.shape[0]
    if max(across, down) > _COARSE and min(across, down) > 1 / _COARSE:
        return None
    if max(across, down) > _COARSE or min(across, down) < 1 / _COARSE:
        method = cv2.INTER_LINEAR if max(across, down) > 1 else cv2.INTER_AREA
        return cv2.resize(picture, (width, height), interpolation=method).astype(np.uint8, copy=False)
    return np.ascontiguousarray(picture)


def _hidden(item: pypdfium2.PdfObject) -> bool:
    """Whether it is text that a scanner's program laid under its picture."""
    if item.type != pdfium_c.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(pdfium_c.FPDFTextObj_GetTextRenderMode(item) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)


def _plain(picture: pikepdf.Object) -> bool:
    """Whether a picture's samples are its colours: no mask, no palette, no change of tone."""
    colours = picture.get("/ColorSpace")
    if isinstance(colours, pikepdf.Array):
        colours = colours[1].get("/Alternate") if colours[0] == "/ICCBased" else colours[0]
    return colours in _COLOURS and not any(key in picture for key in ("/SMask", "/Mask", "/ImageMask", "/Decode"))


def _fills(item: pypdfium2.PdfImage, page: pypdfium2.PdfPage) -> bool:
    """Whether a picture lies upright over the page, neither cropped nor with room around it."""
    wide, turn, turned, high, _, _ = item.get_matrix().get()
    if turn or turned or wide <= 0 or high <= 0:
        return False
    edges = zip(item.get_bounds(), page.get_bbox(), strict=True)
    return all(abs(edge - wanted) <= _EDGE for edge, wanted in edges)


def _may_be_off(item: pypdfium2.PdfImage, picture: pikepdf.Object) -> bool:
    """Whether a picture, or what it belongs to, is content that viewers may be told not to show."""
    return "/OC" in picture or pdfium_c.FPDFPageObj_CountMarks(item) > 0


def _cut(item: pypdfium2.PdfImage, page: pypdfium2.PdfPage) -> bool:
    """Whether a picture is shown through an opening that is smaller than the page."""
    opening = pdfium_c.FPDFPageObj_GetClipPath(item)
    left, bottom, right, top = page.get_bbox()
    x, y = c_float(), c_float()
    for path in range(max(0, pdfium_c.FPDFClipPath_CountPaths(opening)) if opening else 0):
        corners = []
        for at in range(max(0, pdfium_c.FPDFClipPath_CountPathSegments(opening, path))):
            segment = pdfium_c.FPDFClipPath_GetPathSegment(opening, path, at)
            if pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_BEZIERTO:
                return True
            pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
            corners.append((x.value, y.value))
        if len(corners) not in (4, 5) or len(set(corners)) > 4:
            return True
        across, up = [corner[0] for corner in corners], [corner[1] for corner in corners]
        if (
            min(across) > left + _EDGE
            or max(across) < right - _EDGE
            or min(up) > bottom + _EDGE
            or max(up) < top - _EDGE
        ):
            return True
    return False


def _gray(bitmap: pypdfium2.PdfBitmap) -> GrayImage:
    """A copy of its samples as brightness; PDFium's own go with the bitmap."""
    samples: GrayImage = bitmap.to_numpy()
    if samples.ndim == 2 or samples.shape[2] == 1:
        return samples.reshape(samples.shape[:2]).copy()
    return gray_of(samples[:, :, :3], blue_first=True)


def _colour(bitmap: pypdfium2.PdfBitmap) -> ColourImage:
    """A copy of its samples in colour; PDFium's own go with the bitmap."""
    samples: ColourImage = bitmap.to_numpy()
    if samples.ndim == 2 or samples.shape[2] == 1:
        return cv2.cvtColor(samples, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    return samples[:, :, :3].copy()
