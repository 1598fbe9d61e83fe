"""What was drawn over the text of a digital page, or under it, so that it is not seen: lines, patches, pictures.

The page is compared with its own lettering, drawn by the same program with the same fonts: what differs in a field, and
is not printed on the form's blanks, is foreign to the value, however thin, pale or broken it is.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from ocr.blanks import BLANK_SCALE
from ocr.pages import Page
from ocr.sheet import READING_DPI, Sheet
from ocr.stray_ink import printed_on

_DIFFERENT: Final = 8
"""Tones, on average over a pixel at ``BLANK_DPI``: the palest line that is seen; drawn pages have no noise."""
_LEAST: Final = 0.6
"""Square points that a foreign mark covers at least: less than a full stop."""
_INSET: Final = 0.6
"""Points from the edge of a cell within which its line may stand."""


def drawn_over(page: Page, sheet: Sheet) -> frozenset[str]:
    """Names of the fields in which something foreign was drawn; none on a page that has no lettering of its own."""
    if page.lettering is None:
        return frozenset()
    alignment, whole = sheet.alignment, (0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT)
    shown, letters = (alignment.cut(each, whole, READING_DPI) for each in (page.picture, page.lettering))
    printed = printed_on(sheet.form, alignment.blank.page)
    size = printed.shape[1], printed.shape[0]
    different = cv2.resize(cv2.absdiff(shown, letters), size, interpolation=cv2.INTER_AREA) > _DIFFERENT
    foreign = different & ~printed
    found = set()
    for item in sheet.fields:
        if item.field.kind.widget != "comb":
            continue
        marked = 0
        for x0, top, x1, bottom in item.boxes:
            rows = slice(round((top + _INSET) * BLANK_SCALE), round((bottom - _INSET) * BLANK_SCALE))
            columns = slice(round((x0 + _INSET) * BLANK_SCALE), round((x1 - _INSET) * BLANK_SCALE))
            marked += int(np.count_nonzero(foreign[rows, columns]))
        if marked > _LEAST * BLANK_SCALE**2:
            found.add(item.field.name)
    return frozenset(found)
