"""Pages of PDF files: pictures by PDFium, words by pdfplumber, form values by pikepdf."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from ocr.errors import DamagedFileError, EncryptedFileError, NoPagesError
from ocr.pages import LARGEST_DPI, ColourImage, Glyph, GrayImage, Page, PageFile, check_count, check_size
from ocr.pdf_scans import scanned_picture
from ocr.pdf_structure import check_end

PDFIUM_LOCK: Final = threading.RLock()
"""PDFium is not thread-safe: every call of it in this process goes through this lock."""

_DRAWN_DPI: Final = 200
_LOWEST_DPI: Final = 150
_SCAN_SHARE: Final = 0.6
"""Pictures that cover more of the page than this make it a scan, whatever text lies over or under them."""
_HIDDEN_MODES: Final = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)


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
        """Render one page; text is taken only from a page that is drawn, not photographed."""
        picture, scale, digital = self._picture(number, colour=False)
        glyphs = self._glyphs(number, scale, picture.shape) if digital else ()
        return Page(number, picture, scale, digital, glyphs, self._widgets(number))

    def in_colour(self, number: int) -> ColourImage:
        """Render one page in colour."""
        return self._picture(number, colour=True)[0]

    def _picture(self, number: int, *, colour: bool) -> tuple[GrayImage | ColourImage, float, bool]:
        """A page with its pixels per point, and whether it is drawn."""
        assert self._drawing is not None, "the file is closed"
        try:
            with PDFIUM_LOCK:
                page = self._drawing[number - 1]
                try:
                    dpi, digital = _nature(page)
                    scale = dpi / 72
                    check_size(page.get_width() * scale, page.get_height() * scale)
                    picture = None
                    if not digital:
                        picture = scanned_picture(page, self._structure.pages[number - 1], scale, colour=colour)
                    if picture is None:
                        picture = _render(page, scale, colour=colour)
                finally:
                    page.close()
        except pypdfium2.PdfiumError as error:
            raise DamagedFileError from error
        return picture, scale, digital

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
                check_size(width * _DRAWN_DPI / 72, height * _DRAWN_DPI / 72)

    def _glyphs(self, number: int, scale: float, shape: tuple[int, ...]) -> tuple[Glyph, ...]:
        """Characters of the text layer, in pixels of the picture; none when the layer cannot be read."""
        try:
            with self._path.open("rb") as file, pdfplumber.open(file, pages=[number]) as pdf:
                page = pdf.pages[0]
                left, top = float(page.bbox[0]), float(page.bbox[1])
                # Differs from 1 only where /UserUnit or a crop box makes the two libraries disagree on the page.
                x_scale = scale * (shape[1] / scale / float(page.width))
                y_scale = scale * (shape[0] / scale / float(page.height))
                return tuple(
                    Glyph(
                        str(char["text"]),
                        (
                            (char["x0"] - left) * x_scale,
                            (char["top"] - top) * y_scale,
                            (char["x1"] - left) * x_scale,
                            (char["bottom"] - top) * y_scale,
                        ),
                    )
                    for char in page.chars
                )
        except Exception:  # pdfminer raises anything on odd fonts; the picture is there to be read instead
            return ()

    def _widgets(self, number: int) -> dict[str, str | bool | None]:
        found: dict[str, str | bool | None] = {}
        for annotation in self._structure.pages[number - 1].obj.get("/Annots", ()):
            if annotation.get("/Subtype") != "/Widget":
                continue
            name = str(_inherited(annotation, "/T") or "").rsplit(".", 1)[-1]
            if name:
                found[name] = _form_value(_inherited(annotation, "/FT"), _inherited(annotation, "/V"))
        return found


def _nature(page: pypdfium2.PdfPage) -> tuple[float, bool]:
    """The dpi to render at, and whether the page is drawn text rather than the picture of a paper."""
    width, height = page.get_size()
    left, bottom, right, top = page.get_bbox()
    covered, finest, texts, hidden = 0.0, 0.0, 0, False
    for item in page.get_objects(filter=(pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_TEXT)):
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts += 1
            hidden = hidden or pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _HIDDEN_MODES
            continue
        x0, y0, x1, y1 = item.get_bounds()
        across = max(0.0, min(x1, right) - max(x0, left))
        down = max(0.0, min(y1, top) - max(y0, bottom))
        covered += across * down / max(1.0, width * height)
        if across > 0.2 * width and x1 > x0:
            finest = max(finest, max(item.get_px_size()) * 72 / max(x1 - x0, y1 - y0))
    digital = bool(texts) and not hidden and covered < _SCAN_SHARE
    if covered < _SCAN_SHARE:
        return _DRAWN_DPI, digital
    return min(max(finest, _LOWEST_DPI), LARGEST_DPI), False


def _render(page: pypdfium2.PdfPage, scale: float, *, colour: bool) -> GrayImage | ColourImage:
    bitmap = page.render(scale=scale, grayscale=not colour)
    try:
        picture: GrayImage = bitmap.to_numpy().copy()
    finally:
        bitmap.close()
    return picture[:, :, :3] if colour else picture.reshape(picture.shape[:2])


def _inherited(annotation: Any, key: str) -> Any:
    """An entry of a widget or of the field it belongs to."""
    node = annotation
    for _ in range(8):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _form_value(kind: Any, value: Any) -> str | bool | None:
    if kind == "/Btn":
        return value is not None and str(value) not in ("/Off", "")
    return None if value is None else str(value)
