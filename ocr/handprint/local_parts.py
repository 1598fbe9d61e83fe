"""What people put before the @: their names, an initial, a year, parted by dots or not at all.

A local part is a row of tokens. A token is a word that names are made of, one letter, a number, or any run of letters
that looks like a word.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from math import log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import DIGITS
from ocr.handprint.lexicon import Lexicon
from ocr.handprint.trigrams import Trigrams, learn_trigrams
from ocr.handprint.weights import EmailWeights
from ocr.lexicons import company_words, first_names, mail_words, surnames

Floats = npt.NDArray[np.floating[Any]]
Scored = tuple[float, str]

_KEPT: Final = 10
_SEPARATORS: Final = {".": 0.3, "_": 0.05, "-": 0.04}
_OWN: Final = 0.6
"""Share of words in local parts that are of the writer's own name, when that is known."""
_WORD: Final = 0.4
_INITIAL: Final = 0.1
_NUMBER: Final = {1: 0.05, 2: 0.12, 3: 0.05, 4: 0.06}
"""How often a number of so many digits comes next."""
_LETTER: Final = 1 / 26
_SHORTEST: Final = 3
_WORDS_KEPT: Final = 3
_YEARS: Final = 20.0
"""How many times likelier a number of four digits is a year."""
_LIKELY: Final = 0.01
"""Signs less likely than this begin no token of one character."""
_POOR: Final = -3.0
"""Words that fit their cells worse than this, on average, are no candidates."""
_NOTHING: Final = -1e9


def best_of(found: Iterable[Scored], most: int) -> list[Scored]:
    """The best, best first."""
    return sorted(found, reverse=True)[:most]


def distinct(found: Iterable[Scored], most: int) -> list[Scored]:
    """The best texts, each once with all that its readings make together."""
    merged: dict[str, float] = {}
    for score, text in found:
        before = merged.get(text)
        merged[text] = score if before is None else float(np.logaddexp(before, score))
    return best_of(((score, text) for text, score in merged.items()), most)


def plain(word: str) -> str:
    """A word as it stands in an address: small letters without marks."""
    bare = unicodedata.normalize("NFKD", word.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    return bare if bare.isalnum() else "".join(filter(str.isalnum, bare))


@cache
def name_words() -> Lexicon:
    """First names, surnames and other words of local parts, as they stand in addresses."""
    words: dict[str, float] = {}
    for found, weight in ((first_names(), 3.0), (surnames(), 1.0), (mail_words(), 3.0)):
        for word in found:
            for part in word.replace("-", " ").split():
                if len(bare := plain(part)) >= _SHORTEST:
                    words[bare] = words.get(bare, 0.0) + weight
    return Lexicon(words)


@cache
def local_trigrams(characters: str) -> Trigrams:
    """How runs of letters in local parts are spelt."""
    return learn_trigrams(name_words(), characters, _rare(characters))


@cache
def domain_trigrams(characters: str) -> Trigrams:
    """How domains are spelt before their ending."""
    words = {plain(word) for found in (company_words(), surnames()) for word in found}
    return learn_trigrams(sorted(words), characters, _rare(characters) | {"-": 8e-3, ".": 2e-3})


def _rare(characters: str) -> dict[str, float]:
    return {character: 1e-3 if character in DIGITS else 1e-4 for character in characters if not character.isalpha()}


def local_parts(
    logs: Floats, characters: str, ends: Collection[int], names: Mapping[str, float], weights: EmailWeights
) -> dict[int, tuple[list[Scored], float]]:
    """Local parts that may stand in the first cells (cells x characters, logarithms), up to each of ``ends``.

    For each end the best, best first, and the logarithm of the sum over all.
    """
    count = max(ends)
    best: list[list[Scored]] = [[] for _ in range(count + 1)]
    sums = np.full(count + 1, _NOTHING)
    best[0], sums[0] = [(0.0, "")], 0.0
    tokens = _Tokens(logs[:count], characters, ends, names, weights)
    for at in range(count + 1):
        best[at] = distinct(best[at], _KEPT)
        for end, score, text in tokens.starting.get(at, ()):
            best[end] += [(before + score, start + text) for before, start in best[at]]
        for end, total in tokens.sums.get(at, ()):
            sums[end] = np.logaddexp(sums[end], sums[at] + total)
    return {end: (best[end], float(sums[end])) for end in ends}


class _Tokens:
    """All tokens that may stand in the cells of a local part.

    ``starting`` gives by the first cell the cell after, score and text of each; ``sums`` the cell after and the
    logarithm of the sum over tokens of one sort.
    """

    def __init__(
        self, logs: Floats, characters: str, ends: Collection[int], names: Mapping[str, float], weights: EmailWeights
    ) -> None:
        self.logs, self.characters, self.weights = logs, characters, weights
        self.size = log(len(characters))
        self.starting: dict[int, list[tuple[int, float, str]]] = defaultdict(list)
        self.sums: dict[int, list[tuple[int, float]]] = defaultdict(list)
        shares = np.exp(logs)
        self.marks = shares[:, [characters.index(character) for character in _SEPARATORS]].sum(axis=1) > _LIKELY
        self.digits = shares[:, [characters.index(character) for character in DIGITS]].sum(axis=1) > _LIKELY
        own = {plain(part): share for word, share in names.items() for part in word.replace("-", " ").split()}
        self._words()
        self._own({word: share for word, share in own.items() if len(word) >= 2 and share > 0})
        self._initials({word[0] for word in own if word})
        self._numbers()
        self._marks()
        self._free(ends)

    def _prior(self, share: float, length: int) -> float:
        return self.weights.prior * (share + length * self.size)

    def _add(self, at: int, text: str, score: float) -> None:
        self.starting[at].append((at + len(text), score, text))
        self.sums[at].append((at + len(text), score))

    def _words(self) -> None:
        """Words of the lexicon in every place that they fit, all of one length at once."""
        share = log(_WORD * (1 - self.weights.free))
        for length in range(_SHORTEST, len(self.logs) + 1):
            codes, shares = name_words().of_length(self.characters, length)
            if not len(codes):
                continue
            cells = np.arange(len(self.logs) - length + 1)[:, None] + np.arange(length)
            likelihood = self.logs[cells[:, None, :], codes].sum(axis=2)
            scores = likelihood + self._prior(share, length) + self.weights.prior * shares
            likely = np.where(likelihood > _POOR * length, scores, _NOTHING)
            kept = np.argsort(-likely, axis=1)[:, :_WORDS_KEPT]
            totals = np.logaddexp.reduce(scores, axis=1)
            for at, row in enumerate(kept):
                if likely[at, row[0]] == _NOTHING:
                    continue
                self.sums[at].append((at + length, float(totals[at])))
                for word in row:
                    if likely[at, word] > _NOTHING:
                        text = "".join([self.characters[code] for code in codes[word]])
                        self.starting[at].append((at + length, float(scores[at, word]), text))

    def _own(self, names: Mapping[str, float]) -> None:
        for name, share in names.items():
            columns = [self.characters.index(character) for character in name]
            for at in range(len(self.logs) - len(name) + 1):
                likelihood = float(self.logs[range(at, at + len(name)), columns].sum())
                if likelihood > _POOR * len(name):
                    self._add(at, name, likelihood + self._prior(log(_OWN * share / len(names)), len(name)))

    def _initials(self, own: Collection[str]) -> None:
        for at, number in np.argwhere(self.logs > log(_LIKELY)):
            character = self.characters[number]
            if character.isalpha():
                share = _INITIAL * (_LETTER + (_OWN / len(own) if character in own else 0.0))
                self._add(int(at), character, float(self.logs[at, number]) + self._prior(log(share), 1))

    def _numbers(self) -> None:
        digits = self.logs[:, [self.characters.index(character) for character in DIGITS]]
        likely = [[int(digit) for digit in np.flatnonzero(row > log(_LIKELY))] for row in digits]
        for at in np.flatnonzero(self.digits):
            runs: list[Scored] = [(0.0, "")]
            for length, share in _NUMBER.items():
                cell = int(at) + length - 1
                if cell >= len(digits) or not likely[cell]:
                    break
                row = digits[cell]
                runs = best_of([(s + float(row[d]), text + DIGITS[d]) for s, text in runs for d in likely[cell]], 4)
                for score, text in runs:
                    years = _YEARS if length == 4 and text[:2] in ("19", "20") else 1.0
                    self._add(int(at), text, score + self._prior(log(share * years) - length * log(10), length))

    def _marks(self) -> None:
        for character, share in _SEPARATORS.items():
            column = self.logs[:, self.characters.index(character)]
            for at in np.flatnonzero(column[1:] > log(_LIKELY)) + 1:
                self._add(int(at), character, float(column[at]) + self._prior(log(share), 1))

    def _free(self, ends: Collection[int]) -> None:
        """Runs of letters that begin the local part or follow a mark, and end it or come before a mark or a number."""
        letters = local_trigrams(self.characters)
        share = self.weights.prior * log(self.weights.free)
        count = len(self.logs)
        stops = [at in ends or (at < count and bool(self.marks[at] or self.digits[at])) for at in range(count + 1)]
        for start in [0, *(np.flatnonzero(self.marks) + 1)]:
            for length, (best, total) in enumerate(letters.prefixes(self.logs[start:], self.weights.prior, 5), start=1):
                end = int(start) + length
                if stops[end]:
                    self.sums[int(start)].append((end, total + share))
                    for score, codes in best:
                        text = "".join([self.characters[code] for code in codes])
                        self.starting[int(start)].append((end, score + share, text))
