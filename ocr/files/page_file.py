"""What a file of pages offers whatever its format, and the limits that hold for each: count, size, time a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from environment.settings import get_settings
from ocr.errors import DamagedFileError, DocumentError, PageTooLargeError, TooManyPagesError
from ocr.files.page import ColourImage, Page

_LARGEST_SIDE: Final = 32_000
"""OpenCV's warping addresses pixels with 16 bits."""


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


class _Counting:
    """Who counts what a page costs; nobody outside of a reader."""

    page_begins: ClassVar[Callable[[], None]] = staticmethod(lambda: None)


def when_page_begins(do: Callable[[], None]) -> None:
    """Have this done in this process before each page is looked at, by whoever counts what a page costs."""
    _Counting.page_begins = staticmethod(do)


def page_begins() -> None:
    """Say that the next page is looked at now, or the file as a whole."""
    _Counting.page_begins()


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
