"""How likely a letter follows two others: a trigram model with back-off, learnt from the words of the lexicons.

Interpolated with Witten and Bell's weights (method C, 1991): each context counts as much as it has been seen with few
different followers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_PLAUSIBLE: Final = 10
"""Signs of a cell that are looked at."""
_FAR: Final = 8.0
"""Signs that much less likely than the best of a cell (a logarithm) are not looked at."""
_BEAM: Final = 40

Floats = npt.NDArray[np.floating[Any]]
Codes = npt.NDArray[np.intp]
Spelling = tuple[float, Codes]
"""A word as numbers of characters, and its score."""


@dataclass(frozen=True, slots=True, eq=False)
class Trigrams:
    """``logs[a, b, c]``: logarithm of how much likelier c is after a and b than any character by chance.

    The last number stands for the edge of a word. ``codes`` count from 0 in the order of ``characters``.
    """

    characters: str
    logs: Floats

    @property
    def edge(self) -> int:
        """The number of a word's edge."""
        return len(self.characters)

    def prefixes(self, cells: Floats, weight: float, most: int) -> list[tuple[list[Spelling], float]]:
        """The best words for these cells (cells x characters, logarithms), and the logarithm of the sum over all words.

        For the first cell, the first two cells, and so on up to all of them. ``weight`` is the power that the prior is
        taken to. The best come by beam search, the sums by the forward algorithm over pairs of characters.
        """
        prior, edge = self.logs * weight, self.edge
        words, scores = np.zeros((1, 0), np.intp), np.zeros(1)
        before = last = seen_before = seen = np.array([edge])
        sums = np.zeros((1, 1))
        found: list[tuple[list[Spelling], float]] = []
        for cell in cells:
            characters = np.argsort(-cell)[:_PLAUSIBLE]
            characters = characters[cell[characters] > cell[characters[0]] - _FAR]
            steps = (
                scores[:, None] + prior[before[:, None], last[:, None], characters[None, :]] + cell[characters][None, :]
            )
            flat = steps.ravel()
            chosen = np.argpartition(-flat, _BEAM)[:_BEAM] if len(flat) > _BEAM else np.arange(len(flat))
            rows, columns = np.divmod(chosen, len(characters))
            words = np.column_stack([words[rows], characters[columns]])
            scores, before, last = flat[chosen], last[rows], characters[columns]
            sums = np.logaddexp.reduce(sums[:, :, None] + prior[np.ix_(seen_before, seen, characters)], axis=0)
            sums = sums + cell[characters][None, :]
            seen_before, seen = seen, characters
            ends = scores + prior[before, last, edge]
            best = [(float(ends[at]), words[at]) for at in np.argsort(-ends)[:most]]
            whole = np.logaddexp.reduce(sums + prior[seen_before[:, None], seen[None, :], edge], axis=None)
            found.append((best, float(whole)))
        return found

    def score(self, codes: Codes) -> float:
        """Logarithm of how much likelier than by chance a whole word is."""
        line = np.concatenate([[self.edge, self.edge], codes, [self.edge]])
        return float(self.logs[line[:-2], line[1:-1], line[2:]].sum())


def learn_trigrams(words: Iterable[str], characters: str, rare: dict[str, float], base: float = 0.02) -> Trigrams:
    """From words over ``characters``; others are passed over.

    ``rare`` gives the shares of characters that the words do not show truly (digits, marks), ``base`` is the share of
    all letters that is spread evenly.
    """
    size, edge = len(characters) + 1, len(characters)
    numbers = {character: at for at, character in enumerate(characters)}
    counts = np.zeros((size, size, size))
    for word in words:
        if all(character in numbers for character in word):
            line = [edge, edge, *(numbers[character] for character in word), edge]
            for a, b, c in zip(line, line[1:], line[2:], strict=False):
                counts[a, b, c] += 1
    usual = counts.sum(axis=(0, 1)) + 1e-9
    single = (1 - base) * usual / usual.sum() + base / size
    for character, share in rare.items():
        single[numbers[character]] = share
    single /= single.sum()
    pairs = _backed_off(counts.sum(axis=0), single)
    triples = _backed_off(counts.reshape(size * size, size), np.tile(pairs, (size, 1)))
    return Trigrams(characters, np.log(triples.reshape(size, size, size) * edge))


def _backed_off(counts: Floats, lower: Floats) -> Floats:
    """Shares of followers (contexts x characters), mixed with those of the shorter context."""
    total = counts.sum(axis=-1, keepdims=True)
    kinds = np.maximum((counts > 0).sum(axis=-1, keepdims=True), 1)
    mixed: Floats = (counts + kinds * lower) / (total + kinds)
    return mixed
