"""What is known beside the paper, and how the reading asks for it: words, places, the customers of the register.

The protocol stands here, below the rooms that know: what holds a register gives it in from above.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.lexicons import towns_by_postcode

Row = Mapping[str, str]
"""One customer: the columns of the customer file by name and 'invoice_email', without those that are unknown."""

_SHIPPED: Final = 0.25
"""What the words of the installation weigh beside those of a register."""


class Knowledge(Protocol):
    """What helps to read handwriting and to tell whose form it is."""

    def words(self, field: str) -> Mapping[str, float]:
        """What stands in such a field, in capitals, with weights; empty where nothing is known.

        For 'name' single words, for 'street' and 'town' whole values.
        """
        ...

    def places(self) -> Mapping[str, Sequence[str]]:
        """Post codes that are known (``NN-NNN``) with their towns in capitals."""
        ...

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once.

        Columns that may be asked for: 'customer_no', 'pesel', 'nip', 'phone', 'email' (both addresses).
        """
        ...


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


def _mixed(shipped: Lexicon, counts: Mapping[str, float]) -> Lexicon:
    whole, all_counts = sum(shipped.values()) or 1.0, sum(counts.values())
    ours, theirs = _SHIPPED / whole, (1 - _SHIPPED) / all_counts
    return Lexicon(
        {word: ours * shipped.get(word, 0.0) + theirs * counts.get(word, 0.0) for word in {**shipped, **counts}}
    )
