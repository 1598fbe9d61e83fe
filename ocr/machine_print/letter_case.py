"""Small letter or capital, where both look alike: decided by the height of what stands there.

Tesseract guesses the case of c, s, o … by the letters around them, and writes S.C. for s.c. after a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from ocr.segmentation.ink import Ink

_ONE_SHAPE: Final = frozenset("csuvwxzoCSUVWXZO")
"""Letters whose two cases differ in size alone; one with an accent is too high to tell."""
_TALL: Final = frozenset("ABDEFGHIKLMNPRTbdfhkl")
_LOW: Final = frozenset("aemnr")
_USUAL_LOW: Final = 0.72
"""A small letter's height as a share of a capital's where a field lacks one of them: mostly 0.65 to 0.78."""
_MUCH_LOWER: Final = 0.85
"""Low letters that come closer to the tall ones than this were misread, or are small capitals."""
_CLEAR: Final = 0.3
"""How near to one of both heights, as a share of what lies between them, a letter must come."""


def with_true_cases(characters: str, boxes: Sequence[Ink]) -> str:
    """A text without spaces, each letter of one shape in the case that its box, one for each character, is high."""
    if len(characters) != len(boxes):
        return characters
    tall = [box.height for box, character in zip(boxes, characters, strict=True) if character in _TALL]
    short = [box.height for box, character in zip(boxes, characters, strict=True) if character in _LOW]
    if not tall and not short:
        return characters
    low = median(short) if short else _USUAL_LOW * median(tall)
    high = median(tall) if tall else low / _USUAL_LOW
    if low > _MUCH_LOWER * high:
        return characters
    return "".join(
        _cased(character, (box.height - low) / (high - low)) if character in _ONE_SHAPE else character
        for character, box in zip(characters, boxes, strict=True)
    )


def _cased(character: str, place: float) -> str:
    """``place`` is 0 where low letters end and 1 where tall ones do."""
    if abs(place) <= _CLEAR:
        return character.lower()
    return character.upper() if abs(place - 1) <= _CLEAR else character
