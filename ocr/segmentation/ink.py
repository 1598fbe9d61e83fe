"""Pieces of ink in the cells of a comb: which of them are writing, and which are dust or remnants of lines.

All lengths are pixels; ``unit`` is pixels per PDF point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ocr.files.page import GrayImage
from ocr.segmentation.components import components

DARK: Final = 165
"""Brightness below which a cleaned strip holds ink."""
_SPECK: Final = 0.65
"""Components smaller than this (square points) are dust; a printed full stop has about 1.2."""
_ON_LINE: Final = 1.1
"""Ink this near to a line of the comb (points) may be what is left of the line."""
_STOP, _FOOT = 0.35, 0.4
"""Shares of a letter's height: the most of a full stop, and how deep one stands at least."""
LETTER_HEIGHT: Final = 4.0
"""Points from which a piece of ink may be a letter or a digit."""

Edges = tuple[tuple[float, float], ...]
"""Left and right edge of each cell."""


@dataclass(frozen=True, slots=True)
class Ink:
    """One connected piece of ink: its box and its area."""

    x0: int
    top: int
    x1: int
    bottom: int
    area: int

    @property
    def height(self) -> int:
        """Its height."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Its width."""
        return self.x1 - self.x0

    @property
    def middle(self) -> float:
        """Its horizontal middle."""
        return (self.x0 + self.x1) / 2


Cell = tuple[Ink, ...]


def ink_in_cells(
    picture: GrayImage, edges: Edges, sides: list[float], levels: tuple[float, float], unit: float
) -> tuple[Cell, ...]:
    """The writing in each cell of a row between two ``levels``, sorted from left to right.

    ``sides`` are the upright lines that are printed there: all edges of a comb, the outer ones of an open line.
    """
    top, bottom = levels
    dark = (picture < DARK).astype(np.uint8)
    labels, facts = components(dark)
    on_grid = np.bincount(labels[_grid(picture.shape, sides, levels, unit) > 0], minlength=len(facts))
    cells: list[list[Ink]] = [[] for _ in edges]
    on_line: list[tuple[int, Ink]] = []
    lefts = np.array([left for left, _ in edges])
    for (x, y, width, height, area), grid_area in zip(facts[1:].tolist(), on_grid[1:].tolist(), strict=True):
        ink = Ink(x, y, x + width, y + height, area)
        if area < _SPECK * unit * unit or not top - unit < y + height / 2 < bottom + unit:
            continue
        at = int(np.searchsorted(lefts, ink.middle, side="right")) - 1
        if at < 0 or ink.middle > edges[at][1] + unit:
            continue  # in the margin or on a separator printed between groups
        if grid_area > 0.7 * area:
            on_line.append((at, ink))
        else:
            cells[at].append(ink)
    letters = [ink for cell in cells for ink in cell if ink.height > LETTER_HEIGHT * unit]
    rest = []
    for at, ink in on_line:
        if _is_like_letters(ink, letters, unit):
            cells[at].append(ink)
        else:
            rest.append((at, ink))
    if runs_across([tuple(cell) for cell in cells], edges, unit):
        for at, ink in sorted(rest, key=lambda item: -item[1].height):  # letters before their dots and accents
            letters = [other for cell in cells for other in cell if other.height > LETTER_HEIGHT * unit]
            if _belongs_to_run(ink, letters, unit):
                cells[at].append(ink)
        letters = [ink for cell in cells for ink in cell if ink.height > LETTER_HEIGHT * unit]
        cells = [[ink for ink in cell if _is_near(ink, letters, unit)] for cell in cells]
    else:
        _tidy_cells(cells, unit)
    return tuple(tuple(sorted(cell, key=lambda ink: ink.x0)) for cell in cells)


def runs_across(cells: list[Cell], edges: Edges, unit: float) -> bool:
    """Whether text runs across the cells instead of standing one character in a cell."""
    filled = [cell for cell in cells if cell]
    slack = 1.2 * unit
    crossing = sum(
        1
        for cell, (left, right) in zip(cells, edges, strict=True)
        for ink in cell
        if ink.x0 < left - slack or ink.x1 > right + slack
    )
    letters = sum(max(1, _letters(cell, unit)) for cell in filled)
    return crossing >= max(2, 0.15 * len(filled)) or letters > 1.3 * len(filled)


def union(cell: Cell) -> Ink | None:
    """The box around all ink of a cell; None when it is empty."""
    if not cell:
        return None
    return Ink(
        min(ink.x0 for ink in cell),
        min(ink.top for ink in cell),
        max(ink.x1 for ink in cell),
        max(ink.bottom for ink in cell),
        sum(ink.area for ink in cell),
    )


def baseline(inks: list[Ink], unit: float) -> float | None:
    """The common lower edge of the letters, not of those that go below it; None when there is no letter."""
    feet = np.sort([ink.bottom for ink in inks if ink.height > LETTER_HEIGHT * unit])
    if not len(feet):
        return None
    level = np.count_nonzero(np.abs(feet[:, None] - feet) <= 0.6 * unit, axis=1)
    return float(feet[level.argmax()])  # the highest of those that stand with most others


def _grid(shape: tuple[int, ...], sides: list[float], levels: tuple[float, float], unit: float) -> GrayImage:
    """The neighbourhood of the comb's lines (1)."""
    grid, reach = np.zeros(shape[:2], np.uint8), _ON_LINE * unit
    for side in sides:
        grid[:, max(0, round(side - reach)) : round(side + reach) + 1] = 1
    for level in levels:
        grid[max(0, round(level - reach)) : round(level + reach) + 1] = 1
    return grid


def _tidy_cells(cells: list[list[Ink]], unit: float) -> None:
    """Where each cell holds one character: drop what can be neither a character nor a part of one."""
    line = baseline([ink for cell in cells for ink in cell], unit)
    tallest = max((ink.height for cell in cells for ink in cell), default=0)
    for at, cell in enumerate(cells):
        letters = [ink for ink in cell if ink.height > LETTER_HEIGHT * unit]
        if letters:
            left, right = min(ink.x0 for ink in letters), max(ink.x1 for ink in letters)
            cell[:] = [ink for ink in cell if ink in letters or left - 0.4 * unit <= ink.middle <= right + 0.4 * unit]
        elif line is None or not ((at and cells[at - 1]) or any(cells[at + 1 : at + 2])):
            cell.clear()  # no sign of a text stands alone
        else:
            cell[:] = [ink for ink in cell if _may_be_sign(ink, line, tallest, unit)]


def _may_be_sign(ink: Ink, line: float, tallest: int, unit: float) -> bool:
    """Whether small ink is where a full stop, comma, dash, low line or quotation mark stands."""
    at_foot = abs(ink.bottom - line) <= 1.2 * unit or (ink.top <= line <= ink.bottom + 0.5 * unit)
    at_head = ink.height >= 1.8 * unit and abs(ink.top - (line - tallest)) <= 1.8 * unit
    return at_foot or at_head or ink.width >= 2.0 * unit


def _is_like_letters(ink: Ink, letters: list[Ink], unit: float) -> bool:
    """Whether ink on a line of the comb stands and measures as the letter before it does, which no remnant does."""
    slack = 0.8 * unit
    return any(
        abs(ink.bottom - letter.bottom) <= slack
        and abs(ink.top - letter.top) <= slack
        and -slack <= ink.x0 - letter.x1 <= 9 * unit
        for letter in letters
    )


def _belongs_to_run(ink: Ink, letters: list[Ink], unit: float) -> bool:
    """Whether ink on a line of the comb is a letter, or an accent, of the text that runs across it."""
    line = baseline(letters, unit)
    tallest = max((letter.height for letter in letters), default=0)
    if line is None or ink.height > 1.35 * tallest:  # in many typefaces a J goes that far below the line
        return False
    before = any(-3 * unit <= ink.x0 - letter.x1 <= 9 * unit for letter in letters)
    after = any(-3 * unit <= letter.x0 - ink.x1 <= 5 * unit for letter in letters)
    if (
        before
        and (after or ink.height > LETTER_HEIGHT * unit)
        and line - 1.1 * tallest <= ink.top <= line
        and ink.bottom <= line + 0.4 * tallest
    ):
        return True
    accent = any(
        letter.x0 - unit <= ink.middle <= letter.x1 + unit
        and (0 <= letter.top - ink.bottom <= 2.5 * unit or 0 <= ink.top - letter.bottom <= unit)
        for letter in letters
    )
    return accent or (before and abs(ink.bottom - line) <= 1.2 * unit)


def _is_near(ink: Ink, letters: list[Ink], unit: float) -> bool:
    """Whether ink is a letter or close to one; dust beyond the end of a text is not."""
    if not letters or ink.height > LETTER_HEIGHT * unit:
        return bool(letters)
    return min(max(letter.x0 - ink.x1, ink.x0 - letter.x1) for letter in letters) <= 5 * unit


def _letters(cell: Cell, unit: float) -> int:
    """How many things as tall as a letter stand side by side."""
    return sum(any(ink.height > LETTER_HEIGHT * unit for ink in group) for group in clusters(cell))


def clusters(cell: Cell) -> list[list[Ink]]:
    """Pieces of ink that stand above each other belong together (a letter and its accent).

    A full stop over which a neighbour reaches, as the tail of a j or the hook of an f does, stands for itself.
    """
    largest = _STOP * max((ink.height for ink in cell), default=0)
    small = (ink for ink in cell if max(ink.height, ink.width) <= largest)
    stops = [ink for ink in small if any(_is_stop_beside(ink, letter) for letter in cell)]
    letters = _above_each_other(tuple(ink for ink in cell if ink not in stops))
    return sorted([*letters, *([stop] for stop in stops)], key=_middle)


def _is_stop_beside(ink: Ink, letter: Ink) -> bool:
    """Whether ink is a full stop at the foot of a letter that reaches over it, and no part of that."""
    if max(ink.height, ink.width) > _STOP * letter.height or ink.x1 < letter.x0 or letter.x1 < ink.x0:
        return False
    at_foot = letter.top + _FOOT * letter.height < ink.top and ink.bottom <= letter.bottom + 0.2 * ink.height
    goes_below = ink.bottom < letter.bottom - 0.5 * ink.height and ink.middle < letter.middle
    return at_foot and (goes_below or not letter.x0 <= ink.middle <= letter.x1)


def _middle(group: list[Ink]) -> float:
    tallest = max(group, key=lambda ink: ink.height)
    return tallest.middle


def _above_each_other(cell: Cell) -> list[list[Ink]]:
    groups: list[list[Ink]] = []
    reach = -1
    for ink in sorted(cell, key=lambda each: each.x0):
        if groups and ink.x0 <= reach:
            groups[-1].append(ink)
        else:
            groups.append([ink])
        reach = max(reach, ink.x1)
    return groups
