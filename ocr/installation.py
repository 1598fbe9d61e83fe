"""What an installation knows of its town and its people with no register: the words of its data files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Final

from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.knowledge import Row
from ocr.lexicons import towns_by_postcode

_SHIPPED: Final = 0.25
"""What the words of the installation weigh beside those of a register."""


class Installation:
    """What the data files of the installation know, and no register."""

    def __init__(self) -> None:
        self._learnt: dict[str, Lexicon] = {}
        self._places: Mapping[str, Sequence[str]] = towns_by_postcode()

    def words(self, field: str) -> Mapping[str, float]:
        """Words of the data files, and what was learnt."""
        return self._learnt.get(field) or shipped_words(field)

    def places(self) -> Mapping[str, Sequence[str]]:
        """As the data file says, and what was learnt."""
        return self._places

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """None: there is no register."""
        return ()

    def learn(self, counts: Mapping[str, Mapping[str, float]], places: Mapping[str, Collection[str]]) -> None:
        """Take in the words of a register by field, with how often they occur there, and its post codes with towns."""
        self._learnt = {field: _mixed(shipped_words(field), found) for field, found in counts.items() if found}
        known = towns_by_postcode()
        self._places = {
            code: tuple(dict.fromkeys((*known.get(code, ()), *sorted(places.get(code, ())))))
            for code in {**known, **places}
        }


@cache
def installation() -> Installation:
    """The one of this process."""
    return Installation()


def _mixed(shipped: Lexicon, counts: Mapping[str, float]) -> Lexicon:
    whole, all_counts = sum(shipped.values()) or 1.0, sum(counts.values())
    ours, theirs = _SHIPPED / whole, (1 - _SHIPPED) / all_counts
    return Lexicon(
        {word: ours * shipped.get(word, 0.0) + theirs * counts.get(word, 0.0) for word in {**shipped, **counts}}
    )
