"""From a file to its pages: is it whole, is it of a known format, and one page after the other as a picture.

Limits of size are checked before anything is decoded, so that a hostile file costs milliseconds and no memory. Pages
are rendered one at a time; nothing here keeps more than one page.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from environment.settings import get_settings
from ocr.errors import (
    DocumentError,
    EmptyFileError,
    FileTooLargeError,
    MissingFileError,
    NoPermissionError,
    NotAFileError,
    TruncatedFileError,
    UnknownFormatError,
)
from ocr.files.heif_structure import is_heif
from ocr.files.image_pages import ImagePages
from ocr.files.page import ColourImage, Page
from ocr.files.page_file import PageFile, page_begins
from ocr.files.pdf_pages import PdfPages
from ocr.files.png_structure import SIGNATURE
from ocr.files.tiff_structure import HEADS

_HEAD: Final = 1024
_ARCHIVES: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf")
_TAR: Final = b"ustar"
"""Archives may hold files unpacked: of several PDFs in one, programs would show any."""
_OF_THE_MACHINE: Final = frozenset(
    {
        errno.EIO,
        errno.ESTALE,
        errno.ENOSPC,
        errno.EDQUOT,
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
    return _Guarded(path, PdfPages if file_format(path) == "pdf" else ImagePages)


class _Guarded(PageFile):
    """A file of pages whose libraries may fail in any way; they get it under a name that all of them can take."""

    def __init__(self, path: Path, kind: type[PageFile]) -> None:
        self._kind = kind
        with ExitStack() as stack:
            self._path = _plainly_named(path, stack)
            page_begins()
            with self._trouble():
                self._file = stack.enter_context(kind(self._path))  # type: ignore[call-arg]
            self.count, self.ended = self._file.count, self._file.ended
            self._opened = stack.pop_all()

    @property
    def attachments(self) -> int:
        with self._trouble():
            return self._file.attachments

    def page(self, number: int) -> Page:
        page_begins()
        with self._trouble():
            return self._file.page(number)

    def in_colour(self, number: int) -> ColourImage:
        page_begins()
        with self._trouble():
            return self._file.in_colour(number)

    def decode(self) -> None:
        page_begins()
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
    if b"%PDF-" in head and not head.startswith(_ARCHIVES) and head[257:262] != _TAR:
        return "pdf"
    raise UnknownFormatError
