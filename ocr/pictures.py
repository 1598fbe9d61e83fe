"""Pictures of pages and fields for people: in colour, a form of ours laid flat so that the boxes of its fields fit.

Laying a page flat takes up to a second, so the result is kept in ``settings.pictures``, whose size is bounded; all else
is cut from it. What is kept can always be made again from the original.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from database.settings import get_settings
from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from forms.submission import Box
from ocr.colour import gray_of
from ocr.identification import identify
from ocr.pages import ColourImage, open_pages

SHOWN_WIDTH: Final = 1400
"""Pixels across a page at the desk: sharp on a wide screen, and no larger than 400 KB."""
THUMBNAIL_WIDTH: Final = 280
"""Pixels across a page in a list of pages."""

_FLAT_DPI: Final = 200
_FLAT_SIDE: Final = round(PAGE_HEIGHT * _FLAT_DPI / 72)
_FLAT_QUALITY: Final = 90
_SHOWN_QUALITY: Final = 80
_ROOM: Final = (14.0, 16.0, 14.0, 8.0)
"""Points of its surroundings that a field is shown with: left, above (where its label stands), right, below."""
_LEAST_WIDTH: Final = 240.0
"""Points that a picture of a field shows at least across: a tick alone says nothing without the words beside it."""
_DRAFT: Final = ".draft-"
_DRAFT_SECONDS: Final = 3600
_KEPT_AFTER_CLEARING: Final = 0.9

_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Pages laid flat at once: each costs some 60 MB while it lasts."""
_MAKING: Final = tuple(threading.Lock() for _ in range(32))
"""One for each of so many groups of pages: who asks for a page that is being made waits for it."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page of an original as people see it.

    ``page`` counts from 1. With ``form`` the page is laid flat as a page of that form, if it is one; without, or if it
    is not, it is shown as it lies in the file. ``turn`` is a number of quarter turns clockwise after that.
    The methods raise the DocumentError of a file that cannot be opened, ValueError where it has no such page.
    """

    original: Path
    sha256: str
    page: int
    form: Form | None = None
    turn: int = 0

    def shown(self, width: int = SHOWN_WIDTH) -> bytes:
        """The page as a JPEG, ``width`` pixels across (less where the page itself has less)."""

        def make() -> bytes:
            flat = self._flat()
            wanted = min(width, flat.shape[1])
            size = wanted, max(1, round(flat.shape[0] * wanted / flat.shape[1]))
            return _jpeg(cv2.resize(flat, size, interpolation=cv2.INTER_AREA).astype(np.uint8), _SHOWN_QUALITY)

        return _kept(self._place(f"{width}-{self.turn % 4}"), make)

    def field(self, box: Box) -> bytes:
        """The box (points, as a reading has them) with some surroundings, as a PNG of about twice its size on paper."""
        flat = self._flat()
        height, width = flat.shape[:2]
        point = max(height, width) / PAGE_HEIGHT
        left, top, across, down = shown_at(box, self.turn)
        wider = max(0.0, _LEAST_WIDTH * point - across * width - (_ROOM[0] + _ROOM[2]) * point)
        x0, y0 = round(left * width - _ROOM[0] * point), round(top * height - _ROOM[1] * point)
        x1 = round((left + across) * width + _ROOM[2] * point + wider)
        y1 = round((top + down) * height + _ROOM[3] * point)
        piece = flat[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
        if not piece.size:
            raise ValueError("the box lies outside of the page")
        # Five bits a sample show all that there is to see; the noise of scanners in the others would treble the file.
        done, png = cv2.imencode(".png", (piece & 0xF8) | 0x04)
        assert done, "a picture always encodes"
        return png.tobytes()

    @property
    def mark(self) -> str:
        """Equal for equal pictures: changes with the form that the page is laid out as, and with its turn."""
        return f"{self._place('flat').stem}-{self.turn % 4}"

    def _flat(self) -> ColourImage:
        """The page laid flat and turned, at the resolution of reading."""
        kept = _kept(self._place("flat"), self._laid_flat, alone=True)
        flat = cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_COLOR)
        assert flat is not None, "what is kept is a whole JPEG"
        return np.ascontiguousarray(np.rot90(flat, -self.turn % 4)).astype(np.uint8, copy=False)

    def _laid_flat(self) -> bytes:
        with open_pages(self.original) as pages:
            if not 1 <= self.page <= pages.count:
                raise ValueError(f"the file has {pages.count} pages, not {self.page}")
            picture = pages.in_colour(self.page)
        if self.form is not None:
            aligned = identify(gray_of(picture, blue_first=True), (self.form,)).alignment
            if aligned is not None:
                return _jpeg(aligned.cut(picture, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), _FLAT_DPI), _FLAT_QUALITY)
        scale = _FLAT_SIDE / max(picture.shape)
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        return _jpeg(picture, _FLAT_QUALITY)

    def _place(self, sort: str) -> Path:
        form = "" if self.form is None else f"{self.form.code}-{self.form.version}"
        name = hashlib.sha256(f"{self.sha256} {self.page} {form}".encode()).hexdigest()
        return get_settings().pictures / f"{name}-{sort}.jpg"


def shown_at(box: Box, turn: int = 0) -> tuple[float, float, float, float]:
    """Where a box (points) lies on its page's picture: left, top, width and height as shares of the picture's sides."""
    x0, top, x1, bottom = (
        edge / side for edge, side in zip(box, (PAGE_WIDTH, PAGE_HEIGHT, PAGE_WIDTH, PAGE_HEIGHT), strict=True)
    )
    for _ in range(turn % 4):
        x0, top, x1, bottom = 1 - bottom, x0, 1 - top, x1
    return x0, top, x1 - x0, bottom - top


def _jpeg(picture: ColourImage, quality: int) -> bytes:
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "a picture always encodes"
    return jpeg.tobytes()


def _kept(place: Path, make: Callable[[], bytes], *, alone: bool = False) -> bytes:
    """What is kept at a place, made first if need be; ``alone`` makes it once for all who ask at the same time."""
    with suppress(FileNotFoundError):
        return _read(place)
    if not alone:
        return _keep(place, make())
    with _MAKING[hash(place) % len(_MAKING)]:
        with suppress(FileNotFoundError):
            return _read(place)
        with _AT_ONCE:
            made = make()
        _keep(place, made)
        _clear(place.parent)
        return made


def _read(place: Path) -> bytes:
    data = place.read_bytes()
    with suppress(OSError):
        os.utime(place)  # what was looked at last is removed last
    return data


def _keep(place: Path, data: bytes) -> bytes:
    """Write to a draft and give it its name when it is whole; pictures show personal data, so only we may look."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(prefix=_DRAFT, dir=place.parent)
    try:
        with os.fdopen(number, "wb") as out:
            out.write(data)
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return data


def _clear(folder: Path) -> None:
    """Remove what was not looked at for longest, once there is more than the setting allows; and forgotten drafts."""
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            facts = path.stat()
            if path.name.startswith(_DRAFT) and facts.st_mtime < time.time() - _DRAFT_SECONDS:
                path.unlink()
            else:
                found.append((facts.st_mtime_ns, facts.st_size, path))
    most, total = get_settings().pictures_max_bytes, sum(size for _, size, _ in found)
    if total <= most:
        return
    for _, size, path in sorted(found):
        if total <= most * _KEPT_AFTER_CLEARING:
            break
        path.unlink(missing_ok=True)
        total -= size
