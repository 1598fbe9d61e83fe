"""How well a given value fits the cells of a comb: the register's, held against what was written.

A small dynamic program lays the characters of the value into the cells in their order. Cells may stay empty, a space of
the value takes an empty cell or none, so words may go on in the next row wherever the writer liked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Final

from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.reader import CellScores

_LEAST: Final = 1e-6
"""No sign is less likely than this: a slip of the pen or of the network."""
_OMITTED: Final = 0.05
"""How often people leave the mark of a letter out, or bar a Z."""
_ALSO: Final = dict(zip("ĄĆĘŁŃÓŚŹŻZ", "ACELNOSZZŻ", strict=True))
"""What a letter may look like for that reason."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a value fits its cells, in natural logarithms relative to the likeliest sign of each cell.

    ``distance`` is that of the whole value and ``worst`` that of the cell that fits least, both 0 or less; ``differing``
    counts the cells whose likeliest sign is another one.
    """

    value: str
    distance: float
    worst: float
    differing: int


def fit(cells: Sequence[CellScores], written: str, value: str | None = None) -> Fit:
    """The best way to lay ``written`` into the cells; ``distance`` is -inf when it is longer than they are.

    ``written`` are the characters as they would stand in the comb, ``value`` what they mean where that differs.
    """
    costs = _laid(_until_last(cells), written)
    if costs is None:
        return Fit(value or written, -inf, -inf, len(cells))
    return Fit(value or written, -sum(costs), -max(costs, default=0.0), sum(cost > 0 for cost in costs))


def _until_last(cells: Sequence[CellScores]) -> Sequence[CellScores]:
    """Without the cells at the end that are empty for sure."""
    last = len(cells)
    while last and cells[last - 1].probability(EMPTY) > 1 - _LEAST:
        last -= 1
    return cells[:last]


def _laid(cells: Sequence[CellScores], written: str) -> list[float] | None:
    """What each cell costs in the cheapest way to lay all characters; None when there is none."""
    width = len(written) + 1
    totals = [inf] * width
    totals[0] = 0.0
    ways: list[list[tuple[int, float]]] = []  # by cell and characters laid: how many were laid before it, and its cost
    for cell in cells:
        _skip_spaces(totals, written)
        top = max(float(cell.probabilities[0]), _LEAST)
        skipped = log(top / _kept(cell.probability(EMPTY) + cell.probability(STRUCK), top))
        after, way = [total + skipped for total in totals], [(at, skipped) for at in range(width)]
        prices: dict[str, float] = {}
        for at, sign in enumerate(written):
            if totals[at] == inf or sign == " ":
                continue
            if sign not in prices:
                prices[sign] = log(top / _kept(_likely(cell, sign), top))
            if (total := totals[at] + prices[sign]) < after[at + 1]:
                after[at + 1], way[at + 1] = total, (at, prices[sign])
        totals = after
        ways.append(way)
    _skip_spaces(totals, written)
    return None if totals[-1] == inf else _followed(ways, written, len(written))


def _followed(ways: Sequence[Sequence[tuple[int, float]]], written: str, at: int) -> list[float]:
    """The costs along the cheapest way, from its end back."""
    costs = []
    for way in reversed(ways):
        while at and written[at - 1] == " ":
            at -= 1
        at, cost = way[at]
        costs.append(cost)
    return costs


def _skip_spaces(totals: list[float], written: str) -> None:
    """A space needs no cell; it stands before the cell that comes, never at the end of what was laid."""
    for at, sign in enumerate(written):
        if sign == " ":
            totals[at + 1] = totals[at]


def _likely(cell: CellScores, sign: str) -> float:
    also = _ALSO.get(sign)
    return cell.probability(sign) + (0.0 if also is None else _OMITTED * cell.probability(also))


def _kept(probability: float, most: float) -> float:
    return min(max(probability, _LEAST), most)
