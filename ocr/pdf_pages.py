"""Pages of PDF files: pictures by PDFium, words by pdfplumber, form values by pikepdf."""

from __future__ import annotations

import threading
from ctypes import c_int
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pdfplumber
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from forms.submission import Box
from ocr.annotations import notes_on, widgets_on
from ocr.errors import DamagedFileError, EncryptedFileError, NoPagesError
from ocr.pages import ColourImage, Glyph, GrayImage, Page, PageFile, check_count, check_size
from ocr.pdf_nature import DRAWN_DPI, Nature, nature_of
from ocr.pdf_scans import scanned_picture
from ocr.pdf_structure import check_end

PDFIUM_LOCK: Final = threading.RLock()
"""PDFium is not thread-safe: every call of it in this process goes through this lock."""

_FAR: Final = 1000.0
_FINE: Final = 64
"""PDFium tells places in whole units: so many to a pixel."""


class PdfPages(PageFile):
    """The pages of a PDF."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ended = check_end(path)
        try:
            self._structure = pikepdf.open(path)
        except pikepdf.PasswordError as error:
            raise EncryptedFileError from error
        self._drawing: pypdfium2.PdfDocument | None = None
        try:
            self._check_pages()
            self._open_drawing()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._structure.close()
        if self._drawing is not None:
            with PDFIUM_LOCK:
                self._drawing.close()
            self._drawing = None

    def page(self, number: int) -> Page:
        """Render one page, with what the file says beside the picture."""
        looked = self._look(number, colour=False)
        structure, pixels = self._structure.pages[number - 1], looked.place
        return Page(
            number,
            looked.picture,
            looked.scale,
            looked.nature.digital,
            self._glyphs(number, looked.picture.shape) if looked.nature.readable else (),
            widgets_on(structure, pixels),
            notes_on(structure, pixels),
            tuple(map(pixels, looked.nature.photographs)),
        )

    def in_colour(self, number: int) -> ColourImage:
        """Render one page in colour."""
        return self._look(number, colour=True).picture

    def _look(self, number: int, *, colour: bool) -> _Look:
        assert self._drawing is not None, "the file is closed"
        with PDFIUM_LOCK:
            page = self._drawing[number - 1]
            try:
                nature = nature_of(page)
                scale = nature.dpi / 72
                check_size(page.get_width() * scale, page.get_height() * scale)
                picture = None
                if not nature.digital:
                    picture = scanned_picture(page, self._structure.pages[number - 1], scale, colour=colour)
                if picture is None:
                    picture = _render(page, scale, colour=colour)
                return _Look(picture, scale, nature, _to_pixels(page, picture.shape))
            finally:
                page.close()

    def decode(self) -> None:
        """Load every page's content, without its pictures."""
        assert self._drawing is not None, "the file is closed"
        for number in range(self.count):
            with PDFIUM_LOCK:
                self._drawing[number].close()

    def _check_pages(self) -> None:
        self.count = len(self._structure.pages)
        if not self.count:
            raise NoPagesError
        check_count(self.count)
        for item in self._structure.objects:
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image":
                check_size(float(item.get("/Width", 0)), float(item.get("/Height", 0)))

    def _open_drawing(self) -> None:
        with PDFIUM_LOCK:
            self._drawing = pypdfium2.PdfDocument(self._path)
            if len(self._drawing) != self.count:
                raise DamagedFileError
            if self._drawing.get_formtype() != pdfium_c.FORMTYPE_NONE:
                self._drawing.init_forms()
            for width, height in (self._drawing.get_page_size(at) for at in range(self.count)):
                check_size(width * DRAWN_DPI / 72, height * DRAWN_DPI / 72)

    def _glyphs(self, number: int, shape: tuple[int, ...]) -> tuple[Glyph, ...]:
        """Characters of the text layer, in pixels of a picture of that shape; none when the layer cannot be read."""
        try:
            with self._path.open("rb") as file, pdfplumber.open(file, pages=[number]) as pdf:
                page = pdf.pages[0]
                # What is shown of a page is its crop box, as far as that lies on the page.
                seen = [float(edge) for edge in page.cropbox]
                whole = [float(edge) for edge in page.mediabox]
                left, top = max(seen[0], whole[0]), max(seen[1], whole[1])
                across = shape[1] / (min(seen[2], whole[2]) - left)
                down = shape[0] / (min(seen[3], whole[3]) - top)
                return tuple(
                    Glyph(
                        str(char["text"]),
                        (
                            (char["x0"] - left) * across,
                            (char["top"] - top) * down,
                            (char["x1"] - left) * across,
                            (char["bottom"] - top) * down,
                        ),
                    )
                    for char in page.chars
                )
        except Exception:  # pdfminer raises anything on odd fonts; the picture is there to be read instead
            return ()


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The picture of a page with its pixels per point, what kind of page it is, and the way to its pixels.

    ``to_pixels`` (2 x 3) leads there from PDF's own coordinates.
    """

    picture: GrayImage | ColourImage
    scale: float
    nature: Nature
    to_pixels: npt.NDArray[np.float64]

    def place(self, box: Box) -> Box:
        """A box of the PDF's own coordinates (left, lower, right, upper) in pixels from the top."""
        corners = self.to_pixels @ np.array([(x, y, 1.0) for x in (box[0], box[2]) for y in (box[1], box[3])]).T
        (x0, top), (x1, bottom) = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
        return x0, top, x1, bottom


def _to_pixels(page: pypdfium2.PdfPage, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Where PDFium draws what: it heeds boxes, turns and units of a page as nobody could state again."""
    x, y = c_int(), c_int()
    found = []
    for at in ((0.0, 0.0), (_FAR, 0.0), (0.0, _FAR)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, shape[1] * _FINE, shape[0] * _FINE, 0, *at, x, y)
        found.append((x.value / _FINE, y.value / _FINE))
    origin, right, up = map(np.array, found)
    return np.column_stack(((right - origin) / _FAR, (up - origin) / _FAR, origin))


def _render(page: pypdfium2.PdfPage, scale: float, *, colour: bool) -> GrayImage | ColourImage:
    bitmap = page.render(scale=scale, grayscale=not colour)
    try:
        picture: GrayImage = bitmap.to_numpy().copy()
    finally:
        bitmap.close()
    return picture[:, :, :3] if colour else picture.reshape(picture.shape[:2])
