"""Typefaces that people's printers and typewriters use.

Noto Sans comes with the product, DejaVu with matplotlib, which the tests and benchmarks need anyhow. What else a
machine has is left alone: the same seed draws the same specimen everywhere.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from forms import typesetting

DEFAULT: Final = "sans"
_FILES: Final = {
    "sans": "NotoSans-Regular.ttf",
    "bold": "NotoSans-Bold.ttf",
    "wide": "DejaVuSans.ttf",
    "serif": "DejaVuSerif.ttf",
    "mono": "DejaVuSansMono.ttf",
}


@cache
def load(face: str) -> str:
    """The name under which reportlab knows the typeface; Noto Sans in place of one that is not there."""
    path = _find(_FILES[face])
    if path is None:
        return load(DEFAULT)
    name = f"specimen-{face}"
    pdfmetrics.registerFont(TTFont(name, path))
    return name


@cache
def available() -> tuple[str, ...]:
    """The typefaces there are; always 'sans' and 'bold'."""
    return tuple(face for face, file in _FILES.items() if _find(file) is not None)


@cache
def _find(file: str) -> Path | None:
    folders = [typesetting.FONTS]
    plotting = find_spec("matplotlib")
    if plotting is not None and plotting.origin is not None:
        folders.append(Path(plotting.origin).parent / "mpl-data" / "fonts" / "ttf")
    return next((folder / file for folder in folders if (folder / file).is_file()), None)
