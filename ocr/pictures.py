"""Pictures of pages and fields for people: in colour, with a form of ours laid flat so that its boxes fit."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, shown_at
from forms.submission import Box
from ocr.alignment.identification import identify
from ocr.files.colour import gray_of
from ocr.files.opening import open_pages
from ocr.files.page import ColourImage

_FLAT_DPI: Final = 200
_FLAT_SIDE: Final = round(PAGE_HEIGHT * _FLAT_DPI / 72)
_FLAT_QUALITY: Final = 90
_SHOWN_QUALITY: Final = 80
_ROOM: Final = (14.0, 16.0, 14.0, 8.0)
"""Points of its surroundings that a field is shown with: left, above (where its label stands), right, below."""
_LEAST_WIDTH: Final = 240.0
"""Points that a picture of a field shows at least across: a tick alone says nothing without the words beside it."""


def laid_flat(original: Path, page: int, form: Form | None) -> bytes:
    """A page (from 1) as a JPEG at the resolution of reading, laid flat as a page of that form if it is one.

    Raises the DocumentError of a file that cannot be opened, ValueError where it has no such page.
    """
    with open_pages(original) as pages:
        if not 1 <= page <= pages.count:
            raise ValueError(f"the file has {pages.count} pages, not {page}")
        picture = pages.in_colour(page)
    if form is not None:
        aligned = identify(gray_of(picture, blue_first=True), (form,)).alignment
        if aligned is not None:
            return _jpeg(aligned.cut(picture, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), _FLAT_DPI), _FLAT_QUALITY)
    scale = _FLAT_SIDE / max(picture.shape)
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return _jpeg(picture, _FLAT_QUALITY)


def scaled(flat: bytes, width: int, turn: int = 0) -> bytes:
    """A page that was laid flat as a JPEG, ``width`` pixels across (less where it has less), turned clockwise."""
    picture = _turned(flat, turn)
    wanted = min(width, picture.shape[1])
    size = wanted, max(1, round(picture.shape[0] * wanted / picture.shape[1]))
    return _jpeg(cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8), _SHOWN_QUALITY)


def piece_of(flat: bytes, box: Box, turn: int = 0) -> bytes:
    """The box (points, as a reading has them) with some surroundings, as a PNG of about twice its size on paper.

    ``flat`` is a page that was laid flat; ValueError where the box lies outside of it.
    """
    picture = _turned(flat, turn)
    height, width = picture.shape[:2]
    point = max(height, width) / PAGE_HEIGHT
    left, top, across, down = shown_at(box, turn)
    wider = max(0.0, _LEAST_WIDTH * point - across * width - (_ROOM[0] + _ROOM[2]) * point)
    x0, y0 = round(left * width - _ROOM[0] * point), round(top * height - _ROOM[1] * point)
    x1 = round((left + across) * width + _ROOM[2] * point + wider)
    y1 = round((top + down) * height + _ROOM[3] * point)
    piece = picture[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    if not piece.size:
        raise ValueError("the box lies outside of the page")
    # Five bits a sample show all that there is to see; the noise of scanners in the others would treble the file.
    done, png = cv2.imencode(".png", (piece & 0xF8) | 0x04)
    assert done, "a picture always encodes"
    return png.tobytes()


def _turned(flat: bytes, turn: int) -> ColourImage:
    picture = cv2.imdecode(np.frombuffer(flat, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, "what was laid flat is a whole JPEG"
    return np.ascontiguousarray(np.rot90(picture, -turn % 4)).astype(np.uint8, copy=False)


def _jpeg(picture: ColourImage, quality: int) -> bytes:
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "a picture always encodes"
    return jpeg.tobytes()
