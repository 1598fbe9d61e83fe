"""Type for print: the two fonts, the width of a text, and breaking it into lines."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from forms.line_breaks import unbroken

REGULAR: Final = "NotoSans"
BOLD: Final = "NotoSans-Bold"
FONTS: Final = Path(__file__).parent / "fonts"

_FILES: Final = {REGULAR: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf"}


@cache
def load_fonts() -> None:
    """Make both fonts known to reportlab, once a process."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))


def text_width(text: str, font: str, size: float) -> float:
    """Width of a text in points."""
    load_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def wrap(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text into lines of at most ``width`` points; a single word that is wider stands alone.

    It never ends where ``forms.line_breaks`` says that it must not.
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
    """What stays in one line, as it is written: words, some bound to the word after them."""
    marked = unbroken(paragraph)
    ends = [at for at, sign in enumerate(marked) if sign == " "]
    parts = [paragraph[start:end] for start, end in pairwise([0, *(each + 1 for each in ends), len(paragraph) + 1])]
    return [part for part in (each.rstrip(" ") for each in parts) if part]
