"""Handwriting in combs told from print, and what a reader of handwriting is to the rest of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

import numpy as np

from forms.kinds import DIGITS, Kind
from ocr.combs import Comb, Strip
from ocr.ink import LETTER_HEIGHT, Ink
from ocr.pages import GrayImage

_PRINTED_PAGE: Final = 0.82
"""On printed pages at least this share of characters is regular (measured: 0.86 and more, by hand 0.76 and less)."""
_PRINTED_FIELD: Final = 0.7
_BASELINE_SLACK: Final = 0.8
_HEIGHT_SLACK: Final = 0.5
"""Points by which printed digits of one page differ in height."""


class Hand(Enum):
    """Who wrote a field."""

    PRINT = "print"
    UNSURE = "unsure"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class CharReading:
    """One character and its probability, 0..1; an empty text means that nothing was recognised."""

    text: str
    confidence: float


class HandprintReader(Protocol):
    """Reads the cells of one handwritten comb."""

    def read(self, cells: list[GrayImage], kind: Kind) -> list[CharReading]:
        """One reading for each cell in order; cells are as ``cells.cut_cells`` makes them, printed lines and all."""
        ...


def writers(combs: Mapping[str, tuple[Kind, Comb]]) -> dict[str, Hand]:
    """Who wrote each field of a page; ``combs`` holds those that are not empty, by field name.

    Type keeps one baseline and few heights, in a field and over the page; a hand does not, even in boxes. A page that
    is regular on the whole is printed; a field on it that stands out may have been added by hand.
    """
    share = print_share([comb for _, comb in combs.values()])
    if share is not None and share < _PRINTED_PAGE:
        return dict.fromkeys(combs, Hand.HAND)
    feet = [foot for _, comb in combs.values() for foot in _feet(comb)]
    heights = [height for kind, comb in combs.values() if kind.alphabet == DIGITS for height in _heights(comb)]
    foot, height = _mode(feet, _BASELINE_SLACK), _mode(heights, _HEIGHT_SLACK)
    return {name: _field_writer(kind, comb, foot, height) for name, (kind, comb) in combs.items()}


def print_share(combs: Sequence[Comb]) -> float | None:
    """Share of characters that stand and measure as print does, 0..1; None when there is none to measure."""
    regular, count = 0.0, 0
    for strip in (strip for comb in combs for strip in comb.strips):
        glyphs = _glyphs(strip)
        if len(glyphs) >= 2:
            regular += _regular(glyphs, strip.dpi / 72) * len(glyphs)
            count += len(glyphs)
    return regular / count if count >= 4 else None


def _field_writer(kind: Kind, comb: Comb, foot: float, height: float) -> Hand:
    """Print where most characters share the page's baseline and, if they are digits, the height of its digits."""
    feet, heights = _feet(comb), _heights(comb)
    alike = [
        abs(at - foot) <= _BASELINE_SLACK and (kind.alphabet != DIGITS or abs(tall - height) <= _HEIGHT_SLACK)
        for at, tall in zip(feet, heights, strict=True)
    ]
    return Hand.PRINT if not alike or sum(alike) >= _PRINTED_FIELD * len(alike) else Hand.UNSURE


def _glyphs(strip: Strip) -> list[Ink]:
    """Letters and digits of a row, without accents and signs."""
    if strip.running:
        found = strip.inks
    else:
        found = [max(cell, key=lambda ink: ink.height * 3 + ink.area / 100) for cell in strip.cells if cell]
    return [ink for ink in found if ink.height > LETTER_HEIGHT * strip.dpi / 72]


def _feet(comb: Comb) -> list[float]:
    """Lower edges of the characters, in points from the top of their row."""
    return [ink.bottom * 72 / strip.dpi for strip in comb.strips for ink in _glyphs(strip)]


def _heights(comb: Comb) -> list[float]:
    """Heights of the characters in points."""
    return [ink.height * 72 / strip.dpi for strip in comb.strips for ink in _glyphs(strip)]


def _mode(values: list[float], slack: float) -> float:
    """The value with most others around it."""
    if not values:
        return 0.0
    there = np.array(values)
    counts = (np.abs(there[:, None] - there[None]) <= slack / 2).sum(axis=1)
    return float(there[np.abs(there - there[counts.argmax()]) <= slack / 2].mean())


def _regular(glyphs: list[Ink], unit: float) -> float:
    """Share of glyphs on the common baseline, with a height that others have too."""
    bottoms = np.array([ink.bottom for ink in glyphs], np.float64)
    heights = np.array([ink.height for ink in glyphs], np.float64)
    slack = max(1.0, 0.4 * unit)
    on_line = max(float((np.abs(bottoms - at) <= slack).mean()) for at in bottoms)
    alike = float(np.mean([(np.abs(heights - height) <= slack).sum() > 1 for height in heights]))
    return (on_line + alike) / 2 if len(glyphs) > 3 else on_line
