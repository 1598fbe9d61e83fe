"""Whether a file still looks as it did when signed: libraries may understand an addition differently.

pyHanko compares what it understands of the file, PDFium draws what it does. Where the two differ, the picture tells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2

from ocr.files.page import GrayImage
from ocr.files.page_file import page_begins
from ocr.files.pdf_pages import PDFIUM_LOCK, drawable

_SCALE: Final = 0.5
"""Pixels a point: each gray one tells of the smallest sign that changed in it."""
_LARGEST: Final = 50 * 1024**2
"""Bytes of a file that are held in memory for this; a larger one is for a human."""


def looks_as_signed(path: Path, end: int) -> bool:
    """Whether each page looks the same with what follows the first ``end`` bytes, and without it."""
    if end > _LARGEST:
        return False
    with path.open("rb") as file:
        signed = file.read(end)
    with PDFIUM_LOCK:
        before, now = drawable(signed), drawable(path)
        try:
            return len(before) == len(now) and all(
                np.array_equal(_drawn(before, number), _drawn(now, number)) for number in range(len(now))
            )
        finally:
            before.close()
            now.close()


def _drawn(drawing: pypdfium2.PdfDocument, number: int) -> GrayImage:
    page_begins()
    page = drawing[number]
    try:
        bitmap = page.render(scale=_SCALE, grayscale=True)
        try:
            picture: GrayImage = bitmap.to_numpy().copy()
        finally:
            bitmap.close()
    finally:
        page.close()
    return picture
