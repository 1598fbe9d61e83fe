"""One real writer's hand: how big, how slanted, with which pen; characters placed in comb cells as that hand would.

The strokes are those of one writer; characters that the data lacks of this writer are taken from one other writer of
the same half, marks and Polish habits are composed as in training. Sizes are points of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from forms.layout import CELL_HEIGHT, CELL_WIDTH
from forms.submission import Box
from ocr.handprint.training.glyphs import Glyph, Hands, Points, Strokes
from ocr.handprint.training.polish import BASES, crossed, marked, with_upstroke

_FEWEST_CAPITALS: Final = 20
_FEWEST_DIGITS: Final = 7
_MNIST_SHARE: Final = 0.3
"""Pages whose digits are scans of paper instead of strokes of a tablet."""

Colour = tuple[float, float, float]
_PENS: Final[tuple[tuple[float, str, Colour], ...]] = (
    (0.42, "blue", (0.09, 0.14, 0.47)),
    (0.30, "black", (0.08, 0.08, 0.10)),
    (0.14, "pale blue", (0.36, 0.46, 0.76)),
    (0.10, "gray", (0.34, 0.34, 0.37)),
    (0.04, "red", (0.74, 0.12, 0.16)),
)


@dataclass(frozen=True, slots=True)
class Pen:
    """Name and colour (red, green, blue in 0..1) of the ink, width of the line in points."""

    name: str
    colour: Colour
    width: float


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """A digit scanned from paper: coverage (ink 255), and the matrix from its pixels to points of the page (2 x 3)."""

    coverage: npt.NDArray[np.uint8]
    to_page: npt.NDArray[np.float64]


Placed = list[Points] | Scanned


class Penman:
    """A writer over one page; the same generator gives the same hand."""

    def __init__(self, hands: Hands, writer: str, rng: Generator) -> None:
        self.writer, self.pen = writer, _pen(rng)
        self._hands, self._rng = hands, rng
        others = list(writers_of(hands))
        rng.shuffle(others)
        self._order = [writer, *(name for name in others if name != writer)]
        self._height = float(np.clip(rng.normal(12.6, 1.8), 8.5, 17.0))
        self._aspect = rng.uniform(0.85, 1.12)
        self._slant, self._angle = rng.normal(0.03, 0.09), np.deg2rad(rng.normal(0, 1.5))
        self._rise = float(np.clip(rng.normal(0.42, 0.12), 0.0, 0.9))
        self._aside = rng.normal(0, 0.7)
        self._broadest = CELL_WIDTH * rng.uniform(0.72, 1.05)
        self._scans = rng.random() < _MNIST_SHARE and all(hands.scanned.get(digit) for digit in "0123456789")
        self._upstroke, self._bar = rng.random() < 0.6, rng.random() < 0.4
        self._barred_z = rng.random() < 0.1

    @property
    def manner(self) -> str:
        """Who writes, and with what, in a few words."""
        return f"{self.writer}, {self.pen.name} {self.pen.width:.1f} pt" + (", scanned digits" if self._scans else "")

    def write(self, sign: str, cell: Box) -> Placed:
        """One character in its cell, in points of the page from its top left corner; empty for a sign nobody wrote."""
        rng = self._rng
        if self._scans and sign.isdigit():
            pool = self._hands.scanned[sign]
            return self._stamped(pool[int(rng.integers(len(pool)))], cell)
        strokes = self._glyph(sign)
        if not strokes:
            return []
        wide = float(np.ptp(np.concatenate(strokes)[:, 0]))
        matrix, height = self._shape(wide)
        loose = rng.normal(0, 0.01, (len(strokes), 2))
        offset = self._place(cell, height) - (self._slant * 0.5 * height, 0.0)
        return [
            ((stroke + apart) @ matrix.T + offset).astype(np.float32)
            for stroke, apart in zip(strokes, loose, strict=True)
        ]

    def _shape(self, wide: float) -> tuple[npt.NDArray[np.float64], float]:
        """From capital heights to points, and the height that a capital gets; a broad letter is squeezed."""
        rng = self._rng
        height = self._height * float(np.exp(rng.normal(0, 0.05)))
        aspect = self._aspect * float(np.exp(rng.normal(0, 0.04)))
        if wide * height * aspect > self._broadest:
            aspect = max(0.55, self._broadest / (wide * height))
            height = min(height, self._broadest / (wide * aspect))
        angle = self._angle + np.deg2rad(rng.normal(0, 2.0))
        slant = self._slant + rng.normal(0, 0.03)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn @ np.array([[aspect, -slant], [0, 1]]) * height, height

    def _place(self, cell: Box, height: float) -> npt.NDArray[np.float64]:
        """Where the middle of the line stands that the character stands on."""
        rng = self._rng
        line = cell[1] + CELL_HEIGHT - max(0.0, CELL_HEIGHT - height) * self._rise + rng.normal(0, 0.6)
        return np.array([(cell[0] + cell[2]) / 2 + self._aside + rng.normal(0, 0.7), line])

    def _stamped(self, digit: npt.NDArray[np.uint8], cell: Box) -> Scanned:
        """A scanned digit (20 of 28 pixels high)."""
        shape, height = self._shape(0.6)
        matrix = shape / 20
        middle = self._place(cell, height) - (0.0, height / 2)
        return Scanned(digit, np.column_stack([matrix, middle - matrix @ np.array([14.0, 14.0])]))

    def _glyph(self, sign: str) -> Strokes:
        base = BASES.get(sign, sign)
        glyph = self._found(base) or self._found(base.swapcase())
        if glyph is None:
            return []
        if base != sign:
            return marked(sign, glyph.strokes, self._hands, self._rng)
        return self._habit(sign, glyph.strokes)

    def _found(self, label: str) -> Glyph | None:
        """One of the writer's own, or of the first other writer who wrote it."""
        pool = self._hands.glyphs.get(label, [])
        for writer in self._order:
            own = [glyph for glyph in pool if glyph.writer == writer]
            if own:
                return own[int(self._rng.integers(len(own)))]
        return None

    def _habit(self, sign: str, strokes: Strokes) -> Strokes:
        """As Poles write: 1 with an upstroke, 7 and Z with a bar."""
        if sign == "1" and self._upstroke and len(strokes) == 1 and len(strokes[0]) <= 4:
            return with_upstroke(strokes, self._rng)
        if (sign == "7" and self._bar and len(strokes) == 1) or (sign in "Zz" and self._barred_z):
            return crossed(strokes, self._rng)
        return strokes


def writers_of(hands: Hands) -> list[str]:
    """Everybody who wrote anything, in order of name."""
    return sorted({glyph.writer for found in hands.glyphs.values() for glyph in found})


def penmen_of(hands: Hands) -> list[str]:
    """Those who wrote enough capitals and digits to fill in a form almost alone, in order of name."""
    wrote: dict[str, set[str]] = {writer: set() for writer in writers_of(hands)}
    for label, found in hands.glyphs.items():
        for glyph in found:
            wrote[glyph.writer].add(label)
    return [
        writer
        for writer, labels in wrote.items()
        if sum(label.isupper() for label in labels) >= _FEWEST_CAPITALS
        and sum(label.isdigit() for label in labels) >= _FEWEST_DIGITS
    ]


def _pen(rng: Generator) -> Pen:
    shares = np.array([share for share, _, _ in _PENS])
    _, name, colour = _PENS[int(rng.choice(len(_PENS), p=shares / shares.sum()))]
    paler = np.clip(np.array(colour) + rng.normal(0, 0.03), 0, 1)
    width = rng.uniform(0.8, 1.8) if rng.random() < 0.85 else rng.uniform(0.6, 2.5)
    return Pen(name, (float(paler[0]), float(paler[1]), float(paler[2])), float(width))
