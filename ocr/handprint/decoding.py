"""The likeliest *valid* value of a field: check digits, calendars and grammars belong to the reading, not after it.

Sequences of characters are looked at from the likeliest downwards, and each is judged by the field's kind. So PESEL,
NIP, dates, post codes, telephone numbers and e-mail addresses are all decoded alike, by the rules they have anyway.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log
from typing import Final

from forms.kinds import FieldKind
from ocr.handprint.alphabet import STRUCK
from ocr.handprint.recogniser import CellScores

_MOST_LOOKED_AT: Final = 400
_ENOUGH: Final = 0.9999
"""Once this much of all probability was looked at, the rest cannot matter."""
_HOPELESS: Final = 1e-4
"""Nor do sequences that are so much less likely than a valid one."""
_NEGLIGIBLE: Final = 1e-5
"""Signs less likely than this are not tried."""
_SLIP: Final = 0.01
"""How often people write a wrong number themselves: that much an invalid sequence weighs against a valid one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A valid value, the characters it was read from, one for each cell, and how likely it is, 0..1."""

    value: str
    characters: tuple[str, ...]
    probability: float


def decode(
    cells: Sequence[CellScores],
    kind: FieldKind,
    today: date | None = None,
    most: int = 5,
    prior: Callable[[str], float] | None = None,
) -> list[Candidate]:
    """Valid values by probability, best first; none when the field is empty or nothing likely is valid.

    ``prior`` says of a valid value how often it is written against the most usual ones, 0..1, see ``value_priors``.

    The probability is that of the value among all that may stand there: what was not looked at counts against it, and
    so do crossed out cells and, weakly, invalid sequences.
    """
    valid: dict[str, tuple[float, tuple[str, ...]]] = {}
    seen = invalid = unreadable = best = 0.0
    for probability, characters in _likeliest(cells):
        seen += probability
        raw = "".join(character or " " for character in characters).strip()
        if STRUCK in characters:
            unreadable += probability
        elif (value := _value(raw, kind, today)) is None:
            invalid += probability
        else:
            before, first = valid.get(value, (0.0, characters))
            valid[value] = (before + probability * (prior(value) if prior else 1.0), first)
            best = max(best, probability)
        if seen >= _ENOUGH or probability < _HOPELESS * best:
            break
    ranked = sorted(valid.items(), key=lambda item: -item[1][0])
    usual = prior(ranked[0][0]) if prior and ranked else 1.0  # an unusual value that is clearly written is not unsure
    total = sum(share for share, _ in valid.values()) / usual + unreadable + max(0.0, 1 - seen) + _SLIP * invalid
    return [Candidate(value, characters, share / usual / total) for value, (share, characters) in ranked[:most]]


def _value(raw: str, kind: FieldKind, today: date | None) -> str | None:
    parsed = kind.parse(raw, today)
    return parsed.value if isinstance(parsed.value, str) and parsed.fault is None else None


def _likeliest(cells: Sequence[CellScores]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Sequences of one character for each cell with their probabilities, in falling order."""
    logs = [[log(float(share)) for share in cell.probabilities if share > _NEGLIGIBLE] for cell in cells]
    if not all(logs):
        return
    start = sum(row[0] for row in logs)
    waiting = [(-start, (0,) * len(cells), 0)]
    for _ in range(_MOST_LOOKED_AT):
        if not waiting:
            return
        cost, ranks, last = heapq.heappop(waiting)
        yield exp(-cost), tuple(cell.characters[rank] for cell, rank in zip(cells, ranks, strict=True))
        for at in range(last, len(cells)):  # only from the last change on, so that every sequence comes once
            rank = ranks[at] + 1
            if rank < len(logs[at]):
                worse = cost + logs[at][rank - 1] - logs[at][rank]
                heapq.heappush(waiting, (worse, (*ranks[:at], rank, *ranks[at + 1 :]), at))
