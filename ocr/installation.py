"""What an installation knows of its town and its people: the words of its data files, and those of a register."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Final

from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.knowledge import Register, Row
from ocr.lexicons import towns_by_postcode

_SHIPPED: Final = 0.25
"""What the words of the installation weigh beside those of a register."""


class Installation:
    """What the data files of the installation know, and a register if there is one; threads may share it.

    As long as the register's words stay the same object, so do those that are told here.
    """

    def __init__(self, register: Register | None = None) -> None:
        self._register = register
        self._lock = Lock()
        self._counts: Mapping[str, Mapping[str, int]] = {}
        self._learnt: dict[str, Lexicon] = {}
        self._places: Mapping[str, Sequence[str]] = towns_by_postcode()

    def words(self, field: str) -> Mapping[str, float]:
        """Words of the data files and of the register."""
        self._learn()
        return self._learnt.get(field) or shipped_words(field)

    def places(self) -> Mapping[str, Sequence[str]]:
        """Post codes and towns of the data file and of the register."""
        self._learn()
        return self._places

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """Those of the register; none where there is none."""
        return () if self._register is None else self._register.customers(wanted)

    def _learn(self) -> None:
        """Take in the words of the register anew when they are others."""
        if self._register is None:
            return
        counts = self._register.words()
        with self._lock:
            if counts is self._counts:
                return
            self._learnt = {
                field: _mixed(shipped_words(field), found) for field, found in counts.items() if field != "place"
            }
            self._places = _with_places(counts.get("place", {}))
            self._counts = counts


@cache
def installation(register: Register | None = None) -> Installation:
    """The one of this process, or that with a register: what it has learnt stays."""
    return Installation(register)


def _mixed(shipped: Lexicon, counts: Mapping[str, int]) -> Lexicon:
    whole, all_counts = sum(shipped.values()) or 1.0, sum(counts.values())
    ours, theirs = _SHIPPED / whole, (1 - _SHIPPED) / all_counts
    return Lexicon(
        {word: ours * shipped.get(word, 0.0) + theirs * counts.get(word, 0) for word in {**shipped, **counts}}
    )


def _with_places(places: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Towns by post code, those of the data file before those of the register."""
    found = {code: list(towns) for code, towns in towns_by_postcode().items()}
    for place in sorted(places):
        code, _, town = place.partition(" ")
        if town not in found.setdefault(code, []):
            found[code].append(town)
    return found
