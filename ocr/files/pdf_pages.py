"""Pages of PDF files: pictures by PDFium, words by pdfplumber, form values by pikepdf."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_int
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pdfplumber
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
from pdfminer.layout import LTChar, LTComponent, LTContainer

from forms.submission import Box
from ocr.errors import DamagedFileError, EncryptedFileError, NoPagesError, TruncatedFileError
from ocr.files.annotations import form_fields_of, has_second_form, notes_on, remarks_on, signatures_on, widgets_on
from ocr.files.attachments import count_attachments
from ocr.files.layers import switched, uncertain_layers
from ocr.files.page import ColourImage, Glyph, GrayImage, Page
from ocr.files.page_file import PageFile, check_count, check_size, page_begins
from ocr.files.pdf_nature import (
    DRAWN_DPI,
    Nature,
    nature_of,
    take_all_but_text_away,
    take_photographs_away,
    undrawn_pictures,
)
from ocr.files.pdf_scans import scanned_picture
from ocr.files.pdf_structure import Ending, check_objects, content_is_lost, crops_all_away, ending

_Boxes = npt.NDArray[np.float64]
"""N x 4."""
_Edges = npt.NDArray[np.float64]
"""One edge of each box."""
PDFIUM_LOCK: Final = threading.RLock()
"""PDFium is not thread-safe: every call of it in this process goes through this lock."""

_DARK: Final = 160
_MOSTLY: Final = 0.5
"""Share of the ink of a digital page that was drawn."""
_FAR: Final = 1000.0
_FINE: Final = 64
"""PDFium tells places in whole units: so many to a pixel."""


class PdfPages(PageFile):
    """The pages of a PDF."""

    def __init__(self, path: Path) -> None:
        self._path = path
        end = ending(path)
        self.ended, lost = end.certain, end in (Ending.TABLE_LOST, Ending.UNKNOWN)
        try:
            self._structure = pikepdf.open(path)
        except pikepdf.PasswordError as error:
            raise EncryptedFileError from error
        except pikepdf.PdfError as error:
            if lost:
                raise TruncatedFileError from error
            raise
        self._drawing: pypdfium2.PdfDocument | None = None
        self._otherwise: tuple[pypdfium2.PdfDocument, ...] | None = None
        try:
            if lost:
                check_objects(self._structure)
            self._check_pages()
            self._open_drawing()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._structure.close()
        with PDFIUM_LOCK:
            for drawing in (self._drawing, *(self._otherwise or ())):
                if drawing is not None:
                    drawing.close()
        self._drawing, self._otherwise = None, ()

    @property
    def attachments(self) -> int:
        """How many files it carries that are on none of its pages."""
        return count_attachments(self._structure)

    def page(self, number: int) -> Page:
        """Render one page, with what the file says beside the picture."""
        looked = self._look(number)
        structure, pixels = self._structure.pages[number - 1], looked.place
        return Page(
            number,
            looked.picture,
            looked.scale,
            looked.digital,
            self._glyphs(number, looked.places) if looked.digital and looked.readable else (),
            widgets_on(structure, pixels),
            (*notes_on(structure, pixels), *map(pixels, looked.undrawn)),
            looked.bare,
            looked.lettering,
            self._seen_otherwise(number, looked.scale),
            remarks=remarks_on(structure, pixels),
            signed=signatures_on(structure, pixels),
            rivalled=has_second_form(self._structure),
        )

    def in_colour(self, number: int) -> ColourImage:
        """Render one page in colour."""
        with PDFIUM_LOCK, self._opened(number) as page:
            nature = nature_of(page)
            picture = self._photograph(page, number, nature, colour=True)
            return _render(page, nature.dpi / 72, colour=True) if picture is None else picture

    def _look(self, number: int) -> _Look:
        with PDFIUM_LOCK, self._opened(number) as page:
            nature = nature_of(page)
            scale = nature.dpi / 72
            picture = self._photograph(page, number, nature, colour=False)
            if picture is not None:
                return _Look(picture, scale, _to_pixels(page, picture.shape))
            picture, bare, lettering = _render(page, scale), None, None
            undrawn = undrawn_pictures(page)
            if not _ink(picture) and (undrawn or content_is_lost(self._structure.pages[number - 1])):
                raise DamagedFileError  # it is not empty: whoever takes it for that loses a page
            if nature.photographs:
                take_photographs_away(page)
                bare = _render(page, scale)
            digital = bare is None or _ink(bare) >= _MOSTLY * _ink(picture)
            pixels = _to_pixels(page, picture.shape)
            if digital and (nature.lettered or "/Annots" in self._structure.pages[number - 1].obj):
                take_all_but_text_away(page)
                lettering = _render(page, scale, notes=False)
            return _Look(picture, scale, pixels, digital, nature.readable, bare, lettering, tuple(undrawn))

    def _seen_otherwise(self, number: int, scale: float) -> tuple[GrayImage, ...]:
        """The page with its uncertain layers shown, and without them."""
        with PDFIUM_LOCK:
            if self._otherwise is None:
                layers = uncertain_layers(self._structure)
                self._otherwise = tuple(
                    drawable(switched(self._structure, layers, shown=shown))
                    for shown in ((True, False) if layers else ())
                )
            return tuple(_render(drawing[number - 1], scale) for drawing in self._otherwise)

    @contextmanager
    def _opened(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        """A page as PDFium has it; what is taken away from it is there again the next time."""
        assert self._drawing is not None, "the file is closed"
        page = self._drawing[number - 1]
        try:
            yield page
        finally:
            page.close()

    def _photograph(
        self, page: pypdfium2.PdfPage, number: int, nature: Nature, *, colour: bool
    ) -> GrayImage | ColourImage | None:
        """The picture of a page that is nothing but one photograph."""
        scale = nature.dpi / 72
        check_size(page.get_width() * scale, page.get_height() * scale)
        if not nature.covering:
            return None
        return scanned_picture(page, self._structure.pages[number - 1], scale, colour=colour)

    def decode(self) -> None:
        """Load every page's content, without its pictures."""
        assert self._drawing is not None, "the file is closed"
        for number in range(self.count):
            page_begins()
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
            self._drawing = drawable(self._as_most_viewers_have_it() or self._path)
            if len(self._drawing) != self.count:
                raise DamagedFileError
            for width, height in (self._drawing.get_page_size(at) for at in range(self.count)):
                check_size(width * DRAWN_DPI / 72, height * DRAWN_DPI / 72)

    def _as_most_viewers_have_it(self) -> bytes | None:
        """The file where PDFium alone would show less than others; None where all agree.

        Others show form fields whose list was lost, and the whole page where it is cropped to what lies beside it.
        """
        lost = [entry for page in self._structure.pages for entry in form_fields_of(page)]
        lost = [] if "/AcroForm" in self._structure.Root else lost
        beside = [page for page in self._structure.pages if crops_all_away(page)]
        if not lost and not beside:
            return None
        if lost:
            fields = pikepdf.Dictionary(Fields=pikepdf.Array(lost))
            self._structure.Root.AcroForm = self._structure.make_indirect(fields)
        for page in beside:
            page.cropbox = page.mediabox
        whole = BytesIO()
        self._structure.save(whole)
        return whole.getvalue()

    def _glyphs(self, number: int, places: Callable[[_Boxes], list[Box]]) -> tuple[Glyph, ...]:
        """Characters of the text layer, where they are drawn; none when the layer cannot be read."""
        try:
            with self._path.open("rb") as file, pdfplumber.open(file, pages=[number]) as pdf:
                page = pdf.pages[0]
                # Its own list of characters tells a dozen properties of each, which takes as long as to find them.
                found = list(_characters_in(page.layout))
                to_pdf = _to_pdf(page.page_obj.mediabox, page.rotation)
                x0, low, x1, high = np.array([each.bbox for each in found], np.float64).reshape(-1, 4).T
                boxes = places(np.column_stack((*to_pdf(x0, low), *to_pdf(x1, high))))
                return tuple(Glyph(each.get_text(), box) for each, box in zip(found, boxes, strict=True))
        except Exception:  # pdfminer raises anything on odd fonts; the picture is there to be read instead
            return ()


def drawable(file: bytes | Path) -> pypdfium2.PdfDocument:
    """A file as PDFium draws it, with its form fields."""
    drawing = pypdfium2.PdfDocument(file)
    if drawing.get_formtype() != pdfium_c.FORMTYPE_NONE:
        drawing.init_forms()
    return drawing


def _characters_in(container: LTContainer[LTComponent]) -> Iterator[LTChar]:
    """The characters of a page in the order in which they are drawn, those of its parts among them."""
    for each in container:
        if isinstance(each, LTContainer):
            yield from _characters_in(each)
        elif isinstance(each, LTChar):
            yield each


def _to_pdf(media: Sequence[float], rotation: int) -> Callable[[_Edges, _Edges], tuple[_Edges, _Edges]]:
    """From pdfminer's coordinates, whose origin is a corner of the turned page, back to those of the PDF."""
    left, low, right, high = (float(edge) for edge in media)
    ways: dict[int, Callable[[_Edges, _Edges], tuple[_Edges, _Edges]]] = {
        90: lambda x, y: (right - y, low + x),
        180: lambda x, y: (right - x, high - y),
        270: lambda x, y: (left + y, high - x),
    }
    return ways.get(rotation, lambda x, y: (left + x, low + y))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The picture of a page with its pixels per point, the way to its pixels, and what it is made of.

    ``to_pixels`` (2 x 3) leads there from PDF's own coordinates; ``digital``, ``bare`` and ``lettering`` are those of
    ``Page``, ``readable`` is that of ``Nature``. ``undrawn`` are the places of pictures that cannot be decoded, in
    PDF's own coordinates.
    """

    picture: GrayImage
    scale: float
    to_pixels: npt.NDArray[np.float64]
    digital: bool = False
    readable: bool = False
    bare: GrayImage | None = None
    lettering: GrayImage | None = None
    undrawn: tuple[Box, ...] = ()

    def place(self, box: Box) -> Box:
        """A box of the PDF's own coordinates (left, lower, right, upper) in pixels from the top."""
        return self.places(np.array([box]))[0]

    def places(self, boxes: _Boxes) -> list[Box]:
        """The same of many boxes (N x 4) at once."""
        ones = np.ones(len(boxes))
        corners = np.stack(
            [self.to_pixels @ np.stack((boxes[:, x], boxes[:, y], ones)) for x in (0, 2) for y in (1, 3)]
        )
        (x0, top), (x1, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return list(zip(x0, top, x1, bottom, strict=True))


def _to_pixels(page: pypdfium2.PdfPage, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Where PDFium draws what: it heeds boxes, turns and units of a page as nobody could state again."""
    x, y = c_int(), c_int()
    found = []
    for at in ((0.0, 0.0), (_FAR, 0.0), (0.0, _FAR)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, shape[1] * _FINE, shape[0] * _FINE, 0, *at, x, y)
        found.append((x.value / _FINE, y.value / _FINE))
    origin, right, up = map(np.array, found)
    return np.column_stack(((right - origin) / _FAR, (up - origin) / _FAR, origin))


def _ink(picture: GrayImage) -> int:
    """How much of a picture is dark."""
    return int(np.count_nonzero(picture < _DARK))


def _render(
    page: pypdfium2.PdfPage, scale: float, *, colour: bool = False, notes: bool = True
) -> GrayImage | ColourImage:
    bitmap = page.render(scale=scale, grayscale=not colour, draw_annots=notes)
    try:
        picture: GrayImage = bitmap.to_numpy().copy()
    finally:
        bitmap.close()
    return picture[:, :, :3] if colour else picture.reshape(picture.shape[:2])
