"""Names, streets and towns from what their cells may say: words of a lexicon, words like them, and the gaps between.

A field is words parted by empty cells (or a dash, or the end of a row). Each stretch of cells that may be a word is
judged against the entries of the lexicon that fill it and against all that may be written there at all, which is
weighed by how Polish it looks. A sum over every way to part the field into words makes the probabilities honest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from math import exp, log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import DIGITS, POLISH_CAPITALS, Kind
from ocr.handprint.decoding import Candidate
from ocr.handprint.field_scores import FieldScores, certain, field_scores
from ocr.handprint.letters import Letters, learnt
from ocr.handprint.lexicon import SPACE, Lexicon
from ocr.handprint.weights import TEXT, TextWeights
from ocr.lexicons import company_words, first_names, streets, surnames, towns_by_postcode

Floats = npt.NDArray[np.floating[Any]]

_KEPT: Final = 12
"""Readings of a stretch, and of all up to a cell, that are followed."""
_UNCERTAIN: Final = 0.004
"""A cell is taken for empty, or for written in, when the other is less likely than this."""
_MOST_UNCERTAIN: Final = 6
_MARKED: Final = dict(zip("ĄĆĘŁŃÓŚŹŻ", "ACELNOSZZ", strict=True))
_NEGLIGIBLE: Final = -1e9


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stands in the cells up to one: a sign for each (a space for an empty one), and that as running text."""

    score: float
    cells: str
    text: str


def decode_text(
    shares: Floats,
    kind: Kind,
    words: Mapping[str, float],
    *,
    weights: TextWeights = TEXT,
    most: int = 5,
) -> list[Candidate]:
    """Likely texts of a field, best first; none when it is empty.

    ``shares`` are the probabilities of all classes for each cell of the field, in reading order
    (``reader.probabilities``). ``words`` are words or whole values in capitals with their weights; give a ``Lexicon``
    where the same ones are used again. A probability is that of the text among all that may be written.
    """
    scores = field_scores(shares, kind.alphabet)
    lexicon = words if isinstance(words, Lexicon) else Lexicon(words)
    field = _Field(scores, kind.row_length, lexicon, weights)
    readings, whole = field.readings()
    found: dict[str, tuple[float, _Reading]] = {}
    for reading in readings:
        value = kind.parse(reading.text).value
        if isinstance(value, str):
            share, first = found.get(value, (0.0, reading))
            found[value] = (share + exp(reading.score - whole), first)
    best = nlargest(most, found.items(), key=lambda item: item[1][0])
    return [
        Candidate(value, _signs(reading.cells), min(1.0, share) * scores.readable) for value, (share, reading) in best
    ]


@cache
def polish_letters(signs: str) -> Letters:
    """How Polish names of people, streets and towns are spelt."""
    towns = [word for found in towns_by_postcode().values() for town in found for word in town.split()]
    lists = (first_names(), surnames(), company_words(), [word for name in streets() for word in name.split()], towns)
    rare = dict.fromkeys(DIGITS, 0.0005) | {sign: 2e-4 for sign in signs if sign not in POLISH_CAPITALS + DIGITS}
    rare |= {".": 4e-3, "-": 2e-3}
    return learnt((word for found in lists for word in found), signs, {s: p for s, p in rare.items() if s in signs})


def _signs(cells: str) -> tuple[str, ...]:
    return tuple("" if sign == SPACE else sign for sign in cells)


class _Field:
    """One field while it is decoded."""

    def __init__(self, scores: FieldScores, row: int, lexicon: Lexicon, weights: TextWeights) -> None:
        self.scores = scores
        self.row = row
        self.lexicon = lexicon
        self.letters = polish_letters(scores.signs)
        self.weights = weights
        self.inked, self.void = certain(scores.empty, _UNCERTAIN, _MOST_UNCERTAIN)
        self.dash = scores.signs.index("-") if "-" in scores.signs else None
        lenient = np.log(np.exp(scores.logs) @ _leniency(scores.signs, weights))
        self.lenient = np.column_stack([lenient, scores.empty])
        self.size = log(len(scores.signs))

    def readings(self) -> tuple[list[_Reading], float]:
        """The likeliest readings of all cells, and the logarithm of the sum over all readings."""
        if not self.inked.any():
            return [], 0.0
        count = int(np.flatnonzero(self.inked)[-1]) + 1
        rest, after = float(self.scores.empty[count:].sum()), SPACE * (len(self.scores) - count)
        ready: list[list[_Reading]] = [[] for _ in range(count + 1)]  # a word may begin with this cell
        ended: list[list[_Reading]] = [[] for _ in range(count + 1)]  # a word ends before this cell
        ready_sum, ended_sum = np.full(count + 1, _NEGLIGIBLE), np.full(count + 1, _NEGLIGIBLE)
        ready[0], ready_sum[0] = [_Reading(0.0, "", "")], 0.0
        for at in range(count + 1):
            ready[at], ended[at] = _best(ready[at]), _best(ended[at])
            for to, before, step, sign, text in self._gaps(at, count, bool(ended[at])):
                source, total = (ended, ended_sum) if before else (ready, ready_sum)
                ready[to] += [_Reading(r.score + step, r.cells + sign, r.text + text) for r in source[at]]
                ready_sum[to] = np.logaddexp(ready_sum[to], total[at] + step)
            ready[at] = _best(ready[at])
            if ready[at] and at < count and self.inked[at]:
                for end in self._ends(at, count):
                    found, total_here = self._stretch(at, end)
                    ended[end] += [
                        _Reading(r.score + score, r.cells + cells, r.text + text)
                        for r in ready[at]
                        for score, cells, text in found
                    ]
                    ended_sum[end] = np.logaddexp(ended_sum[end], ready_sum[at] + total_here)
        best = [_Reading(r.score + rest, r.cells + after, r.text) for r in _best(ready[count] + ended[count])]
        return best, float(np.logaddexp(ready_sum[count], ended_sum[count])) + rest

    def _gaps(self, at: int, count: int, after_word: bool) -> Iterator[tuple[int, bool, float, str, str]]:
        """Ways on from a cell without a letter: the cell after, whether a word ends here, score, sign and text."""
        if at == count:
            return
        if self.void[at]:
            step = float(self.scores.empty[at])
            yield at + 1, False, step, SPACE, SPACE
            if after_word:
                yield at + 1, True, step, SPACE, SPACE
        if after_word and self.dash is not None and self.scores.logs[at, self.dash] > log(_UNCERTAIN):
            step = float(self.scores.logs[at, self.dash]) + self.weights.prior * log(self.weights.dash)
            yield at + 1, True, step, "-", "-"
        if after_word and at > 0 and at % self.row == 0:
            yield at, True, log(self.weights.new_word_at_row), "", SPACE

    def _ends(self, start: int, count: int) -> Iterator[int]:
        """Where a stretch that begins with a cell may end (the cell after)."""
        for end in range(start + 1, count + 1):
            dash = self.dash is not None and end < count and self.scores.logs[end, self.dash] > log(_UNCERTAIN)
            edge = end == count or self.void[end] or dash or end % self.row == 0
            if edge and self.inked[end - 1]:
                yield end

    def _stretch(self, start: int, end: int) -> tuple[list[tuple[float, str, str]], float]:
        """Words and phrases that may fill these cells: score, signs of the cells, text; and the sum over all."""
        found: dict[tuple[str, str], float] = {}
        total = self._entries(list(range(start, end)), start, end, 0.0, found)
        inner = [at for at in range(start + 1, end - 1) if self.void[at]]
        gaps = [at for at in inner if not self.inked[at]]
        if len(gaps) <= 1:
            slip = self.weights.prior * log(self.weights.left_out)
            for at in gaps or inner:
                rest = [cell for cell in range(start, end) if cell != at]
                step = slip + float(self.scores.empty[at])
                total = np.logaddexp(total, self._entries(rest, start, end, step, found))
        if not gaps:
            total = np.logaddexp(total, self._spelt(start, end, found))
        best = nlargest(_KEPT, found.items(), key=lambda item: item[1])
        return [(score, cells, text) for (cells, text), score in best], float(total)

    def _entries(
        self, cells: list[int], start: int, end: int, step: float, found: dict[tuple[str, str], float]
    ) -> float:
        """Add the entries of the lexicon that fill these cells; the logarithm of their sum."""
        codes, logs = self.lexicon.of_length(self.scores.signs, len(cells))
        if not len(codes):
            return _NEGLIGIBLE
        known = log(1 - self.weights.unknown) + (len(cells) + 1) * self.size
        scores = self.lenient[cells, codes].sum(axis=1) + self.weights.prior * (logs + known) + step
        scores += self.weights.written * len(cells)
        for at in np.argsort(-scores)[:_KEPT]:
            text = "".join(self._sign(code) for code in codes[at])
            signs = dict(zip(cells, text, strict=True))
            key = "".join(signs.get(cell, SPACE) for cell in range(start, end)), text
            found[key] = float(np.logaddexp(found.get(key, _NEGLIGIBLE), scores[at]))
        return float(np.logaddexp.reduce(scores))

    def _spelt(self, start: int, end: int, found: dict[tuple[str, str], float]) -> float:
        """Add what may be written here though no lexicon has it; the logarithm of the sum over all such words."""
        weights = self.weights
        unknown = weights.prior * log(weights.unknown) + weights.written * (end - start)
        best, total = self.letters.likely(self.scores.logs[start:end], weights.prior, _KEPT)
        for score, codes in best:
            text = "".join(self._sign(code) for code in codes)
            found[text, text] = float(np.logaddexp(found.get((text, text), _NEGLIGIBLE), score + unknown))
        return total + unknown

    def _sign(self, code: int) -> str:
        return self.scores.signs[code] if code < len(self.scores.signs) else SPACE


@cache
def _leniency(signs: str, weights: TextWeights) -> Floats:
    """How much a sign that was written counts for the one in the lexicon: written x meant."""
    lenient = np.eye(len(signs))
    for marked, plain in _MARKED.items():
        if marked in signs:
            lenient[signs.index(plain), signs.index(marked)] = weights.missing_mark
            lenient[signs.index(marked), signs.index(plain)] = weights.added_mark
    if "Ż" in signs:
        lenient[signs.index("Ż"), signs.index("Z")] = weights.barred
    return lenient


def _best(readings: Sequence[_Reading]) -> list[_Reading]:
    return nlargest(_KEPT, readings, key=lambda reading: reading.score)
