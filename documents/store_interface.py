"""What a store of originals can do, whatever it is made of.

A store knows nothing of what it keeps. What it is given under a name is there whole or not at all, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar, Protocol


class StoreUnreachableError(RuntimeError):
    """The store does not answer or refuses us: a fault of the installation and of no file, which waits.

    ``remedy`` says in Polish what was met and what to do; it names no file.
    """

    code: ClassVar[str] = "store_unreachable"
    message: ClassVar[str] = "Magazyn oryginałów nie odpowiada. Plik czeka, aż to się zmieni."

    def __init__(self, remedy: str) -> None:
        super().__init__(remedy)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Kept:
    """Something in the store: its name, and when it got there."""

    name: str
    since: datetime


class UnnamedFile(Protocol):
    """What is being written, seen by nobody until it gets its name; without one it is gone with the block."""

    file: BinaryIO

    def keep(self, name: str) -> bool:
        """Give it that name, unless something has it: then False, and what is there stays."""

    def replace(self, name: str) -> None:
        """Give it that name instead of what has it."""


class Store(Protocol):
    """A place for originals. All methods raise StoreUnreachableError when it does not answer."""

    def require(self) -> None:
        """Do nothing where it answers."""

    def draft(self) -> AbstractContextManager[UnnamedFile]:
        """Begin to write."""

    def read(self, name: str) -> BinaryIO:
        """What has that name, from its start, as a file that can be sought in; FileNotFoundError when nothing has."""

    def since(self, name: str) -> datetime | None:
        """When what has that name got there, or came again if that is known; None when nothing has it."""

    def remove(self, name: str) -> None:
        """Take away what has that name, if something has."""

    def kept(self) -> Iterator[Kept]:
        """All that lies in a sub-folder of two characters, in order."""

    def clear_drafts(self) -> None:
        """Remove what killed processes left half-written a day ago."""

    def keeps_what_is_removed(self) -> bool:
        """Whether older versions stay behind, so that nothing is ever erased."""
