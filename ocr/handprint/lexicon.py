"""Words that a field may hold, with their weights, laid out so that all of one length are judged at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocr.lexicons import company_words, first_names, streets, surnames, towns_by_postcode

SPACE: Final = " "
_NAMES: Final = ((first_names, 0.42), (surnames, 0.42), (company_words, 0.16))
"""What names of customers are made of, and in what shares."""
_PART: Final = 0.3
"""What a part of an entry weighs against the entry itself."""
_SHORTEST_PART: Final = 3
"""Shorter ones, as the 1 of a street, would make words of dirt."""

Floats = npt.NDArray[np.floating[Any]]
Codes = npt.NDArray[np.intp]


class Lexicon(Mapping[str, float]):
    """Words and phrases with weights; any mapping can be made one, once, for quick decoding.

    The words of a phrase and the parts of a word with a dash, unless they are short, are entries too, of less weight.
    """

    def __init__(self, words: Mapping[str, float]) -> None:
        self._given = dict(words)
        entries: dict[str, float] = {}
        for word, weight in self._given.items():
            entries[word] = entries.get(word, 0.0) + weight
            parts = word.replace("-", SPACE).split()
            if len(parts) > 1:
                for part in parts:
                    if len(part) >= _SHORTEST_PART:
                        entries[part] = entries.get(part, 0.0) + _PART * weight
        self._whole = sum(entries.values()) or 1.0
        self._entries = {word: weight for word, weight in entries.items() if word}
        self._tables: dict[str, dict[int, tuple[Codes, Floats]]] = {}

    def __getitem__(self, word: str) -> float:
        """The weight that was given."""
        return self._given[word]

    def __iter__(self) -> Iterator[str]:
        """The words that were given."""
        return iter(self._given)

    def __len__(self) -> int:
        """How many words were given."""
        return len(self._given)

    def share(self, word: str) -> float:
        """The share of an entry in all; 0 of what is none."""
        return self._entries.get(word, 0.0) / self._whole

    def of_length(self, characters: str, length: int) -> tuple[Codes, Floats]:
        """Entries of so many cells as columns of ``characters`` (entries x length) and logarithms of their shares.

        The column after the last character stands for a space. Entries with other characters are left out.
        """
        if characters not in self._tables:
            self._tables[characters] = self._laid_out(characters)
        nothing = np.zeros((0, length), np.intp), np.zeros(0)
        return self._tables[characters].get(length, nothing)

    def _laid_out(self, characters: str) -> dict[int, tuple[Codes, Floats]]:
        numbers = {character: at for at, character in enumerate(characters + SPACE)}
        by_length: dict[int, tuple[list[list[int]], list[float]]] = {}
        for word, weight in self._entries.items():
            if all(character in numbers for character in word):
                codes, shares = by_length.setdefault(len(word), ([], []))
                codes.append([numbers[character] for character in word])
                shares.append(weight / self._whole)
        return {size: (np.array(codes, np.intp), np.log(shares)) for size, (codes, shares) in by_length.items()}


@cache
def shipped_words(field: str) -> Lexicon:
    """What the data of the installation says of a field: words for 'name', values for 'street' and 'town'."""
    match field:
        case "name":
            sorts = [(words(), share) for words, share in _NAMES]
            return Lexicon({word: share / len(sort) for sort, share in sorts for word in sort})
        case "street":
            return Lexicon(dict.fromkeys(streets(), 1.0))
        case "town":
            weights: dict[str, float] = {}
            for place, towns in enumerate(towns_by_postcode().values()):
                for at, town in enumerate(towns):
                    weights[town] = weights.get(town, 0.0) + 1.0 / (1 + place) / (1 + at)
            return Lexicon(weights)
        case _:
            return Lexicon({})
