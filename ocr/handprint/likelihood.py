"""How well a given value (the register's) fits the cells of a comb.

A small dynamic program lays the characters of the value into the cells in their order. Cells may stay empty, a space of
the value takes an empty cell or none, so words may go on in the next row wherever the writer liked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Final

import numpy as np

from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.recogniser import CellScores

_LEAST: Final = 3e-4
"""No character is less likely than this in any cell: that often the network errs without a notion of it."""
_OMITTED: Final = 0.05
"""How often people leave the mark of a letter out, or bar a Z."""
_ALSO: Final = dict(zip("ĄĆĘŁŃÓŚŹŻZ", "ACELNOSZZŻ", strict=True))
"""What a letter may look like for that reason."""
_LOOKS_LIKE: Final = {like: [character for character, also in _ALSO.items() if also == like] for like in _ALSO.values()}
"""And what may be meant by what looks like it."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a value fits its cells, in natural logarithms relative to the likeliest character of each cell.

    ``distance`` is that of the whole value and ``worst`` that of the cell that fits least, both 0 or less.
    """

    value: str
    distance: float
    worst: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs to take a cell for a character (``characters``), for an empty one, or for one hardly likely."""

    characters: Mapping[str, float]
    empty: float
    other: float


def costs(cells: Sequence[CellScores]) -> tuple[Cost, ...]:
    """The costs of all cells of a comb, without those at its end that are empty for sure."""
    last = len(cells)
    while last and cells[last - 1].probability(EMPTY) > 1 - _LEAST:
        last -= 1
    return tuple(_cost(cell) for cell in cells[:last])


def fit(comb: Sequence[Cost], written: str, value: str | None = None) -> Fit:
    """The best way to lay ``written`` into a comb; ``distance`` is -inf when it is longer than that.

    ``written`` are the characters as they would stand in the cells, ``value`` what they mean where that differs.
    """
    paid = _paid(comb, written)
    if paid is None:
        return Fit(value or written, -inf, -inf)
    return Fit(value or written, -sum(paid), -max(paid, default=0.0))


def _cost(cell: CellScores) -> Cost:
    count = int(np.count_nonzero(cell.probabilities > _LEAST / 2))
    likely = set(cell.characters[:count])
    top = max(cell.probabilities[0], _LEAST)
    meant = {character for like in likely for character in _LOOKS_LIKE.get(like, ()) if character in cell.characters}
    found = {}
    for character in likely | meant:
        share = cell.probability(character) + (
            _OMITTED * cell.probability(_ALSO[character]) if character in _ALSO else 0.0
        )
        found[character] = log(top / min(max(share, _LEAST), top))
    void = cell.probability(EMPTY) + cell.probability(STRUCK)
    return Cost(found, log(top / min(max(void, _LEAST), top)), log(top / _LEAST))


def _paid(comb: Sequence[Cost], written: str) -> list[float] | None:
    """What each cell costs in the cheapest way to lay all characters; None when there is none."""
    width, spaces = len(written) + 1, written.count(" ")
    totals = [inf] * width
    totals[0] = 0.0
    ways: list[list[tuple[int, float]]] = []  # by cell and characters laid: how many were laid before it, and its cost
    for number, cell in enumerate(comb):
        _skip_spaces(totals, written)
        after, way = [total + cell.empty for total in totals], [(at, cell.empty) for at in range(width)]
        # Only what can be reached from the first cell, and from which the last one can be.
        first, end = max(0, len(written) - spaces - len(comb) + number), min(len(written), number + spaces + 1)
        for at in range(first, end):
            character = written[at]
            if totals[at] == inf or character == " ":
                continue
            price = cell.characters.get(character, cell.other)
            if (total := totals[at] + price) < after[at + 1]:
                after[at + 1], way[at + 1] = total, (at, price)
        totals = after
        ways.append(way)
    _skip_spaces(totals, written)
    return None if totals[-1] == inf else _followed(ways, written, len(written))


def _followed(ways: Sequence[Sequence[tuple[int, float]]], written: str, at: int) -> list[float]:
    """The costs along the cheapest way, from its end back."""
    paid = []
    for way in reversed(ways):
        while at and written[at - 1] == " ":
            at -= 1
        at, cost = way[at]
        paid.append(cost)
    return paid


def _skip_spaces(totals: list[float], written: str) -> None:
    """A space needs no cell: what was laid up to it was laid up to what follows."""
    for at, character in enumerate(written):
        if character == " ":
            totals[at + 1] = totals[at]
