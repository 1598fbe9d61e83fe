"""E-mail addresses from what their cells may say: one @, a domain that is used, a local part that people choose.

A known address of a customer counts for more than a stranger's, but only so much: what differs clearly from it is read
as it was written. Where two addresses are nearly as likely, both say so by their probabilities.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product
from math import exp, log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import FieldKind
from ocr.handprint.decoding import Candidate
from ocr.handprint.field_scores import FieldScores, certain, field_scores
from ocr.handprint.lexicon import Lexicon
from ocr.handprint.local_parts import Scored, distinct, domain_trigrams, local_parts
from ocr.handprint.weights import EMAIL, EmailWeights
from ocr.lexicons import mail_domains

Floats = npt.NDArray[np.floating[Any]]

_AT: Final = "@"
_THIN: Final = ".-_"
_UNCERTAIN: Final = 0.01
_MOST_UNCERTAIN: Final = 3
_MOST_AT: Final = 3
_FAR: Final = 5.0
"""By how much (a logarithm) a place for the @, or a choice of written cells, may be worse than the best one."""
_KEPT: Final = 8
_ENDINGS: Final = {"pl": 0.7, "com": 0.15, "eu": 0.05, "com.pl": 0.04, "net": 0.02, "org": 0.02, "de": 0.02}
"""How domains end that no list has."""
_SHORTEST_HEAD: Final = 2
_NO_AT: Final = log(0.003)
_NOTHING: Final = -1e9


def decode_email(
    posteriors: Floats,
    kind: FieldKind,
    *,
    names: Mapping[str, float] | None = None,
    domains: Mapping[str, float] | None = None,
    known: Collection[str] = (),
    weights: EmailWeights = EMAIL,
    most: int = 5,
) -> list[Candidate]:
    """Likely valid addresses, best first; none when the field is empty or nothing likely is an address.

    ``posteriors`` are the probabilities of all classes for each cell of the field, in reading order
    (``recogniser.probabilities``). ``names`` are words of the name of who wrote it, each with the probability that it
    is one; ``domains`` those in use with their weights (a ``Lexicon`` where they are used again; the installation's
    unless given); ``known`` addresses of those who may have written.
    """
    scores = _with_lost_marks(field_scores(posteriors, kind.alphabet), weights)
    lexicon = _shipped_domains() if domains is None else domains
    lexicon = lexicon if isinstance(lexicon, Lexicon) else Lexicon(lexicon)
    field = _Field(scores, names or {}, lexicon, frozenset(address.lower() for address in known), weights)
    found: dict[str, tuple[float, list[int]]] = {}
    whole = _NOTHING
    for cells, step in _written(scores, kind.row_length, weights):
        addresses, total = field.addresses(cells)
        whole = float(np.logaddexp(whole, total + step))
        for score, text in addresses:
            before, first = found.get(text, (_NOTHING, cells))
            found[text] = float(np.logaddexp(before, score + step)), first
    candidates = []
    for text, (score, cells) in sorted(found.items(), key=lambda item: -item[1][0]):
        parsed = kind.parse(text)
        if parsed.fault is None and isinstance(parsed.value, str):
            written = dict(zip(cells, text, strict=True))
            characters = tuple(written.get(at, "") for at in range(len(scores)))
            candidates.append(Candidate(parsed.value, characters, min(1.0, exp(score - whole)) * scores.readable))
        if len(candidates) == most:
            break
    return candidates


@cache
def _shipped_domains() -> Lexicon:
    return Lexicon(mail_domains())


def _with_lost_marks(scores: FieldScores, weights: EmailWeights) -> FieldScores:
    """A dot or a dash that left no ink looks like an empty cell."""
    logs = scores.logs.copy()
    for character in _THIN:
        column = scores.characters.index(character)
        logs[:, column] = np.logaddexp(logs[:, column], scores.empty + log(weights.lost_mark))
    return replace(scores, logs=logs)


def _written(scores: FieldScores, row: int, weights: EmailWeights) -> list[tuple[list[int], float]]:
    """Which cells may be written in, and the logarithm of how likely the others are empty.

    An address has no gaps, but it may go on in the next row; ink that stands alone may be dirt.
    """
    inked, void = certain(scores.empty, _UNCERTAIN, _MOST_UNCERTAIN, 1)
    either = [int(at) for at in np.flatnonzero(inked & void)]
    alone = [at for at in either if scores.empty[at] < log(_UNCERTAIN)]
    lost = [at for at in range(1, len(scores) - 1) if inked[at - 1] and inked[at + 1] and not inked[at] and at % row]
    units = [[at] for at in either if at not in alone] + ([alone] if alone else []) + [[at] for at in lost[:2]]
    letters = scores.logs.max(axis=1)
    found = []
    for choice in product((True, False), repeat=len(units)):
        chosen = inked.copy()
        for unit, kept in zip(units, choice, strict=True):
            chosen[unit] = kept
        cells = [int(at) for at in np.flatnonzero(chosen)]
        step = float(scores.empty[~chosen].sum())
        for before, at in pairwise(cells):
            if at > before + 1:
                step += log(weights.new_row if at % row == 0 else weights.gap)
        found.append((step + float(letters[cells].sum()), cells, step))
    best = max(likely for likely, _, _ in found)
    return [(cells, step) for likely, cells, step in found if cells and likely > best - _FAR]


@dataclass(frozen=True, slots=True)
class _Field:
    """An address while it is decoded, and what is known of it."""

    scores: FieldScores
    names: Mapping[str, float]
    domains: Lexicon
    known: frozenset[str]
    weights: EmailWeights

    def addresses(self, cells: list[int]) -> tuple[list[Scored], float]:
        """Addresses that fill just these cells, and the logarithm of the sum over all."""
        logs, characters = self.scores.logs[cells], self.scores.characters
        column = logs[:, characters.index(_AT)]
        places = [int(at) for at in np.argsort(-column)[:_MOST_AT] if 0 < at < len(cells) - len("a.pl")]
        places = [at for at in places if column[at] > max(_NO_AT, column[places[0]] - _FAR)]
        found: list[Scored] = []
        total = _NOTHING
        if not places:
            return found, total
        lefts = local_parts(logs, characters, places, self.names, self.weights)
        for at in places:
            left, left_sum = lefts[at]
            right, right_sum = self._domains(logs[at + 1 :])
            step = float(column[at]) + self.weights.written * len(cells)
            total = float(np.logaddexp(total, left_sum + right_sum + step))
            found += [(a + b + step, f"{local}{_AT}{domain}") for a, local in left for b, domain in right]
        return self._with_known(distinct(found, 2 * _KEPT), total, logs)

    def _with_known(self, found: list[Scored], total: float, logs: Floats) -> tuple[list[Scored], float]:
        """With known addresses, as likely before reading as the best other one times ``pull``."""
        fitting = [text for text in self.known if len(text) == len(logs) and set(text) <= set(self.scores.characters)]
        if not found or not fitting:
            return found, total
        best, text = found[0]
        prior = best - self._likelihood(logs, text) + log(self.weights.pull)
        pulled = [(self._likelihood(logs, address) + prior, address) for address in fitting]
        total = float(np.logaddexp.reduce([total, *(score for score, _ in pulled)]))
        return distinct([*found, *pulled], 2 * _KEPT), total

    def _likelihood(self, logs: Floats, text: str) -> float:
        return float(logs[np.arange(len(logs)), self.scores.codes(text)].sum())

    def _domains(self, logs: Floats) -> tuple[list[Scored], float]:
        """Domains that may stand in these cells, and the logarithm of the sum over all."""
        characters, weights = self.scores.characters, self.weights
        length, size = len(logs), log(len(characters))
        found: list[Scored] = []
        total = _NOTHING
        codes, shares = self.domains.of_length(characters, length)
        if len(codes):
            listed = weights.prior * (shares + log(1 - weights.unknown_domain) + (length + 1) * size)
            each = logs[np.arange(length), codes].sum(axis=1) + listed
            total = float(np.logaddexp.reduce(each))
            kept = np.argsort(-each)[:_KEPT]
            found += [(float(each[at]), "".join(characters[code] for code in codes[at])) for at in kept]
        heads = domain_trigrams(characters).prefixes(logs, weights.prior, _KEPT)
        for ending, share in _ENDINGS.items():
            tail = f".{ending}"
            head = length - len(tail)
            if head < _SHORTEST_HEAD:
                continue
            end = float(logs[range(head, length), [characters.index(character) for character in tail]].sum())
            step = end + weights.prior * (log(weights.unknown_domain * share) + len(tail) * size)
            best, whole = heads[head - 1]
            total = float(np.logaddexp(total, whole + step))
            found += [(score + step, "".join(characters[code] for code in word) + tail) for score, word in best]
        return distinct(found, _KEPT), total
