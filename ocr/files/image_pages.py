"""Pages of TIFF, JPEG, PNG and HEIC files, through Pillow (HEIC with pi-heif, which only decodes)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import pi_heif
from PIL import Image, ImageOps

from ocr.errors import DamagedFileError, DocumentError, NoPagesError, TruncatedFileError
from ocr.files import jpeg_structure
from ocr.files.colour import gray_of
from ocr.files.heif_structure import check_boxes, is_heif
from ocr.files.page import ColourImage, GrayImage, Page
from ocr.files.page_file import PageFile, check_count, check_size
from ocr.files.png_structure import SIGNATURE, essential, further_pictures
from ocr.files.tiff_structure import HEADS, Directory, directories

# Pillow's own guard knows one fixed limit and only warns; ours (``check_size``) comes from the settings and is asked
# before any decoding.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

_LONGEST_PAGE_SIDE: Final = 3600
"""A4 at 300 dpi and a margin: what is larger gains nothing."""
_TAIL: Final = 64
_ORIENTATION: Final = 0x0112
_AS_IT_LIES: Final = 1
_BAND: Final = 256
"""Rows."""
_MIDDLE: Final = 127.5
_WHITE: Final = 250
_JPEG: Final = b"\xff\xd8"
_COLOUR_MODES: Final = ("P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB")


class ImagePages(PageFile):
    """The frames of an image file as pages. Resolution in the file is not relied on: alignment finds the scale."""

    def __init__(self, path: Path) -> None:
        self._path, self._frames = path, _frames(path)
        self.count = len(self._frames)
        source, self.ended = _source(path)
        # As a file, not by name: Pillow would map it, and lay out wrong a TIFF that is to be turned by a quarter.
        self._source = source.open("rb") if isinstance(source, Path) else source
        try:
            self._image = Image.open(self._source, formats=("TIFF", "JPEG", "PNG", "HEIF"))
        except BaseException:
            self._source.close()
            raise
        try:
            if self._is_jpeg:
                self._image.draft(None, _wanted_size(self._image))  # of a large one only a half, quarter or eighth
            check_size(*self._image.size)  # of several frames (burst, preview, animation) the first is the page
        except DocumentError:
            self.close()
            raise

    @classmethod
    def cause(cls, path: Path) -> DocumentError:
        """Cut off when the format's end mark is missing, otherwise damaged."""
        head, tail = _ends(path)
        looked_through = is_heif(head) or head[:4] in HEADS  # to their ends, before anything was decoded
        ended = looked_through or b"IEND" in tail or jpeg_structure.END in tail
        return DamagedFileError() if ended else TruncatedFileError()

    @property
    def attachments(self) -> int:
        """Further pictures of an animated PNG or of a HEIC; those of a JPEG show the same in another way."""
        if self._image.format == "PNG":
            return further_pictures(self._path.read_bytes())
        return int(getattr(self._image, "n_frames", 1)) - 1 if self._image.format == "HEIF" else 0

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()
        self._source.close()

    def page(self, number: int) -> Page:
        """Decode one frame, upright by its EXIF orientation, gray, with square pixels."""
        return Page(number, _gray(self._frame(number)))

    def in_colour(self, number: int) -> ColourImage:
        """The same frame in colour."""
        return _colour(self._frame(number))

    def _frame(self, number: int) -> Image.Image:
        if self._image.format != "HEIF":  # of several pictures in a HEIF the primary one is open; it is the page
            self._image.seek(self._frames[number - 1].frame)
        self._image.load()
        frame = _no_larger(self._image)
        return _positive(frame, self._frames[number - 1].photometric) if self._is_tiff else frame

    @property
    def _is_tiff(self) -> bool:
        return self._image.format == "TIFF"

    @property
    def _is_jpeg(self) -> bool:
        return self._image.format in ("JPEG", "MPO")

    def decode(self) -> None:
        """Decode a JPEG (at an eighth of its size, which still reads all of its data); a PNG that lacks its end too."""
        if self._is_tiff:
            return  # all of it was found to lie within the file when it was opened
        if self._is_jpeg:
            self._image.draft("L", (self._image.width // 8, self._image.height // 8))
        self._image.load()


def _frames(path: Path) -> list[Directory]:
    """The pictures of the file that are pages, none of them decoded; TIFF and HEIF are checked to their ends.

    All but TIFF hold one page. A TIFF of nothing but thumbnails shows those: better a small picture than none.
    """
    head, _ = _ends(path)
    if is_heif(head):
        check_boxes(path)
    if head[:4] not in HEADS:
        return [Directory(0, 1, 1, aside=False, photometric=None)]
    pages, aside = list[Directory](), list[Directory]()
    for each in directories(path):
        (aside if each.aside else pages).append(each)
        check_count(len(pages))
        check_size(each.width, each.height)
    check_count(len(pages or aside))
    if not pages and not aside:
        raise NoPagesError
    return pages or aside


def _source(path: Path) -> tuple[Path | io.BytesIO, bool]:
    """What Pillow is to open, and whether the file ends as its format demands.

    A PNG is handed over without what its picture does not need, a JPEG with the end mark that it lacks. Raises
    TruncatedFileError when more than an end mark is missing.
    """
    head, tail = _ends(path)
    if head.startswith(SIGNATURE):
        data, ended = essential(path.read_bytes())
        return io.BytesIO(data), ended
    if head.startswith(_JPEG) and jpeg_structure.END not in tail:
        whole = jpeg_structure.mended(path.read_bytes())
        if whole is not None:
            return io.BytesIO(whole), False
    return path, True


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first bytes and the last ones."""
    with path.open("rb") as file:
        head = file.read(_TAIL)
        file.seek(max(0, path.stat().st_size - _TAIL))
        return head, file.read()


def _positive(image: Image.Image, photometric: int | None) -> Image.Image:
    """The frame of a TIFF with black ink on white paper.

    Where the file does not say which value is white, paper is what there is more of. Of 16 bits Pillow shows 'white is
    zero' as if it were the other way round.
    """
    if photometric is None and image.mode in ("1", "L"):
        dark = float(np.asarray(image.convert("L")).mean()) < _MIDDLE
        return _kept_facts(ImageOps.invert(image.convert("L")), image) if dark else image
    if photometric == 0 and image.mode.startswith("I;16"):
        deep = np.asarray(image, dtype=np.uint16)
        return _kept_facts(Image.fromarray(np.iinfo(np.uint16).max - deep), image)
    return image


def _no_larger(image: Image.Image) -> Image.Image:
    """A frame no finer than reading needs, before all else that is done to it costs a multiple of its pixels."""
    if max(image.size) <= _LONGEST_PAGE_SIDE:
        return image
    plain = image
    if image.mode in ("1", "P"):
        plain = image.convert("L" if image.mode == "1" else "RGBA" if "transparency" in image.info else "RGB")
    return _kept_facts(plain.resize(_wanted_size(image), Image.Resampling.BOX), image)


def _wanted_size(image: Image.Image) -> tuple[int, int]:
    """The size at which the longer side is as long as reading needs."""
    shrink = _LONGEST_PAGE_SIDE / max(image.size)
    return max(1, round(image.width * shrink)), max(1, round(image.height * shrink))


def _kept_facts(changed: Image.Image, image: Image.Image) -> Image.Image:
    """With resolution and orientation of the picture that it was made from."""
    changed.info, turned = dict(image.info), image.getexif().get(_ORIENTATION)
    if turned:
        changed.getexif()[_ORIENTATION] = turned
    return changed


def _gray(image: Image.Image) -> GrayImage:
    upright = _upright(image)
    gray = Image.fromarray(_gray_of(upright)) if upright.mode in _COLOUR_MODES else upright.convert("L")
    return np.asarray(_at_size(gray, image), dtype=np.uint8)


def _gray_of(picture: Image.Image) -> GrayImage:
    """A colour picture as gray, by bands: three bytes a dot of it all, copied twice, were most of a reader's peak."""
    gray = np.empty((picture.height, picture.width), np.uint8)
    for top in range(0, picture.height, _BAND):
        band = picture.crop((0, top, picture.width, min(top + _BAND, picture.height)))
        gray[top : top + _BAND] = gray_of(np.asarray(band.convert("RGB")))
    return gray


def _colour(image: Image.Image) -> ColourImage:
    colour = np.asarray(_at_size(_upright(image).convert("RGB"), image), dtype=np.uint8)
    return np.ascontiguousarray(colour[:, :, ::-1])


def _upright(image: Image.Image) -> Image.Image:
    """As it is meant to be seen: turned, with eight bits a sample, on white where it is transparent.

    White writing on nothing stands on black: on white it would be an empty page.
    """
    turned = image.getexif().get(_ORIENTATION, _AS_IT_LIES) != _AS_IT_LIES
    upright = ImageOps.exif_transpose(image) if turned else image
    if upright.mode.startswith("I") or upright.mode == "F":
        deep = np.asarray(upright, dtype=np.float32)
        upright = Image.fromarray((deep * (255.0 / max(1.0, float(deep.max())))).astype(np.uint8))
    elif "A" in upright.mode or "transparency" in upright.info:
        colour = upright.convert("RGBA")
        if not colour.getchannel("A").getbbox():
            return colour.convert("RGB")  # nothing at all is to be seen: the channel was never filled
        upright = Image.alpha_composite(Image.new("RGBA", colour.size, "white"), colour)
        least, most = colour.getchannel("A").getextrema()
        if least != most and upright.convert("L").getextrema()[0] > _WHITE:  # type: ignore[operator]  # of one channel
            upright = Image.alpha_composite(Image.new("RGBA", colour.size, "black"), colour)
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
