"""What people put before the @: their names, an initial, a year, parted by dots or not at all.

A local part is a row of tokens. A token is a word that names are made of, one letter, a number, or any run of letters
that looks like a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from heapq import nlargest
from math import log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import DIGITS
from ocr.handprint.letters import Letters, learnt
from ocr.handprint.lexicon import Lexicon
from ocr.handprint.weights import EmailWeights
from ocr.lexicons import company_words, first_names, mail_domains, mail_words, surnames

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
_UNLIKELY: Final = log(0.003)
_NOTHING: Final = -1e9


def best_of(found: Iterable[Scored], most: int) -> list[Scored]:
    """The best, best first."""
    return nlargest(most, found)


def plain(word: str) -> str:
    """A word as it stands in an address: small letters without marks."""
    bare = unicodedata.normalize("NFKD", word.lower().replace("ł", "l"))
    return "".join(sign for sign in bare if sign.isascii() and sign.isalnum())


@cache
def name_words() -> Lexicon:
    """First names, surnames and other words of local parts, as they stand in addresses."""
    words: dict[str, float] = {}
    for found, weight in ((first_names(), 3.0), (surnames(), 1.0), (mail_words(), 3.0)):
        for word in found:
            for part in word.replace("-", " ").split():
                if len(plain(part)) >= _SHORTEST:
                    words[plain(part)] = words.get(plain(part), 0.0) + weight
    return Lexicon(words)


@cache
def local_letters(signs: str) -> Letters:
    """How runs of letters in local parts are spelt."""
    return learnt(name_words(), signs, _rare(signs))


@cache
def domain_letters(signs: str) -> Letters:
    """How domains are spelt before their ending."""
    words = {plain(word) for found in (company_words(), surnames()) for word in found}
    words |= {domain.rpartition(".")[0] for domain in mail_domains()}
    return learnt(sorted(words), signs, _rare(signs) | {"-": 8e-3, ".": 8e-3})


def _rare(signs: str) -> dict[str, float]:
    return {sign: 1e-3 if sign in DIGITS else 1e-4 for sign in signs if not sign.isalpha()}


def local_parts(
    logs: Floats, signs: str, names: Mapping[str, float], weights: EmailWeights
) -> tuple[list[Scored], float]:
    """Local parts that may stand in these cells (cells x signs, logarithms), best first; logarithm of the sum."""
    count = len(logs)
    best: list[list[Scored]] = [[] for _ in range(count + 1)]
    sums = np.full(count + 1, _NOTHING)
    best[0], sums[0] = [(0.0, "")], 0.0
    tokens = _Tokens(logs, signs, names, weights)
    for at in range(count):
        best[at] = _distinct(best[at])
        for end, score, text in tokens.starting(at):
            best[end] += [(before + score, start + text) for before, start in best[at]]
        for end, total in tokens.sums(at):
            sums[end] = np.logaddexp(sums[end], sums[at] + total)
    return _distinct(best[count]), float(sums[count])


def _distinct(found: list[Scored]) -> list[Scored]:
    merged: dict[str, float] = {}
    for score, text in found:
        before = merged.get(text)
        merged[text] = score if before is None else float(np.logaddexp(before, score))
    return best_of(((score, text) for text, score in merged.items()), _KEPT)


class _Tokens:
    """All tokens that may stand in the cells of a local part."""

    def __init__(self, logs: Floats, signs: str, names: Mapping[str, float], weights: EmailWeights) -> None:
        self.logs, self.signs, self.weights = logs, signs, weights
        self.size = log(len(signs))
        self._found: dict[int, list[tuple[int, float, str]]] = {at: [] for at in range(len(logs))}
        self._sums: dict[int, list[tuple[int, float]]] = {at: [] for at in range(len(logs))}
        own = {plain(part): share for word, share in names.items() for part in word.replace("-", " ").split()}
        self._words(name_words(), log(_WORD * (1 - weights.free)))
        self._own({word: share for word, share in own.items() if len(word) >= 2})
        self._initials({word[0] for word in own if word})
        self._numbers()
        self._marks()
        self._free()

    def starting(self, at: int) -> list[tuple[int, float, str]]:
        """Tokens that begin with this cell: the cell after, score, text."""
        return self._found[at]

    def sums(self, at: int) -> list[tuple[int, float]]:
        """The cell after and the logarithm of the sum over tokens of a sort."""
        return self._sums[at]

    def _prior(self, share: float, length: int) -> float:
        return self.weights.prior * (share + length * self.size)

    def _add(self, at: int, text: str, score: float) -> None:
        self._found[at].append((at + len(text), score, text))
        self._sums[at].append((at + len(text), score))

    def _words(self, lexicon: Lexicon, share: float) -> None:
        count = len(self.logs)
        for length in range(_SHORTEST, count + 1):
            codes, shares = lexicon.of_length(self.signs, length)
            if not len(codes):
                continue
            prior = self.weights.prior * (shares + share + length * self.size)
            for at in range(count - length + 1):
                window = self.logs[at : at + length]
                likely = np.flatnonzero(window[0][codes[:, 0]] > 2 * _UNLIKELY)
                if not len(likely):
                    continue
                scores = window[np.arange(length), codes[likely]].sum(axis=1) + prior[likely]
                kept = np.argsort(-scores)[:3]
                for number in kept:
                    text = "".join(self.signs[code] for code in codes[likely[number]])
                    self._found[at].append((at + length, float(scores[number]), text))
                self._sums[at].append((at + length, float(np.logaddexp.reduce(scores))))

    def _own(self, names: Mapping[str, float]) -> None:
        for name, share in names.items():
            if share <= 0 or not all(sign in self.signs for sign in name):
                continue
            for at in range(len(self.logs) - len(name) + 1):
                columns = [self.signs.index(sign) for sign in name]
                likely = float(self.logs[range(at, at + len(name)), columns].sum())
                self._add(at, name, likely + self._prior(log(_OWN * share / len(names)), len(name)))

    def _initials(self, own: Collection[str]) -> None:
        for number, sign in enumerate(self.signs):
            if sign.isalpha():
                share = _INITIAL * (_LETTER + (_OWN / len(own) if sign in own else 0.0))
                for at in np.flatnonzero(self.logs[:, number] > _UNLIKELY):
                    self._add(int(at), sign, float(self.logs[at, number]) + self._prior(log(share), 1))

    def _numbers(self) -> None:
        columns = [self.signs.index(sign) for sign in DIGITS]
        digits = self.logs[:, columns]
        for at in range(len(self.logs)):
            runs: list[Scored] = [(0.0, "")]
            for length, share in _NUMBER.items():
                if at + length > len(self.logs):
                    break
                row = digits[at + length - 1]
                likely = [digit for digit in np.argsort(-row)[:3] if row[digit] > 2 * _UNLIKELY]
                runs = best_of(((s + float(row[d]), text + DIGITS[d]) for s, text in runs for d in likely), 4)
                if not runs:
                    break
                for score, text in runs:
                    years = 20.0 if length == 4 and text[:2] in ("19", "20") else 1.0
                    self._add(at, text, score + self._prior(log(share * years) - length * log(10), length))

    def _marks(self) -> None:
        for sign, share in _SEPARATORS.items():
            number = self.signs.index(sign)
            for at in np.flatnonzero(self.logs[:, number] > _UNLIKELY):
                if 0 < at < len(self.logs) - 1:
                    self._add(int(at), sign, float(self.logs[at, number]) + self._prior(log(share), 1))

    def _free(self) -> None:
        """Runs of letters that begin the local part or follow a mark, and end it or come before a mark or a number."""
        letters = local_letters(self.signs)
        marks = np.exp(self.logs[:, [self.signs.index(sign) for sign in _SEPARATORS]]).sum(axis=1)
        digits = np.exp(self.logs[:, [self.signs.index(sign) for sign in DIGITS]]).sum(axis=1)
        count = len(self.logs)
        share = self.weights.prior * log(self.weights.free)
        for at in range(count):
            if at and log(marks[at - 1]) < _UNLIKELY:
                continue
            for length, (best, total) in enumerate(letters.prefixes(self.logs[at:], self.weights.prior, 5), start=1):
                end = at + length
                if end == count or log(marks[end]) > _UNLIKELY or log(digits[end]) > _UNLIKELY:
                    for score, codes in best:
                        self._found[at].append((end, score + share, "".join(self.signs[code] for code in codes)))
                    self._sums[at].append((end, total + share))
