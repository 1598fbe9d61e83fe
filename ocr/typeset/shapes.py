"""What the shapes of a page's printed characters say, character by character, as a witness beside Tesseract.

The two fail differently: Tesseract reads lines and leans on what usually follows what; the network sees one character
alone and can neither drop nor invent one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Final

import numpy as np

from forms.kinds import DIGITS, FieldKind, Writing
from ocr.segmentation.combs import Comb
from ocr.segmentation.ink import LETTER_HEIGHT
from ocr.typeset.glyphs import CLASSES, window
from ocr.typeset.recogniser import Floats, probabilities

_ONE_SHAPE: Final = "cćksśuvwxzźżoó"
"""Letters whose capitals differ from them in size alone: which it is, is left to Tesseract, as are l or I, O or 0."""
_SURE, _CERTAIN, _AGAINST = 0.6, 0.95, 0.02
USUAL_HEIGHT: Final = 8.2
"""Points that digits of 11.5 point type are high, where a page holds none to measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The probability of every character of ``CLASSES`` for each character of a field in reading order.

    ``any_case`` tells that the field does not distinguish capitals. No scores where there is no line to stand on.
    """

    scores: Floats
    any_case: bool = False

    def confirm(self, text: str, *, certain: bool = False) -> bool:
        """Whether every character of the text is what its shape says; ``certain`` asks for more, as for l and 1."""
        belief = self._belief(text)
        return belief is not None and float(belief.min()) >= (_CERTAIN if certain else _SURE)

    @property
    def certainty(self) -> Floats:
        """For each shape the probability of its likeliest character; those of one shape in any case count as one."""
        pooled = self.scores @ _one_shape()
        return pooled.max(axis=1) if len(pooled) else np.zeros(0)

    def contradict(self, text: str) -> bool:
        """Whether the shape of some character of the text is clearly that of another."""
        belief = self._belief(text)
        return belief is not None and bool((belief < _AGAINST).any())

    def _belief(self, text: str) -> Floats | None:
        """The probability of each character of a text; None when another number of characters stands there."""
        characters = text.replace(" ", "")
        if len(characters) != len(self.scores) or not characters:
            return None
        characters = characters.lower() if self.any_case else characters
        columns = [_numbers(character, self.any_case) for character in characters]
        return np.array([row[list(at)].sum() for row, at in zip(self.scores, columns, strict=True)])


def shapes(combs: Mapping[str, tuple[FieldKind, Comb]], digits: float | None = None) -> dict[str, Shapes]:
    """The witness for each printed comb of a page; all characters go through the network at once.

    ``digits`` are points that digits of the page's type are high; without it that of all digits found there.
    """
    usual = digits or _digit_height(combs)
    windows, counts = [], []
    for _, comb in combs.values():
        pieces = comb.pieces()
        lines = [piece.baseline for piece in pieces if piece.baseline is not None]
        counts.append(len(pieces) if len(lines) == len(pieces) else 0)
        if counts[-1]:
            height = usual * comb.dpi / 72
            windows += [window(each.picture, each.inks, at, height) for each, at in zip(pieces, lines, strict=True)]
    ends = np.cumsum(counts)
    scores = probabilities(windows)
    return {
        name: Shapes(scores[end - count : end], any_case=kind.writing in (Writing.EMAIL, Writing.HOUSE))
        for (name, (kind, _)), count, end in zip(combs.items(), counts, ends, strict=True)
    }


def _digit_height(combs: Mapping[str, tuple[FieldKind, Comb]]) -> float:
    """The height of the page's digits in points."""
    boxes = [(box, comb.dpi / 72) for kind, comb in combs.values() if kind.alphabet == DIGITS for box in comb.letters()]
    heights = [box.height / unit for box, unit in boxes if box.height > LETTER_HEIGHT * unit]
    return median(heights) if heights else USUAL_HEIGHT


@cache
def _one_shape() -> Floats:
    """Which classes look alike in print: classes x groups."""
    same = {**{character.upper(): character for character in _ONE_SHAPE}, "O": "o", "0": "o", "I": "l", "1": "l"}
    groups = [same.get(character, character) for character in CLASSES]
    names = sorted(set(groups))
    return np.array([[float(group == name) for name in names] for group in groups])


@cache
def _numbers(character: str, any_case: bool) -> tuple[int, ...]:
    """The classes that a character may be by its shape; none for a character that the network does not know."""
    alike = {character}
    if any_case or character.lower() in _ONE_SHAPE:
        alike |= {character.lower(), character.upper()}
    if character == "l" or (character == "I" and not any_case):
        alike |= {"l", "I"}
    if character == "O":  # in some typefaces they are one shape; a 0 among letters is doubted elsewhere
        alike.add("0")
    return tuple(CLASSES.index(each) for each in sorted(alike) if each in CLASSES)
