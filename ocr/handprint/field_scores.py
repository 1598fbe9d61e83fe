"""What the cells of one field may say, as logarithms ready to be added up: a row a cell, a column a character.

A field is written in capitals or in small letters, seldom in both, and that tells I from l: the case that the clear
letters of the field have counts more for the unclear ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER, SMALL_LETTERS, STRUCK, within

_ALIKE: Final = "CKOPSUVWXZJIYĆÓŚŹŻ"
"""Letters whose two cases look the same in a cell: they do not tell the case of the field."""
_OTHER_CASE: Final = 0.04
"""What a letter of the other case still counts when the case of a field is clear."""
_DIRT: Final = 2
"""Cells in a row that dirt reaches into at most."""
_STAINED: Final = 2e-3
"""Share of empty cells that the network takes for written ones without a notion of it."""
_MISTAKEN: Final = 3e-4
"""Share of cells where the network errs without a notion of it; so no single cell rules a word out."""

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class FieldScores:
    """Logarithms of probabilities: ``logs`` (cells x ``characters``) and ``empty`` (cells).

    ``readable`` is the probability that no cell is crossed out, which the others take for granted.
    """

    characters: str
    logs: Floats
    empty: Floats
    readable: float

    def __len__(self) -> int:
        """Number of cells."""
        return len(self.empty)

    def codes(self, text: str) -> list[int]:
        """Columns of the characters of a text; KeyError for a character outside the alphabet."""
        numbers = _columns(self.characters)
        return [numbers[character] for character in text]


def field_scores(posteriors: Floats, alphabet: str) -> FieldScores:
    """From the probabilities of all classes (cells x ``alphabet.CLASSES``, see ``recogniser.probabilities``)."""
    characters, capital, small, neutral = _parts(alphabet)
    seen = np.asarray(posteriors, np.float64)
    clear_capital = float(seen[:, _CLEAR_CAPITALS].sum())
    clear_small = float(seen[:, _CLEAR_SMALL].sum())
    in_capitals = (clear_capital + 0.5) / (clear_capital + clear_small + 1.0)
    high, low = max(in_capitals, _OTHER_CASE), max(1 - in_capitals, _OTHER_CASE)
    most = max(high, low)
    pooled = seen @ (capital * (high / most) + small * (low / most) + neutral)
    struck, empty = seen[:, NUMBER[STRUCK]], seen[:, NUMBER[EMPTY]]
    whole = pooled.sum(axis=1) + empty
    rest = np.maximum(whole, 1e-9)
    mixed = pooled / rest[:, None] * (1 - _MISTAKEN) + _MISTAKEN / len(characters)
    void = empty / rest * (1 - _STAINED) + _STAINED
    return FieldScores(characters, np.log(mixed), np.log(void), float(np.prod(1 - np.minimum(struck, 0.999))))


def certain(empty: Floats, least: float, most: int, apart: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which cells may be written in, and which may be empty; ``empty`` has logarithms of probabilities.

    Both for at most ``most`` cells, where the less likely has at least the probability ``least``, and for ink that
    stands alone, ``apart`` or more empty cells after all other ink: it may be dirt.
    """
    void = np.exp(empty)
    either = np.minimum(void, 1 - void)
    floor = max(least, float(np.sort(either)[::-1][most]) if len(either) > most else 0.0)
    open_cells = either > floor
    inked = open_cells | (void < 0.5)
    return inked, open_cells | (void >= 0.5) | _alone(void < 0.5, apart)


def _alone(inked: npt.NDArray[np.bool_], apart: int) -> npt.NDArray[np.bool_]:
    """Cells that seem written in, but stand alone or in pairs after so many empty ones."""
    found = np.zeros_like(inked)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    for start, end in edges.reshape(-1, 2):
        if end - start <= _DIRT and start >= apart and not inked[start - apart : start].any():
            found[start:end] = True
    return found


@cache
def _columns(characters: str) -> dict[str, int]:
    return {character: at for at, character in enumerate(characters)}


@cache
def _parts(alphabet: str) -> tuple[str, Floats, Floats, Floats]:
    """The characters, and which classes count as capitals, small letters and all else: classes x characters."""
    meanings = [within(character, alphabet) for character in CLASSES]
    characters = "".join(dict.fromkeys(character for character in meanings if character and character != STRUCK))
    parts = np.zeros((3, len(CLASSES), len(characters)))
    for number, (character, meaning) in enumerate(zip(CLASSES, meanings, strict=True)):
        if meaning and meaning != STRUCK:
            sort = 0 if character.isupper() else 1 if character in SMALL_LETTERS else 2
            parts[sort, number, characters.index(meaning)] = 1.0
    return characters, parts[0], parts[1], parts[2]


_CLEAR_CAPITALS: Final = [at for at, character in enumerate(CLASSES) if character.isupper() and character not in _ALIKE]
_CLEAR_SMALL: Final = [
    at
    for at, character in enumerate(CLASSES)
    if character and character in SMALL_LETTERS and character.upper() not in _ALIKE
]
