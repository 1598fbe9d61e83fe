"""What a network might say of cells, written down by hand: sure of most characters, unsure of some."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER
from ocr.handprint.recogniser import Floats

_REST = 0.002
"""What is left for all other characters of a cell."""


def posteriors_of(
    text: str, unsure: Mapping[int, Mapping[str, float]] | None = None, cells: int | None = None
) -> Floats:
    """Probabilities of all classes for a comb in which ``text`` stands, one character a cell.

    ``unsure`` gives by cell (counted from 0) the characters that it may hold instead, with their probabilities.
    """
    count = cells or len(text)
    posteriors = np.full((count, len(CLASSES)), _REST / len(CLASSES))
    for at, character in enumerate(text.ljust(count)):
        likely = (unsure or {}).get(at, {EMPTY if character == " " else character: 1.0})
        for one, share in likely.items():
            posteriors[at, NUMBER[one]] += share * (1 - _REST)
    return posteriors
