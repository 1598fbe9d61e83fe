"""Where places of the blank really went on a scanned page, against where the product thinks they are.

A second sheet, white with dots at known places, goes through the same scan with the same luck: the steps of a scan draw
their luck from the seed and the size of the picture, not from what stands on it. The dots that are found there say
where the form's points went.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from reportlab.pdfgen.canvas import Canvas

from benchmarks.drawing import PrintingDesk, Specimen, scanned_to
from benchmarks.eight_thousand import customers
from forms.catalogue import all_forms
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from ocr.alignment.alignment import Alignment, transformed
from ocr.alignment.identification import identify
from ocr.files.opening import open_pages
from ocr.files.page import GrayImage
from specimens.people import CustomerRow

LIMIT_MM: Final = 0.5
_POINT_MM: Final = 25.4 / 72
_RADIUS: Final = 6.0
_DOTS: Final = np.array([(x, y) for y in np.arange(170.0, 760.0, 65.0) for x in np.arange(60.0, 545.0, 95.0)])
"""Places of the dots, in points: all over the part of the page that holds fields."""
_AROUND: Final = 24.0
"""How far from where it is expected a dot is looked for, in points (8 mm); a page that errs by more shows no dot."""

_UNLIKE: Final = 0.12
"""A dot whose area differs by more than this share from the others of its page is partly covered."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """One page: how far each dot that could be seen is from where the alignment puts it, in mm.

    ``aligned`` is False where the page was not found to be its form: it goes to a human, nothing is cut from it.
    """

    specimen: int
    form: str
    condition: str
    aligned: bool
    errors: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)


@dataclass(frozen=True)
class PlacesTask:
    """Draws and aligns pages of a run by their number."""

    seed: int
    conditions: tuple[str, ...]

    def __call__(self, number: int) -> Places:
        """One page."""
        with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
            page = PrintingDesk(self.seed, self.conditions, Path(scratch), _customers()).page(number)
            picture = _picture(page.path)
            alignment = identify(picture, all_forms()).alignment
            if alignment is None or alignment.blank.form != page.form:
                return Places(number, page.form.code, page.condition, aligned=False, errors=())
            dots = dotted_picture(page, self.seed, Path(scratch))
        errors = tuple(round(error, 4) for error in errors_of(alignment, dots))
        return Places(number, page.form.code, page.condition, aligned=True, errors=errors)


def errors_of(alignment: Alignment, dots: GrayImage) -> list[float]:
    """Distance of each dot from its place, in mm of the sheet.

    A dot under a finger or in a hole is left out; but where most cannot be seen the alignment is far off, and each of
    them is infinitely far from its place.
    """
    errors, sizes = [], []
    for dot, place in zip(_DOTS, transformed(alignment.to_picture, _DOTS), strict=True):
        scale = float(np.linalg.norm(transformed(alignment.to_picture, dot[None] + (1.0, 0.0))[0] - place))
        found = _dot_near(dots, place, scale)
        if found is not None:
            middle, size = found
            errors.append(float(np.linalg.norm(alignment.to_form(middle[None])[0] - dot)) * _POINT_MM)
            sizes.append(size)
    usual = float(np.median(sizes)) if sizes else 1.0
    whole = [error for error, size in zip(errors, sizes, strict=True) if abs(size / usual - 1) < _UNLIKE]
    hidden = len(_DOTS) - len(whole)
    return whole + [float("inf")] * (hidden if hidden > len(whole) else 0)


def _dot_near(picture: GrayImage, place: Points, scale: float) -> tuple[Points, float] | None:
    """Middle of the dot nearest to a place, both in pixels, and its area as a share of what a dot should have.

    ``scale`` is pixels a point.
    """
    left, top = (max(0, round(float(at) - _AROUND * scale)) for at in place)
    piece = picture[top : top + round(2 * _AROUND * scale), left : left + round(2 * _AROUND * scale)]
    if min(piece.shape, default=0) < 2 * _RADIUS * scale:
        return None
    paper = float(np.percentile(piece, 75))
    darkness = np.clip(paper - cv2.GaussianBlur(piece, (0, 0), 0.25 * scale).astype(np.float64), 0, None)
    dark = (darkness > 0.45 * float(darkness.max())).astype(np.uint8)
    count, labels, facts, middles = cv2.connectedComponentsWithStats(dark)
    whole = np.pi * (_RADIUS * scale) ** 2
    near = [at for at in range(1, count) if 0.6 * whole < facts[at][cv2.CC_STAT_AREA] < 1.5 * whole]
    if not near:
        return None
    wanted = place - (left, top)
    chosen = min(near, key=lambda at: float(np.linalg.norm(middles[at] - wanted)))
    rows, columns = np.nonzero(labels == chosen)
    weights = darkness[rows, columns]
    middle = np.array([np.average(columns, weights=weights), np.average(rows, weights=weights)])
    return np.asarray(middle + np.array([left, top]), np.float64), len(rows) / whole


def dotted_picture(page: Specimen, seed: int, folder: Path) -> GrayImage:
    """The sheet of dots, scanned and stored as that page was."""
    folder = folder / "dots"
    folder.mkdir()
    path, _ = scanned_to(folder, _dotted(), (page.number, page.form, page.condition), seed)
    return _picture(path)


@cache
def _dotted() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    for x, y in _DOTS:
        canvas.circle(float(x), PAGE_HEIGHT - float(y), _RADIUS, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _picture(path: Path) -> GrayImage:
    with open_pages(path) as pages:
        return pages.page(1).picture


@cache
def _customers() -> list[CustomerRow]:
    return customers()
