"""Pages of TIFF, JPEG and PNG files, through Pillow."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from database.settings import get_settings
from ocr.errors import DamagedFileError, TooManyPagesError, TruncatedFileError
from ocr.pages import GrayImage, Page, PageFile, check_size

# Pillow's own guard knows one fixed limit and only warns; ours (ocr.pages.check_size) comes from the settings and is
# asked before any decoding.
Image.MAX_IMAGE_PIXELS = None

_OFFSETS_AND_LENGTHS: Final = ((273, 279), (324, 325))
"""TIFF tags of strips and tiles."""
_LONGEST_PAGE_SIDE: Final = 3600
"""A4 at 300 dpi and a margin: what is larger gains nothing."""
_TAIL: Final = 64
_BROKEN = (OSError, EOFError, SyntaxError, ValueError, KeyError, TypeError, struct.error, RuntimeError)
"""What Pillow raises for broken content, by format and place."""


class ImagePages(PageFile):
    """The frames of an image file as pages. Resolution in the file is not relied on: alignment finds the scale."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.stat().st_size
        self._tail = _last_bytes(path, self._bytes)
        try:
            self._image = Image.open(path, formats=("TIFF", "JPEG", "PNG"))
        except PermissionError:
            raise
        except (*_BROKEN, UnidentifiedImageError) as error:
            raise self._cause() from error
        try:
            self.count = self._check_frames()
        except BaseException:
            self._image.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()

    def page(self, number: int) -> Page:
        """Decode one frame, upright by its EXIF orientation, gray, with square pixels."""
        try:
            self._image.seek(number - 1)
            self._image.load()
            picture = _gray(self._image)
        except _BROKEN as error:
            raise self._cause() from error
        return Page(number, picture)

    def decode(self) -> None:
        """Decode a JPEG (at an eighth of its size, which still reads all of its data) or check a PNG's blocks."""
        if self._image.format == "TIFF":
            return  # its strips were found to lie within the file when it was opened
        try:
            if self._image.format == "PNG":
                self._image.verify()
            else:
                self._image.draft("L", (self._image.width // 8, self._image.height // 8))
                self._image.load()
        except _BROKEN as error:
            raise self._cause() from error

    def _check_frames(self) -> int:
        if self._image.format != "TIFF":
            check_size(*self._image.size)  # of several frames (burst, preview, animation) the first is the page
            return 1
        count, most = 0, get_settings().max_pages
        while True:
            try:
                self._image.seek(count)
            except EOFError:
                return count
            except _BROKEN as error:
                raise TruncatedFileError from error
            count += 1
            if count > most:
                raise TooManyPagesError
            check_size(*self._image.size)
            self._check_strips()

    def _check_strips(self) -> None:
        tags = self._image.tag_v2  # type: ignore[attr-defined]
        for offsets, lengths in _OFFSETS_AND_LENGTHS:
            ends = [sum(pair) for pair in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)]
            if ends and max(ends) > self._bytes:
                raise TruncatedFileError

    def _cause(self) -> DamagedFileError | TruncatedFileError:
        """Cut off when the format's end mark is missing (TIFF has none), otherwise damaged."""
        complete = b"IEND" in self._tail or b"\xff\xd9" in self._tail
        return DamagedFileError() if complete else TruncatedFileError()


def _last_bytes(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        return file.read()


def _gray(image: Image.Image) -> GrayImage:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        deep = np.asarray(upright, dtype=np.float32)
        upright = Image.fromarray((deep * (255.0 / max(1.0, float(deep.max())))).astype(np.uint8))
    elif "A" in upright.mode or "transparency" in upright.info:
        colour = upright.convert("RGBA")
        paper = Image.new("RGBA", colour.size, "white")
        upright = Image.alpha_composite(paper, colour)
    gray = upright.convert("L")
    x_dpi, y_dpi = _resolution(image)
    width, height = gray.size
    if not 0.95 < x_dpi / y_dpi < 1.05:  # fax: lines lie further apart than columns
        finest = max(x_dpi, y_dpi)
        width, height = round(width * finest / x_dpi), round(height * finest / y_dpi)
        check_size(width, height)
    shrink = min(1.0, _LONGEST_PAGE_SIDE / max(width, height))
    wanted = max(1, round(width * shrink)), max(1, round(height * shrink))
    if wanted != gray.size:
        gray = gray.resize(wanted, Image.Resampling.BOX if shrink < 1 else Image.Resampling.BILINEAR)
    return np.asarray(gray, dtype=np.uint8)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Dots per inch, across and down; only their ratio is used."""
    try:
        across, down = (float(value) for value in image.info.get("dpi", (1, 1)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 1.0, 1.0
    return (across, down) if 0.25 < across / max(down, 1e-9) < 4 and down > 0 else (1.0, 1.0)
