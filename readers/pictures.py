"""Pictures for the desk, cached because laying a page flat takes up to a second.

They lie in ``settings.pictures``, whose size is bounded, and can always be made again from the original. A page that
cannot be drawn is not tried again for a while.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from database.envelopes import sealed_bytes, unsealed_bytes
from environment.settings import get_settings
from forms.form import Form
from forms.submission import Box
from ocr.errors import DocumentError
from readers.looks import laid_flat

SHOWN_WIDTH: Final = 1400
"""Pixels across a page at the desk: sharp on a wide screen, and no larger than 400 KB."""
THUMBNAIL_WIDTH: Final = 280
"""Pixels across a page in a list of pages."""

Opener = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens an original that is kept sealed."""

_DRAFT: Final = ".draft-"
_DRAFT_SECONDS: Final = 86_400
_KEPT_AFTER_CLEARING: Final = 0.9
_FAILED_SECONDS: Final = 600
_MOST_FAILED: Final = 1000

_MAKING: Final = tuple(threading.Lock() for _ in range(32))
"""One for each of so many groups of pages: who asks for a page that is being made waits for it."""
_failed: dict[Path, tuple[float, DocumentError]] = {}


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page of an original as people see it.

    ``page`` counts from 1. With ``form`` the page is laid flat as a page of that form, if it is one; without, or if it
    is not, it is shown as it lies in the file. ``turn`` is a number of quarter turns clockwise after that.
    The methods raise the DocumentError of a file that cannot be opened or drawn, ValueError where it has no such page.
    """

    original: Path | Opener
    sha256: str
    page: int
    form: Form | None = None
    turn: int = 0

    def shown(self, width: int = SHOWN_WIDTH) -> bytes:
        """The page as a JPEG, ``width`` pixels across (less where the page itself has less)."""
        from ocr.pictures import scaled  # noqa: PLC0415  imports what recognises

        place = self._place(f"{width}-{self.turn % 4}")
        with suppress(FileNotFoundError):
            return _read(place)
        return _keep(place, scaled(self._flat(), width, self.turn))

    def field(self, box: Box) -> bytes:
        """The box (points, as a reading has them) with some surroundings, as a PNG of about twice its size on paper."""
        from ocr.pictures import piece_of  # noqa: PLC0415  imports what recognises

        return piece_of(self._flat(), box, self.turn)

    @property
    def mark(self) -> str:
        """Equal for equal pictures: changes with the form that the page is laid out as, and with its turn."""
        return f"{self._place('flat').stem}-{self.turn % 4}"

    def _flat(self) -> bytes:
        """The page laid flat, made once for all who ask at the same time."""
        place = self._place("flat")
        with suppress(FileNotFoundError):
            return _read(place)
        with _MAKING[hash(place) % len(_MAKING)]:
            with suppress(FileNotFoundError):
                return _read(place)
            made = _tried(place, self._laid_flat)
            _keep(place, made)
            _clear(place.parent)
            return made

    def _laid_flat(self) -> bytes:
        with nullcontext(self.original) if isinstance(self.original, Path) else self.original() as original:
            return laid_flat(original, self.page, self.form)

    def _place(self, sort: str) -> Path:
        form = "" if self.form is None else f"{self.form.code}-{self.form.version}"
        name = hashlib.sha256(f"{self.sha256} {self.page} {form}".encode()).hexdigest()
        return get_settings().pictures / f"{name}-{sort}.jpg"


def forget_pictures(before: float | None = None) -> int:
    """Remove the pictures kept, or those that nobody looked at since ``before`` (seconds of the epoch); how many."""
    removed = 0
    for path in get_settings().pictures.glob("*.jpg"):
        with suppress(FileNotFoundError):
            if before is None or path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _tried(place: Path, make: Callable[[], bytes]) -> bytes:
    """What is made, unless it failed a short while ago: then the same error at once."""
    failed = _failed.get(place)
    if failed is not None and time.monotonic() - failed[0] < _FAILED_SECONDS:
        raise type(failed[1])
    try:
        return make()
    except DocumentError as error:
        if len(_failed) >= _MOST_FAILED:
            _failed.clear()
        _failed[place] = time.monotonic(), error
        raise


def _read(place: Path) -> bytes:
    data = unsealed_bytes(place.read_bytes())
    with suppress(OSError):
        os.utime(place)  # what was looked at last is removed last
    return data


def _keep(place: Path, data: bytes) -> bytes:
    """Write to a draft and give it its name when it is whole; pictures show personal data, so only we may look."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(prefix=_DRAFT, dir=place.parent)
    try:
        with os.fdopen(number, "wb") as out:
            out.write(sealed_bytes(data))
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
