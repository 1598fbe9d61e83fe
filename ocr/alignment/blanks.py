"""The blanks as reading needs them: each drawn once from its form literal, with what alignment looks for on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

from forms.blank import draw_blank
from forms.fillable import draw_fillable
from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, corner_marks, layout
from forms.submission import Box
from ocr.files.page import GrayImage
from ocr.files.pdf_pages import PDFIUM_LOCK

BLANK_DPI: Final = 100
"""Resolution at which pages are compared with blanks; displacements are found to a tenth of a pixel (0.03 mm)."""
BLANK_SCALE: Final = BLANK_DPI / 72
FEATURE_SCALE: Final = 0.72
"""Features are taken at 72 dpi, where they are fewer, larger and steadier under noise."""
MARKS: Final = 4

_FINER: Final = 5
_PATCH: Final = (60.0, 16.0)
_GRID: Final = (6, 14)
_FINE_PATCH: Final = (42.0, 15.0)
_FINE_GRID: Final = (12, 30)
_MOST_FILLED: Final = 0.15

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """One page of a blank at ``BLANK_DPI`` and its landmarks (boxes in points).

    ``fine_landmarks`` are smaller and stand closer, for paper that does not lie flat. The corner
    marks come first among ``landmarks`` (``MARKS`` of them).
    """

    form: Form
    page: int
    picture: GrayImage
    landmarks: tuple[Box, ...]
    fine_landmarks: tuple[Box, ...]

    def landmark_picture(self, box: Box) -> GrayImage:
        """The printed detail in a landmark box."""
        x0, top, x1, bottom = (round(edge * BLANK_SCALE) for edge in box)
        return self.picture[top:bottom, x0:x1]


@cache
def blanks(forms: tuple[Form, ...]) -> tuple[Blank, ...]:
    """All pages of these forms' blanks."""
    return tuple(blank(form, page) for form in forms for page in range(1, layout(form).pages + 1))


@cache
def of_own_looks(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """These forms, oldest versions first, without those that a later one of them looks like."""
    return tuple(form for at, form in enumerate(forms) if not any(form.looks_like(later) for later in forms[at + 1 :]))


@cache
def blank(form: Form, page: int) -> Blank:
    """One page (1-based) of a form's blank."""
    picture = drawn(draw_blank(form, tags=False), page)
    detail = cv2.cornerMinEigenVal(picture, 5)
    coarse = _landmarks(form, page, detail, patch=_PATCH, grid=_GRID, percentile=70)
    return Blank(
        form,
        page,
        picture,
        (*(_grown(mark, 6.0) for mark in corner_marks()), *coarse),
        _landmarks(form, page, detail, patch=_FINE_PATCH, grid=_FINE_GRID, percentile=45),
    )


@cache
def unfilled_fillable(form: Form, page: int) -> GrayImage:
    """One page (1-based) of a form's fillable PDF with nothing in it, as ``Blank.picture`` has the paper one."""
    return drawn(draw_fillable(form, tags=False), page)


@cache
def features_of(form: Form, page: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """The features of a page of a blank: positions (N x 2, points) and descriptors (N x 32)."""
    points, descriptors = features(resized(blank(form, page).picture, FEATURE_SCALE))
    return points / (FEATURE_SCALE * BLANK_SCALE), descriptors


def drawn(pdf: bytes, page: int) -> GrayImage:
    """One page (1-based) of a PDF at ``BLANK_DPI``, every detail in its place to a tenth of a pixel.

    PDFium moves each letter to a whole pixel and stretches the page to a whole number of them. So it draws finer than
    needed, and the picture is scaled down by the true size of the page.
    """
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(pdf)
        try:
            width, height = document[page - 1].get_size()
            bitmap = document[page - 1].render(scale=BLANK_SCALE * _FINER, grayscale=True)
            fine = bitmap.to_numpy()
            blurred = cv2.blur(fine.reshape(fine.shape[:2]), (_FINER, _FINER))  # of its own, not PDFium's
        finally:
            document.close()
    across, down = blurred.shape[1] / width / BLANK_SCALE, blurred.shape[0] / height / BLANK_SCALE
    to_fine = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5]])
    size = ceil(width * BLANK_SCALE), ceil(height * BLANK_SCALE)
    return cv2.warpAffine(
        blurred,
        to_fine,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8)


def resized(picture: GrayImage, factor: float) -> GrayImage:
    """The picture made smaller by a factor."""
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)


def features(picture: GrayImage) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """ORB features: positions (N x 2, pixels) and descriptors (N x 32)."""
    found, descriptors = cv2.ORB_create(nfeatures=1500, fastThreshold=12).detectAndCompute(picture, None)  # type: ignore[attr-defined]
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([point.pt for point in found], np.float32).reshape(-1, 2), descriptors


def _landmarks(
    form: Form,
    page: int,
    detail: npt.NDArray[Any],
    *,
    patch: tuple[float, float],
    grid: tuple[int, int],
    percentile: float,
) -> tuple[Box, ...]:
    """The most telling printed details, spread over the page, away from what people fill in.

    One in each tile of the ``grid`` (columns, rows) that has one above that percentile of detail.
    """
    filled = np.zeros(detail.shape, np.float32)
    for item in layout(form).on_page(page):
        for x0, top, x1, bottom in item.boxes:
            filled[
                round(top * BLANK_SCALE) : round(bottom * BLANK_SCALE),
                round(x0 * BLANK_SCALE) : round(x1 * BLANK_SCALE),
            ] = 1
    width, height = (round(side * BLANK_SCALE) for side in patch)
    window = (width, height)
    telling = cv2.boxFilter(detail, -1, window)
    telling[cv2.boxFilter(filled, -1, window) > _MOST_FILLED] = 0
    strong = float(np.percentile(telling[telling > 0], percentile)) if telling.any() else 0.0
    found: list[Box] = []
    columns, rows = grid
    for top in np.linspace(0, detail.shape[0], rows + 1)[:-1]:
        for left in np.linspace(0, detail.shape[1], columns + 1)[:-1]:
            y, x = int(top), int(left)
            tile = telling[y : y + detail.shape[0] // rows, x : x + detail.shape[1] // columns]
            at_y, at_x = np.unravel_index(int(tile.argmax()), tile.shape)
            if tile[at_y, at_x] < max(strong, 1e-9):
                continue
            middle_x, middle_y = (x + at_x) / BLANK_SCALE, (y + at_y) / BLANK_SCALE
            box = (
                middle_x - patch[0] / 2,
                middle_y - patch[1] / 2,
                middle_x + patch[0] / 2,
                middle_y + patch[1] / 2,
            )
            if min(box) > 8 and box[2] < PAGE_WIDTH - 8 and box[3] < PAGE_HEIGHT - 8:
                found.append(box)
    return tuple(found)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by
