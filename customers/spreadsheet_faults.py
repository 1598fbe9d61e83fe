"""Cells of a sheet that have no value to read: errors, and formulas whose result was never stored.

The fast reader of sheets gives nothing for them, as for an empty cell; what is broken would be taken for empty. So it
is with the cells of a merged one, but for the first.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from customers.spreadsheet_parts import cells, holds, opened, part_of

FORMULA_WITHOUT_RESULT: Final = "#FORMUŁA"
"""Stands for a formula without a stored result, in the shape of the errors of sheets."""
PART_OF_MERGED: Final = "#SCALONA"
"""Stands where a cell is a part of a merged one: what the first of them says may be meant for all of them, or not."""

_UNNAMED: Final = "#BŁĄD!"
_SUSPECT: Final = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[ />]""")


def faulty_cells(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Errors by row and column of that sheet, both from 1, as the sheet words them; ValueError for a broken book."""
    with opened(content) as book:
        part = part_of(book, sheet)
        with book.open(part) as file:
            if not holds(file, _SUSPECT):
                return {}
        with book.open(part) as file:
            faults = ((line, column, _fault(cell)) for line, column, cell in cells(file))
            return {(line, column): told for line, column, told in faults if told}


def _fault(cell: Any) -> str | None:
    parts = {etree.QName(part).localname: part.text for part in cell}
    if cell.get("t") == "e":
        return parts.get("v") or _UNNAMED
    stored = parts.get("v") or ("v" in parts and cell.get("t") == "str")
    return None if "f" not in parts or stored else FORMULA_WITHOUT_RESULT
