"""What a difference is, and what finds one.

Everything is compared while the installation works. Each look is a short session for reading, so that nobody waits and
what was committed together is seen together; what is under way between two transactions is looked at once more after a
moment (``integrity.checking``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from database.engine import Session


class Whose(Enum):
    """What the subject of a difference is."""

    CASE = auto()
    """A tracking number."""
    ORIGINAL = auto()
    """The beginning of a digest."""
    CUSTOMER = auto()
    """The number of a customer: for staff only."""
    OTHER = auto()
    """A place or a number that tells of nobody."""


@dataclass(frozen=True, slots=True)
class DifferenceKind:
    """One way in which things differ.

    ``message`` says what differs and ``remedy`` what to do, ``mending`` what is done by itself where that is safe, None
    where a human decides; all are Polish.
    """

    code: str
    message: str
    remedy: str
    whose: Whose = Whose.CASE
    mending: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that differs: ``key`` finds it again, ``subject`` is told, ``detail`` (Polish) tells more.

    Neither names anybody, or says what anybody wrote.
    """

    kind: DifferenceKind
    key: Any
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is compared.

    ``reads`` tells of an original, by digest and when it was stored, whether its content is read or only that it is
    there. ``progress`` hears how much was looked at.
    """

    reads: Callable[[str, datetime], bool]
    progress: Callable[[int], None] = lambda _: None


class Comparison(ABC):
    """One comparison: what it looks at, how it finds differences, and how some are mended."""

    name: str
    """What is looked at, in Polish, as the progress tells it."""
    kinds: tuple[DifferenceKind, ...]
    """The kinds of differences that it may find."""

    @abstractmethod
    def differences(self, scope: Scope) -> Iterator[Difference]:
        """What differs now, step by step; what is under way may be among it."""

    @abstractmethod
    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Those of them that differ still."""

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Put it right in the caller's transaction, if it differs still; whether anything was done.

        Only asked where the kind is one that can be mended.
        """
        raise NotImplementedError(difference.kind.code)


def short(sha256: str) -> str:
    """How an original is told: enough of its digest to find it."""
    return sha256[:12]
