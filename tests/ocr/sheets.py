"""Pages that need not be looked for: drawn where the reader would have laid them."""

from __future__ import annotations

import numpy as np

from forms.form import Form
from forms.layout import FieldLayout, layout
from ocr.alignment.alignment import Alignment
from ocr.alignment.blanks import blank
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.segmentation.combs import Comb
from specimens.paper import Picture, rasterise


def drawn(pdf: bytes) -> Picture:
    """The first page as the reader sees it once it is aligned."""
    return rasterise(pdf, READING_DPI)[0]


def sheet_of(picture: Picture, form: Form) -> Sheet:
    """That page as a sheet of a form."""
    scale = READING_DPI / 72
    return Sheet(picture, Alignment(blank(form, 1), np.diag([scale, scale, 1.0]), 1.0, 0.0))


def item_of(form: Form, name: str) -> FieldLayout:
    """Where a field stands."""
    return layout(form)[name]


def combs_of(sheet: Sheet) -> dict[str, Comb]:
    """What stands in the combs, by field name, without those that are empty."""
    found = {item.field.name: sheet.comb(item) for item in sheet.fields if item.field.kind.widget == "comb"}
    return {name: comb for name, comb in found.items() if not comb.empty}
