"""Handwriting in combs told from print, and what a reader of handwriting is to the rest of the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from forms.kinds import Kind
from ocr.combs import Comb
from ocr.ink import Ink
from ocr.pages import GrayImage

_FEWEST: Final = 4
"""With fewer characters than this nothing can be said of a field alone."""
_PRINTED_PAGE: Final = 0.84
"""On printed pages at least this share of characters is regular (measured: 0.93 and more), on handwritten ones less."""
_PRINTED_FIELD: Final = 0.6
_PRINTED_FIELD_OF_HAND: Final = 0.95


@dataclass(frozen=True, slots=True)
class CharReading:
    """One character and its probability, 0..1; an empty text means that nothing was recognised."""

    text: str
    confidence: float


class HandprintReader(Protocol):
    """Reads the cells of one handwritten comb."""

    def read(self, cells: list[GrayImage], kind: Kind) -> list[CharReading]:
        """One reading for each cell, in order; the cells are as ``cells.cut_cells`` makes them, printed lines and all.

        An empty list says that this reader does not read handwriting at all.
        """
        ...


class NoHandprintReader:
    """The default: handwriting is recorded and left to people."""

    def read(self, cells: list[GrayImage], kind: Kind) -> list[CharReading]:
        """Nothing."""
        del cells, kind
        return []


def print_share(combs: Sequence[Comb]) -> float | None:
    """Share of characters that stand and measure as print does, 0..1; None when there are too few to say.

    Type keeps one baseline and few heights; a hand does not, even in boxes.
    """
    regular, count = 0.0, 0
    for comb in combs:
        for strip in comb.strips:
            glyphs = [ink for ink in (_body(cell) for cell in strip.cells) if ink is not None]
            if strip.running:
                glyphs = [ink for cell in strip.cells for ink in cell]
            glyphs = [ink for ink in glyphs if ink.height > 3.5 * strip.dpi / 72]
            if len(glyphs) >= 2:
                regular += _regular(glyphs, strip.dpi / 72) * len(glyphs)
                count += len(glyphs)
    return regular / count if count >= _FEWEST else None


def is_print(page: float | None, item: float | None) -> bool:
    """Whether a field is printed, from the share of regular characters of the page and of the field itself.

    The page decides unless the field, where it is long enough, clearly says otherwise.
    """
    if page is None:
        return item is None or item >= _PRINTED_PAGE
    if page >= _PRINTED_PAGE:
        return item is None or item >= _PRINTED_FIELD
    return item is not None and item >= _PRINTED_FIELD_OF_HAND


def _body(cell: tuple[Ink, ...]) -> Ink | None:
    """The main piece of a character, without its accent."""
    return max(cell, key=lambda ink: ink.height * 3 + ink.area / 100, default=None)


def _regular(glyphs: list[Ink], unit: float) -> float:
    """Share of glyphs on the common baseline, with a height that others have too."""
    bottoms = np.array([ink.bottom for ink in glyphs], np.float64)
    heights = np.array([ink.height for ink in glyphs], np.float64)
    slack = max(1.0, 0.4 * unit)
    on_line = max(float((np.abs(bottoms - at) <= slack).mean()) for at in bottoms)
    alike = float(np.mean([(np.abs(heights - height) <= slack).sum() > 1 for height in heights]))
    return (on_line + alike) / 2 if len(glyphs) > 3 else on_line
