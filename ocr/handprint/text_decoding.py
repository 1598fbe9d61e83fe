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
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import DIGITS, POLISH_CAPITALS, FieldKind
from ocr.handprint.decoding import Candidate
from ocr.handprint.field_scores import FieldScores, certain, field_scores
from ocr.handprint.lexicon import SPACE, Lexicon
from ocr.handprint.trigrams import Spelling, Trigrams, learn_trigrams
from ocr.handprint.weights import TEXT, TextWeights
from ocr.lexicons import company_words, first_names, streets, surnames, towns_by_postcode

Floats = npt.NDArray[np.floating[Any]]

_KEPT: Final = 12
"""Readings of a stretch, and of all up to a cell, that are followed."""
_UNCERTAIN: Final = 0.008
"""A cell is taken for empty, or for written in, when the other is less likely than this."""
_MOST_UNCERTAIN: Final = 8
_APART: Final = 2
_MARKED: Final = dict(zip("ĄĆĘŁŃÓŚŹŻ", "ACELNOSZZ", strict=True))
_NEGLIGIBLE: Final = -1e9
_HOPELESS: Final = 14.0
"""Readings of a stretch that are so much less likely than its best one (a logarithm) are counted, but not followed."""
_score: Final = attrgetter("score")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stands in the cells up to one: a character for each (a space for an empty one), and that as running text."""

    score: float
    cells: str
    text: str


def decode_text(
    posteriors: Floats,
    kind: FieldKind,
    words: Mapping[str, float],
    *,
    weights: TextWeights = TEXT,
    most: int = 5,
) -> list[Candidate]:
    """Likely texts of a field, best first; none when it is empty.

    ``posteriors`` are the probabilities of all classes for each cell of the field, in reading order
    (``recogniser.probabilities``). ``words`` are words or whole values in capitals with their weights; give a
    ``Lexicon`` where the same ones are used again. A probability is that of the text among all that may be written.
    """
    scores = field_scores(posteriors, kind.alphabet)
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
        Candidate(value, _characters(reading.cells), min(1.0, share) * scores.readable)
        for value, (share, reading) in best
    ]


@cache
def polish_trigrams(characters: str) -> Trigrams:
    """How Polish names of people, streets and towns are spelt."""
    towns = [word for found in towns_by_postcode().values() for town in found for word in town.split()]
    lists = (first_names(), surnames(), company_words(), [word for name in streets() for word in name.split()], towns)
    rare = dict.fromkeys(DIGITS, 0.0005) | {one: 2e-4 for one in characters if one not in POLISH_CAPITALS + DIGITS}
    rare |= {".": 4e-3, "-": 2e-3}
    known = {character: share for character, share in rare.items() if character in characters}
    return learn_trigrams((word for found in lists for word in found), characters, known)


def _characters(cells: str) -> tuple[str, ...]:
    return tuple("" if character == SPACE else character for character in cells)


@dataclass(frozen=True, slots=True, eq=False)
class _Beam:
    """Readings of the cells before each one, and the logarithms of the sums over all, for one way to stand there.

    A word ended just before, or one empty cell came after it, or several.
    """

    kept: list[list[_Reading]]
    sums: Floats

    @classmethod
    def before(cls, count: int) -> _Beam:
        return cls([[] for _ in range(count)], np.full(count, _NEGLIGIBLE))

    def best(self, at: int) -> list[_Reading]:
        self.kept[at] = _best(self.kept[at])
        return self.kept[at]

    def put(self, at: int, readings: list[_Reading], total: float) -> None:
        self.kept[at] += readings
        self.sums[at] = np.logaddexp(self.sums[at], total)

    def follow(self, to: int, source: _Beam, at: int, step: float, characters: tuple[str, str]) -> None:
        found = [_Reading(r.score + step, r.cells + characters[0], r.text + characters[1]) for r in source.best(at)]
        if found:
            self.put(to, found, float(source.sums[at]) + step)


class _Field:
    """One field while it is decoded."""

    def __init__(self, scores: FieldScores, row: int, lexicon: Lexicon, weights: TextWeights) -> None:
        self.scores = scores
        self.row = row
        self.lexicon = lexicon
        self.letters = polish_trigrams(scores.characters)
        self.weights = weights
        self.inked, self.void = certain(scores.empty, _UNCERTAIN, _MOST_UNCERTAIN, _APART)
        self.dash = scores.characters.index("-") if "-" in scores.characters else None
        lenient = np.log(np.exp(scores.logs) @ _leniency(scores.characters, weights))
        self.lenient = np.column_stack([lenient, scores.empty])
        self.size = log(len(scores.characters))

    def readings(self) -> tuple[list[_Reading], float]:
        """The likeliest readings of all cells, and the logarithm of the sum over all readings."""
        if not self.inked.any():
            return [], 0.0
        count = int(np.flatnonzero(self.inked)[-1]) + 1
        ended, ready, apart = (_Beam.before(count + 1) for _ in range(3))
        ready.put(0, [_Reading(0.0, "", "")], 0.0)
        wide = log(self.weights.wide_gap)
        for at in range(count):
            if at and at % self.row == 0:
                ready.follow(at, ended, at, log(self.weights.new_word_at_row), ("", SPACE))
                ready.follow(at, apart, at, log(self.weights.new_row), ("", ""))
            if self.void[at]:
                step = float(self.scores.empty[at])
                ready.follow(at + 1, ended, at, step, (SPACE, SPACE))
                apart.follow(at + 1, ready, at, step, (SPACE, SPACE))
                apart.follow(at + 1, apart, at, step, (SPACE, SPACE))
            if self._may_be_dash(at):
                step = float(self.scores.logs[at, self.dash]) + self.weights.prior * log(self.weights.dash)
                ready.follow(at + 1, ended, at, step, ("-", "-"))
            if self.inked[at] and (ready.best(at) or apart.best(at)):
                spelt = self._spellings(at, count)
                for end in self._ends(at, count):
                    found, total = self._stretch(at, end, spelt)
                    for beam, step in ((ready, 0.0), (apart, wide)):
                        ended.put(end, _joined(beam.best(at), found, step), float(beam.sums[at]) + total + step)
        rest, after = float(self.scores.empty[count:].sum()), SPACE * (len(self.scores) - count)
        best = _best([reading for beam in (ended, ready, apart) for reading in beam.best(count)])
        total = float(np.logaddexp.reduce([beam.sums[count] for beam in (ended, ready, apart)]))
        return [_Reading(r.score + rest, r.cells + after, r.text) for r in best], total + rest

    def _may_be_dash(self, at: int) -> bool:
        return self.dash is not None and at < len(self.scores) and self.scores.logs[at, self.dash] > log(_UNCERTAIN)

    def _ends(self, start: int, count: int) -> Iterator[int]:
        """Where a stretch that begins with a cell may end (the cell after)."""
        for end in range(start + 1, count + 1):
            edge = end == count or self.void[end] or self._may_be_dash(end) or end % self.row == 0
            if edge and self.inked[end - 1]:
                yield end

    def _spellings(self, start: int, count: int) -> list[tuple[list[Spelling], float]]:
        """Words of every length that begin with a cell, up to the next one that is empty for sure."""
        gap = next((at for at in range(start + 1, count) if self.void[at] and not self.inked[at]), count)
        return self.letters.prefixes(self.scores.logs[start:gap], self.weights.prior, _KEPT)

    def _stretch(
        self, start: int, end: int, spelt: Sequence[tuple[list[Spelling], float]]
    ) -> tuple[list[tuple[float, str, str]], float]:
        """Words and phrases that may fill these cells: score, characters of the cells, text; and the sum over all."""
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
            total = np.logaddexp(total, self._spelt(*spelt[end - start - 1], found))
        best = nlargest(_KEPT, found.items(), key=lambda item: item[1])
        return [(score, cells, text) for (cells, text), score in best if score > best[0][1] - _HOPELESS], float(total)

    def _entries(
        self, cells: list[int], start: int, end: int, step: float, found: dict[tuple[str, str], float]
    ) -> float:
        """Add the entries of the lexicon that fill these cells; the logarithm of their sum."""
        codes, logs = self.lexicon.of_length(self.scores.characters, len(cells))
        if not len(codes):
            return _NEGLIGIBLE
        known = log(1 - self.weights.unknown) + (len(cells) + 1) * self.size
        scores = self.lenient[cells, codes].sum(axis=1) + self.weights.prior * (logs + known) + step
        scores += self.weights.written * len(cells)
        worth = np.flatnonzero(scores > scores.max() - _HOPELESS)
        for at in worth[np.argsort(-scores[worth])[:_KEPT]]:
            text = "".join(self._sign(code) for code in codes[at])
            characters = dict(zip(cells, text, strict=True))
            key = "".join(characters.get(cell, SPACE) for cell in range(start, end)), text
            found[key] = float(np.logaddexp(found.get(key, _NEGLIGIBLE), scores[at]))
        return float(np.logaddexp.reduce(scores))

    def _spelt(self, best: list[Spelling], total: float, found: dict[tuple[str, str], float]) -> float:
        """Add what may be written here though no lexicon has it; the logarithm of the sum over all such words."""
        weights = self.weights
        unknown = weights.prior * log(weights.unknown) + weights.written * len(best[0][1])
        for score, codes in best:
            text = "".join(self._sign(code) for code in codes)
            found[text, text] = float(np.logaddexp(found.get((text, text), _NEGLIGIBLE), score + unknown))
        return total + unknown

    def _sign(self, code: int) -> str:
        return self.scores.characters[code] if code < len(self.scores.characters) else SPACE


@cache
def _leniency(characters: str, weights: TextWeights) -> Floats:
    """How much a character that was written counts for the one in the lexicon: written x meant."""
    lenient = np.eye(len(characters))
    for marked, plain in _MARKED.items():
        if marked in characters:
            lenient[characters.index(plain), characters.index(marked)] = weights.missing_mark
            lenient[characters.index(marked), characters.index(plain)] = weights.added_mark
    if "Ż" in characters:
        lenient[characters.index("Ż"), characters.index("Z")] = weights.barred
    return lenient


def _joined(readings: list[_Reading], found: list[tuple[float, str, str]], step: float) -> list[_Reading]:
    if not readings or not found:
        return []
    least = readings[0].score + found[0][0] - _HOPELESS
    return [
        _Reading(r.score + score + step, r.cells + cells, r.text + text)
        for r in readings
        for score, cells, text in found
        if r.score + score > least
    ]


def _best(readings: Sequence[_Reading]) -> list[_Reading]:
    return sorted(readings, key=_score, reverse=True)[:_KEPT]
