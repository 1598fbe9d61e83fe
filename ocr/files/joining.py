"""Joining photos of the pages of one paper, in order, into one PDF that our reader and any office can open.

A JPEG goes in byte by byte and is turned by the page, not by its pixels. What no PDF holds as it is (PNG, HEIC) goes in
as the pixels that the reader would see. The same photos give the same bytes, so that what is sent twice is seen to be.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from ocr.errors import NotAPhotoError, PageTooLargeError
from ocr.files.opening import file_format, open_pages
from ocr.files.page_file import check_count

_LONGER_SIDE: Final = 842.0
"""Points of A4: what is photographed is a sheet of it nearly always."""
_QUALITY: Final = 95
"""Of a HEIC photo as a JPEG: three times its own size, and no loss that reading would feel."""
_MOST_DECODED: Final = 50_000_000
"""Pixels of a photo that has to be decoded here: twenty may come at once. The largest HEIC of phones has as many."""
_ORIENTATION: Final = 0x0112
_TURNS: Final = {1: 0, 3: 180, 6: 90, 8: 270}
"""Degrees clockwise to show a photo upright, by EXIF orientation; the other orientations are mirrored."""
_COLOURS: Final = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}


def join_photos(photos: Sequence[Path]) -> bytes:
    """One PDF with a page a photo (JPEG, PNG or HEIC).

    Raises NotAPhotoError for a PDF or a TIFF, TooManyPagesError, PageTooLargeError, or the DocumentError of what does
    not decode.
    """
    check_count(len(photos))
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for number, photo in enumerate(photos, 1):
            picture, turn, further = _picture(pdf, photo)
            if further:  # goes along as it came: pictures that no page shows are for an eye
                pdf.attachments[f"{number:03}"] = photo.read_bytes()
            _add_page(pdf, picture, turn)
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _picture(pdf: pikepdf.Pdf, photo: Path) -> tuple[pikepdf.Stream, int, int]:
    """The photo as an object of the PDF, the degrees by which its page is turned, and how many more pictures it has."""
    if file_format(photo) == "pdf":
        raise NotAPhotoError
    with open_pages(photo) as pages:
        with Image.open(photo) as image:
            kind, mode, (width, height) = image.format, image.mode, image.size
            turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
        if kind == "TIFF":
            raise NotAPhotoError
        if kind in ("JPEG", "MPO") and mode in _COLOURS and turn is not None:
            return _stream(pdf, photo.read_bytes(), (width, height), _COLOURS[mode], Name.DCTDecode), turn, 0
        if width * height > _MOST_DECODED:
            raise PageTooLargeError
        colour = pages.in_colour(1)
        height, width = colour.shape[:2]
        if kind == "PNG":
            samples = zlib.compress(cv2.cvtColor(colour, cv2.COLOR_BGR2RGB).tobytes())
            return _stream(pdf, samples, (width, height), Name.DeviceRGB, Name.FlateDecode), 0, pages.attachments
        _, encoded = cv2.imencode(".jpg", colour, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
        return _stream(pdf, encoded.tobytes(), (width, height), Name.DeviceRGB, Name.DCTDecode), 0, pages.attachments


def _stream(
    pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], colours: pikepdf.Name, packing: pikepdf.Name
) -> pikepdf.Stream:
    return pdf.make_stream(
        data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        BitsPerComponent=8,
        ColorSpace=colours,
        Filter=packing,
    )


def _add_page(pdf: pikepdf.Pdf, picture: pikepdf.Stream, turn: int) -> None:
    width, height = int(picture.Width), int(picture.Height)
    scale = _LONGER_SIDE / max(width, height)
    across, down = round(width * scale, 3), round(height * scale, 3)
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, across, down]),
        Rotate=turn,
        Resources=Dictionary(XObject=Dictionary(Photo=picture)),
        Contents=pdf.make_stream(f"q {across} 0 0 {down} 0 0 cm /Photo Do Q".encode()),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
