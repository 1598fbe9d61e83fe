"""Pages of TIFF, JPEG, PNG and HEIC files, through Pillow (HEIC with pi-heif, which only decodes)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.colour import gray_of
from ocr.errors import DamagedFileError, DocumentError, NoPagesError, TruncatedFileError
from ocr.heif_structure import check_boxes, is_heif
from ocr.pages import ColourImage, GrayImage, Page, PageFile, check_count, check_size
from ocr.tiff_structure import page_sizes

# Pillow's own guard knows one fixed limit and only warns; ours (ocr.pages.check_size) comes from the settings and is
# asked before any decoding.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

_LONGEST_PAGE_SIDE: Final = 3600
"""A4 at 300 dpi and a margin: what is larger gains nothing."""
_HEAD: Final = 64
_TAIL: Final = 64
_TIFF_HEADS: Final = (b"II", b"MM")
_COLOUR_MODES: Final = ("P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB")
_BROKEN = (OSError, EOFError, SyntaxError, ValueError, KeyError, TypeError, struct.error, RuntimeError)
"""What Pillow raises for broken content, by format and place."""


class ImagePages(PageFile):
    """The frames of an image file as pages. Resolution in the file is not relied on: alignment finds the scale."""

    def __init__(self, path: Path) -> None:
        head, tail = _ends(path)
        whole = is_heif(head) or head[:2] in _TIFF_HEADS  # looked through to their ends at once
        self._has_end = whole or b"IEND" in tail or b"\xff\xd9" in tail
        self.count = _checked_count(path, head)
        try:
            self._image = Image.open(path, formats=("TIFF", "JPEG", "PNG", "HEIF"))
        except PermissionError:
            raise
        except (*_BROKEN, UnidentifiedImageError) as error:
            raise self._cause() from error
        try:
            check_size(*self._image.size)  # of several frames (burst, preview, animation) the first is the page
        except DocumentError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()

    def page(self, number: int) -> Page:
        """Decode one frame, upright by its EXIF orientation, gray, with square pixels."""
        try:
            picture = _gray(self._frame(number))
        except _BROKEN as error:
            raise self._cause() from error
        return Page(number, picture)

    def in_colour(self, number: int) -> ColourImage:
        """The same frame in colour."""
        try:
            return _colour(self._frame(number))
        except _BROKEN as error:
            raise self._cause() from error

    def _frame(self, number: int) -> Image.Image:
        if self._image.format != "HEIF":  # of several pictures in a HEIF the primary one is open; it is the page
            self._image.seek(number - 1)
        self._image.load()
        return self._image

    def decode(self) -> None:
        """Decode a JPEG (at an eighth of its size, which still reads all of its data) or check a PNG's blocks."""
        if self._image.format == "TIFF":
            return  # all of it was found to lie within the file when it was opened
        try:
            if self._image.format == "PNG":
                self._image.verify()
            elif self._image.format == "HEIF":
                self._image.load()
            else:
                self._image.draft("L", (self._image.width // 8, self._image.height // 8))
                self._image.load()
        except _BROKEN as error:
            raise self._cause() from error

    def _cause(self) -> DamagedFileError | TruncatedFileError:
        """Cut off when the format's end mark is missing (TIFF and HEIF are whole by now), otherwise damaged."""
        return DamagedFileError() if self._has_end else TruncatedFileError()


def _checked_count(path: Path, head: bytes) -> int:
    """Pages of the file, none of them decoded; TIFF and HEIF are checked to their ends, all but TIFF hold one page."""
    if is_heif(head):
        check_boxes(path)
    if head[:2] not in _TIFF_HEADS:
        return 1
    count = 0
    for width, height in page_sizes(path):
        count += 1
        check_count(count)
        check_size(width, height)
    if not count:
        raise NoPagesError
    return count


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first bytes and the last ones."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _TAIL))
        return head, file.read()


def _gray(image: Image.Image) -> GrayImage:
    upright = _upright(image)
    if upright.mode in _COLOUR_MODES:
        gray = Image.fromarray(gray_of(np.asarray(upright.convert("RGB"))))
    else:
        gray = upright.convert("L")
    return np.asarray(_at_size(gray, image), dtype=np.uint8)


def _colour(image: Image.Image) -> ColourImage:
    colour = np.asarray(_at_size(_upright(image).convert("RGB"), image), dtype=np.uint8)
    return np.ascontiguousarray(colour[:, :, ::-1])


def _upright(image: Image.Image) -> Image.Image:
    """As it is meant to be seen: turned, with eight bits a sample, on white where it is transparent."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        deep = np.asarray(upright, dtype=np.float32)
        upright = Image.fromarray((deep * (255.0 / max(1.0, float(deep.max())))).astype(np.uint8))
    elif "A" in upright.mode or "transparency" in upright.info:
        colour = upright.convert("RGBA")
        paper = Image.new("RGBA", colour.size, "white")
        upright = Image.alpha_composite(paper, colour)
    return upright


def _at_size(picture: Image.Image, image: Image.Image) -> Image.Image:
    """With square pixels by the resolution that ``image`` names, and no larger than reading needs."""
    x_dpi, y_dpi = _resolution(image)
    width, height = picture.size
    if not 0.95 < x_dpi / y_dpi < 1.05:  # fax: lines lie further apart than columns
        finest = max(x_dpi, y_dpi)
        width, height = round(width * finest / x_dpi), round(height * finest / y_dpi)
        check_size(width, height)
    shrink = min(1.0, _LONGEST_PAGE_SIDE / max(width, height))
    wanted = max(1, round(width * shrink)), max(1, round(height * shrink))
    if wanted == picture.size:
        return picture
    return picture.resize(wanted, Image.Resampling.BOX if shrink < 1 else Image.Resampling.BILINEAR)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Dots per inch, across and down; only their ratio is used."""
    try:
        across, down = (float(value) for value in image.info.get("dpi", (1, 1)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 1.0, 1.0
    return (across, down) if 0.25 < across / max(down, 1e-9) < 4 and down > 0 else (1.0, 1.0)
