"""Telling handwriting in combs from print.

Type repeats its shapes and keeps one baseline and few heights, in a field and over the page; a hand does not, even in
boxes. A page that does so on the whole is printed; a field on it that stands out was added by hand. Where that is not
clear, as in short fields and bad copies, the network that knows printed characters is asked whether it knows these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from forms.kinds import DIGITS, FieldKind
from ocr.files.page import GrayImage
from ocr.handprint.repeats import misfits
from ocr.segmentation.combs import Comb, Strip
from ocr.segmentation.ink import LETTER_HEIGHT, Ink, clusters, union
from ocr.typeset.shapes import USUAL_HEIGHT, shapes

_SAME_SHAPE: Final = 0.001
"""Prints of one character differ in less than this share of their ink; by hand hardly one in ten is as alike."""
_WIDE_ENOUGH: Final = 2.5
"""Points: narrower shapes are mere strokes, alike by any hand."""
_BY_HAND: Final = ((0.3, 1.0), (0.43, 0.95))
"""A page is written by hand where both the share of repeated shapes and that of regular ones are below such a pair.

Measured: printed pages have 0.53 to 0.9 of repeated shapes, handwritten ones 0 to 0.2, those of a very regular hand
0.36 and 0.94 of regular ones at most. Much writing on a printed page makes shapes rare that come again.
"""
_HAND_FIELD: Final = 0.62
"""A field on a printed page with a lower sum of repeated and regular shapes was written by hand."""
_PRINTED_FIELD: Final = 0.72
"""With a lower one it may have been."""
_STANDS_AS_TYPE: Final = 0.6
"""So many of a printed field's characters stand and measure as the page's type does; of one by hand a tenth at most."""
_KNOWN: Final = 0.95
"""A shape to which the network of type gives so much for one character looks printed to it."""
_MOSTLY_KNOWN: Final = 0.7
"""Share of such characters: print has more in 98 of 100 fields, a hand in 3."""
_STRANGE: Final = 0.75
"""Geometric mean of those probabilities below which a field does not look printed at all (print: 5 in 1000)."""
_CERTAIN: Final = (6, 0.985)
"""Fields so long with such a mean are print, whatever else is said: 1 in 1300 by hand has it."""
_CERTAIN_FIELDS: Final = 2
"""With so many of them a page is not all written by hand; of 180 such pages none has more than one."""
_UNLIKE: Final = 0.1
_TELLING: Final = 6
"""So many shapes must differ that much from all others to tell that none of them is printed; fewer tell nothing."""
_BASELINE_SLACK: Final = 0.8
_HEIGHT_SLACK: Final = 0.5
"""Points by which printed digits of one page differ in height."""
_FREQUENT: Final = 4
"""So many characters of a page have a height that its type has."""
_REGULAR: Final = 0.82

Floats = npt.NDArray[np.floating[Any]]


class Hand(Enum):
    """Who wrote a field."""

    PRINT = "print"
    UNSURE = "unsure"
    HAND = "hand"


def writers(combs: Mapping[str, tuple[FieldKind, Comb]]) -> dict[str, Hand]:
    """Who wrote each field of a page; ``combs`` holds those that are not empty, by field name."""
    found = {name: [shape for strip in comb.strips for shape in _shapes(strip)] for name, (_, comb) in combs.items()}
    every = [shape for pieces in found.values() for shape in pieces]
    unlike = misfits([shape.picture for shape in every])
    share, regular = _repeated(unlike, every), print_share([comb for _, comb in combs.values()])
    if share is None or regular is None:
        return {name: _lonely_writer(comb) for name, (_, comb) in combs.items()}
    known = _KnownType(combs)
    if any(share < repeated and regular < alike for repeated, alike in _BY_HAND) and not known.printed_fields:
        return dict.fromkeys(combs, Hand.HAND)
    page = _Type.of(combs)
    ends = np.cumsum([len(pieces) for pieces in found.values()])[:-1]
    own = dict(zip(found, np.split(unlike, ends), strict=True))
    return {name: _field_writer(name, page.alike(kind, comb), own[name], known) for name, (kind, comb) in combs.items()}


class _KnownType:
    """What the network of printed characters says of the fields of a page; it is asked only when that is wanted."""

    def __init__(self, combs: Mapping[str, tuple[FieldKind, Comb]]) -> None:
        self._combs = combs

    @cached_property
    def _sure(self) -> dict[str, Floats]:
        """How sure it is of each character, at the better of two scales: digits by hand spoil the page's own."""
        own, usual = shapes(self._combs), shapes(self._combs, USUAL_HEIGHT)
        return {name: max(own[name].certainty, usual[name].certainty, key=_mean) for name in self._combs}

    @property
    def printed_fields(self) -> bool:
        """Whether some fields of the page are print for certain."""
        return sum(map(self.certain, self._combs)) >= _CERTAIN_FIELDS

    def certain(self, name: str) -> bool:
        """Whether a field is print for certain."""
        fewest, least = _CERTAIN
        return len(self._sure[name]) >= fewest and _mean(self._sure[name]) >= least

    def confirms(self, name: str) -> bool:
        """Whether most characters of a field are known as print."""
        sure = self._sure[name]
        return len(sure) > 0 and float((sure >= _KNOWN).mean()) >= _MOSTLY_KNOWN

    def denies(self, name: str) -> bool:
        """Whether a field of some length does not look printed at all."""
        return len(self._sure[name]) >= _TELLING and _mean(self._sure[name]) < _STRANGE


def _mean(sure: Floats) -> float:
    """The geometric mean; 0 of none."""
    return float(np.exp(np.log(np.maximum(sure, 1e-9)).mean())) if len(sure) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """The picture of a character, and its width in points."""

    picture: GrayImage
    width: float


def _shapes(strip: Strip) -> list[_Shape]:
    """The characters of a row, accents and all."""
    unit = strip.dpi / 72
    groups = clusters(tuple(strip.inks)) if strip.running else [list(cell) for cell in strip.cells if cell]
    boxes = [box for group in groups if (box := union(tuple(group))) is not None]
    return [
        _Shape(strip.picture[box.top : box.bottom, box.x0 : box.x1], box.width / unit)
        for box in boxes
        if box.height > LETTER_HEIGHT * unit
    ]


def _repeated(unlike: Floats, shapes: Sequence[_Shape]) -> float | None:
    """Share of shapes that come again; None when there are too few of them to tell."""
    telling = np.array([shape.width > _WIDE_ENOUGH for shape in shapes], np.bool_)
    return float((unlike[telling] < _SAME_SHAPE).mean()) if telling.sum() >= _TELLING else None


def _lonely_writer(comb: Comb) -> Hand:
    """By regularity alone, where a page has hardly any writing: too little to be sure of print."""
    share = print_share([comb])
    return Hand.UNSURE if share is None or share >= _REGULAR else Hand.HAND


@dataclass(frozen=True, slots=True, eq=False)
class _Type:
    """What most characters of a page have in common: their baseline, the height of digits, all frequent heights."""

    foot: float
    digits: float
    heights: Floats

    @classmethod
    def of(cls, combs: Mapping[str, tuple[FieldKind, Comb]]) -> _Type:
        """Of the combs of a page."""
        feet = [foot for _, comb in combs.values() for foot in _feet(comb)]
        digits = [height for kind, comb in combs.values() if kind.alphabet == DIGITS for height in _heights(comb)]
        every = np.array([height for _, comb in combs.values() for height in _heights(comb)])
        return cls(_mode(feet, _BASELINE_SLACK), _mode(digits, _HEIGHT_SLACK), every)

    def alike(self, kind: FieldKind, comb: Comb) -> float:
        """Share of a field's characters that stand and measure as the page's type does, 0..1."""
        pairs = list(zip(_feet(comb), _heights(comb), strict=True))
        return sum(self._fits(kind, foot, height) for foot, height in pairs) / len(pairs) if pairs else 1.0

    def _fits(self, kind: FieldKind, foot: float, height: float) -> bool:
        if abs(foot - self.foot) > _BASELINE_SLACK:
            return False
        if kind.alphabet == DIGITS:
            return abs(height - self.digits) <= _HEIGHT_SLACK
        return int(np.count_nonzero(np.abs(self.heights - height) <= _HEIGHT_SLACK)) >= _FREQUENT


def _field_writer(name: str, alike: float, unlike: Floats, known: _KnownType) -> Hand:
    """Who wrote a field of a printed page, by the share of its characters that are regular and by its shapes."""
    by_shape = _shape_writer(alike, unlike)
    if by_shape is Hand.PRINT:
        return Hand.UNSURE if alike < _STANDS_AS_TYPE and known.denies(name) else Hand.PRINT
    if (alike >= _STANDS_AS_TYPE and known.confirms(name)) or known.certain(name):
        return Hand.PRINT
    return Hand.UNSURE if known.confirms(name) else by_shape  # few characters of another size than the page's type


def _shape_writer(alike: float, unlike: Floats) -> Hand:
    comparable = unlike[unlike < 1]  # letters that touch their neighbours have a size that no other has
    if not len(comparable):
        return Hand.PRINT if alike >= _PRINTED_FIELD else Hand.UNSURE
    odd = min(1.0, float(np.median(comparable)) / _UNLIKE) * min(1.0, len(comparable) / _TELLING)
    printed = float((comparable < _SAME_SHAPE).mean()) + alike - odd / 2
    if printed < _HAND_FIELD:
        return Hand.HAND
    return Hand.UNSURE if printed < _PRINTED_FIELD else Hand.PRINT


def print_share(combs: Sequence[Comb]) -> float | None:
    """Share of characters that stand and measure as print does, 0..1; None when there is none to measure."""
    regular, count = 0.0, 0
    for strip in (strip for comb in combs for strip in comb.strips):
        glyphs = _glyphs(strip)
        if len(glyphs) >= 2:
            regular += _regular(glyphs, strip.dpi / 72) * len(glyphs)
            count += len(glyphs)
    return regular / count if count >= 4 else None


def _glyphs(strip: Strip) -> list[Ink]:
    """Letters and digits of a row, without accents and characters."""
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
