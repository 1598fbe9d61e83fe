"""From a file to its pages: is it whole, is it of a known format, and one page after the other as a picture.

Limits of size are checked before anything is decoded, so that a hostile file costs milliseconds and no memory. Pages
are rendered one at a time; nothing here keeps more than one page.
"""

from __future__ import annotations

import errno
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import ClassVar, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from database.settings import get_settings
from forms.submission import Box
from ocr.errors import (
    DamagedFileError,
    DocumentError,
    EmptyFileError,
    FileTooLargeError,
    MissingFileError,
    NoPermissionError,
    NotAFileError,
    PageTooLargeError,
    TooManyPagesError,
    TruncatedFileError,
    UnknownFormatError,
)
from ocr.heif_structure import is_heif
from ocr.png_structure import SIGNATURE
from ocr.tiff_structure import HEADS

GrayImage = npt.NDArray[np.uint8]
"""Height x width, 0 is black, 255 is paper."""

ColourImage = npt.NDArray[np.uint8]
"""Height x width x 3: blue, green, red, as OpenCV has them."""

LARGEST_DPI: Final = 300
"""Finer pages are scaled down: reading gains nothing from more."""
_LARGEST_SIDE: Final = 32_000
"""OpenCV's warping addresses pixels with 16 bits."""
_HEAD: Final = 1024
_OF_THE_MACHINE: Final = frozenset(
    {
        errno.EIO,
        errno.ESTALE,
        errno.ENOSPC,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ETIMEDOUT,
        errno.ENOTCONN,
        errno.EHOSTDOWN,
    }
)
"""Errors of disks, shares and memory: the file may be sound, and is looked at again later."""

Format = Literal["pdf", "image"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One visible character of a text layer; ``box`` in pixels of the page's picture."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Widget:
    """A form field of a PDF: where it stands, in pixels of the page's picture, and what its data say.

    ``value`` is a text, whether a box is ticked, or None where the data say nothing or contradict themselves. ``shown``
    tells whether viewers show the field at all.
    """

    box: Box
    value: str | bool | None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its picture upright as the file shows it, and what the file says in so many words.

    The picture is the judge of what stands there, all else are witnesses. ``digital`` is True when most of what is seen
    was drawn and is no photograph of paper. ``glyphs`` are given of a digital page whose text is all meant to be seen.
    ``notes`` are the places of what was laid over the page as comments, ``remarks`` of those that are about all of it,
    ``signed`` of electronic signatures (they are notes as well). All places are in pixels of the picture.
    ``bare`` is the picture without its photographs, None where it has none or is nothing else. ``lettering`` is the
    picture with nothing on it but its text and its form fields, where a digital page has either: what differs was drawn
    over them, under them, or is the form itself. ``otherwise`` is how the page looks with those layers that are not
    shown everywhere, and without them; none where it has no such layers. ``scale`` is pixels of the picture per PDF
    point, where the file has points. ``turned`` is a number of quarter turns clockwise by which all of this differs
    from what the file shows.
    """

    number: int
    picture: GrayImage
    scale: float | None = None
    digital: bool = False
    glyphs: tuple[Glyph, ...] = ()
    widgets: tuple[Widget, ...] = ()
    notes: tuple[Box, ...] = ()
    bare: GrayImage | None = None
    lettering: GrayImage | None = None
    otherwise: tuple[GrayImage, ...] = ()
    turned: int = 0
    remarks: tuple[Box, ...] = ()
    signed: tuple[Box, ...] = ()

    def turned_by(self, quarters: int) -> Page:
        """The same page turned clockwise, as somebody who sees it says that it should be."""
        if quarters % 4 == 0:
            return self
        shape = self.picture.shape

        def turn(box: Box) -> Box:
            for step in range(quarters % 4):
                box = (shape[step % 2] - box[3], box[0], shape[step % 2] - box[1], box[2])
            return box

        def turn_picture(picture: GrayImage) -> GrayImage:
            return np.ascontiguousarray(np.rot90(picture, -quarters))

        return replace(
            self,
            picture=turn_picture(self.picture),
            glyphs=tuple(replace(each, box=turn(each.box)) for each in self.glyphs),
            widgets=tuple(replace(each, box=turn(each.box)) for each in self.widgets),
            notes=tuple(map(turn, self.notes)),
            remarks=tuple(map(turn, self.remarks)),
            signed=tuple(map(turn, self.signed)),
            bare=None if self.bare is None else turn_picture(self.bare),
            lettering=None if self.lettering is None else turn_picture(self.lettering),
            otherwise=tuple(map(turn_picture, self.otherwise)),
            turned=(self.turned + quarters) % 4,
        )


class PageFile(ABC):
    """An open file of pages; use it as a context manager."""

    count: int
    ended: bool = True
    """False for a file that can be read to its end but does not end as its format demands: more may be on its way."""

    @property
    def attachments(self) -> int:
        """How many files it carries that are on none of its pages."""
        return 0

    @classmethod
    def cause(cls, path: Path) -> DocumentError:
        """What a file is told to be that a library cannot make sense of."""
        return DamagedFileError()

    @abstractmethod
    def page(self, number: int) -> Page:
        """One page, 1-based; DamagedFileError or TruncatedFileError when its content does not decode."""

    @abstractmethod
    def in_colour(self, number: int) -> ColourImage:
        """The picture of a page for people: the same pixels as those of ``page``, in colour; raises as that does."""

    @abstractmethod
    def decode(self) -> None:
        """Go through all content that opening did not look at; raises as ``page`` does."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def when_page_begins(do: Callable[[], None]) -> None:
    """Have this done in this process before each page is looked at, by whoever counts what a page costs."""
    _Guarded.page_begins = staticmethod(do)


def page_begins() -> None:
    """Say that the next page is looked at now, or the file as a whole."""
    _Guarded.page_begins()


def check_whole(path: Path) -> bool:
    """Raise the DocumentError that says why this file cannot be read to its end; return when it can.

    False for one whose end mark is missing, or followed by room that may be reserved: who may still be writing it
    should be given time.
    """
    with open_pages(path) as pages:
        pages.decode()
        return pages.ended


def open_pages(path: Path) -> PageFile:
    """Open a PDF, TIFF, JPEG, PNG or HEIC; raises the DocumentError that names the cause.

    Structure and limits (pages, pixels) are checked here, pictures are decoded only by ``page``. Whatever a library
    raises because of the file, here or later, becomes a DocumentError in this place.
    """
    from ocr.image_pages import ImagePages  # noqa: PLC0415  both build on this module
    from ocr.pdf_pages import PdfPages  # noqa: PLC0415

    return _Guarded(path, PdfPages if file_format(path) == "pdf" else ImagePages)


class _Guarded(PageFile):
    """A file of pages whose libraries may fail in any way; they get it under a name that all of them can take."""

    page_begins: ClassVar[Callable[[], None]] = staticmethod(lambda: None)

    def __init__(self, path: Path, kind: type[PageFile]) -> None:
        self._kind = kind
        with ExitStack() as stack:
            self._path = _plainly_named(path, stack)
            _Guarded.page_begins()
            with self._trouble():
                self._file = stack.enter_context(kind(self._path))  # type: ignore[call-arg]
            self.count, self.ended = self._file.count, self._file.ended
            self._opened = stack.pop_all()

    @property
    def attachments(self) -> int:
        with self._trouble():
            return self._file.attachments

    def page(self, number: int) -> Page:
        _Guarded.page_begins()
        with self._trouble():
            return self._file.page(number)

    def in_colour(self, number: int) -> ColourImage:
        _Guarded.page_begins()
        with self._trouble():
            return self._file.in_colour(number)

    def decode(self) -> None:
        _Guarded.page_begins()
        with self._trouble():
            self._file.decode()

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Whatever a library raises is the file's trouble, but for what the machine lacks or its disks refuse."""
        try:
            yield
        except (DocumentError, MemoryError):
            raise
        except PermissionError as error:
            raise NoPermissionError from error
        except FileNotFoundError as error:
            raise MissingFileError from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
                raise
            raise self._kind.cause(self._path) from error


def _plainly_named(path: Path, stack: ExitStack) -> Path:
    """The file under a name of UTF-8, by a link that goes with the stack: PDF libraries take no other."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        link = Path(stack.enter_context(TemporaryDirectory(prefix="ebok-"))) / "file"
        link.symlink_to(path.absolute())
        return link
    return path


def file_format(path: Path) -> Format:
    """Tell the format by the first bytes, never by the name; raises the DocumentError for what is no document."""
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFileError
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except PermissionError as error:
        raise NoPermissionError from error
    except FileNotFoundError as error:
        raise MissingFileError from error
    if not facts.st_size:
        raise EmptyFileError
    if facts.st_size > get_settings().max_file_bytes:
        raise FileTooLargeError
    if not head.strip(b"\0"):
        raise TruncatedFileError  # space reserved by the writer, content still to come
    if head.startswith((*HEADS, b"\xff\xd8\xff", SIGNATURE)) or is_heif(head):
        return "image"
    if b"%PDF-" in head:
        return "pdf"
    raise UnknownFormatError


def check_count(count: int) -> None:
    """Raise TooManyPagesError beyond the limit of the settings."""
    if count > get_settings().max_pages:
        raise TooManyPagesError


def check_size(width: float, height: float) -> None:
    """Raise PageTooLargeError beyond the limit of the settings, DamagedFileError for a page of no size."""
    if width < 1 or height < 1:
        raise DamagedFileError
    if width * height > get_settings().max_page_pixels or max(width, height) > _LARGEST_SIDE:
        raise PageTooLargeError
