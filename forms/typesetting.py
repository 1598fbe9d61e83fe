"""Type for everything printed: the two fonts, the width of a text and its lines."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "NotoSans"
BOLD: Final = "NotoSans-Bold"
FONTS: Final = Path(__file__).parent / "fonts"

_WITHIN_NUMBER: Final = re.compile(r"(?<=\d) (?=\d)")
_ONE_LETTER: Final = re.compile(r"(?<![^\s(„])([aiouwzAIOUWZ§]) (?=\S)")

_FILES: Final = {REGULAR: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf"}


@cache
def load_fonts() -> None:
    """Make both fonts known to reportlab, once a process."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))


def bind(text: str) -> str:
    """Running text whose lines do not end after a word of one letter, nor within a number written in groups."""
    return _WITHIN_NUMBER.sub("\N{NO-BREAK SPACE}", _ONE_LETTER.sub("\\1\N{NO-BREAK SPACE}", text))


def text_width(text: str, font: str, size: float) -> float:
    """Width of a text in points."""
    load_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def wrap(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text into lines of at most ``width`` points; a single word that is wider stands alone.

    A line never ends with a word of one letter (Polish 'w', 'z', 'i'): it goes with the next word.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for unit in _units(paragraph):
            longer = f"{line} {unit}" if line else unit
            if line and text_width(longer, font, size) > width:
                lines.append(line)
                line = unit
            else:
                line = longer
        if line:
            lines.append(line)
    return tuple(lines)


def _units(paragraph: str) -> list[str]:
    """Words, with one-letter words bound to the word after them."""
    units: list[str] = []
    bound = ""
    for word in paragraph.split(" "):
        if not word:
            continue
        bound = f"{bound} {word}" if bound else word
        if len(word) > 1 or not word.isalpha():
            units.append(bound)
            bound = ""
    if bound:
        units.append(bound)
    return units
