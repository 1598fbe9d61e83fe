"""How large a workbook becomes when unpacked, found out beforehand: a few kilobytes may ask for gigabytes.

A sheet becomes a rectangle up to its last cell, and a merged cell as many cells as it spans. No list of customers comes
near these bounds.
"""

from __future__ import annotations

import io
import re
from typing import Final
from zipfile import ZipFile, is_zipfile

_MOST_BYTES: Final = 512 * 1024**2
"""Of all parts together; a list of 500,000 customers unpacks to less."""
_MOST_SHEETS: Final = 100
_MOST_CELLS: Final = 12_000_000
"""Of the rectangle of one sheet: about 1 GB."""
_MOST_MERGED: Final = 1_000_000
_BOOK: Final = "xl/workbook.xml"
_FOLDER: Final = "xl/worksheets/"
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s")
_FAR: Final = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{2,}[0-9]|[A-Za-z]?[0-9]{6,})""")
"""A cell beyond the columns A to Z or the first 100,000 rows; in most sheets there is none to be counted exactly."""
_PLACE: Final = re.compile(
    rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)["'](?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*(/)>)?""",
)
"""Of a row or a cell; what is closed at once is empty, and programs format such ones down to the last row."""
_MERGED: Final = re.compile(rb"""mergeCell\s[^<]*?\bref\s*=\s*["']([A-Za-z]+)([0-9]+):([A-Za-z]+)([0-9]+)["']""")
_PIECE: Final = 1 << 22
_OVERLAP: Final = 128
"""No place with the signs around it is longer."""

TOO_LARGE: Final = (
    "Arkusz jest po rozpakowaniu za duży: ma komórki bardzo daleko od tabeli, bardzo wiele "
    "scalonych komórek albo bardzo wiele arkuszy. Skopiuj samą tabelę do nowego pliku .xlsx albo zapisz ją jako CSV "
    "UTF-8."
)


def is_too_large(content: bytes) -> bool:
    """Whether a workbook would take more memory than a list of customers may; False for what is no archive."""
    if not is_zipfile(io.BytesIO(content)):
        return False
    with ZipFile(io.BytesIO(content)) as book:
        parts = book.infolist()
        if sum(part.file_size for part in parts) > _MOST_BYTES:
            return True
        if any(part.filename == _BOOK and len(_SHEET.findall(book.read(part))) > _MOST_SHEETS for part in parts):
            return True
        return any(_reaches_too_far(book.read(part)) for part in parts if part.filename.startswith(_FOLDER))


def _reaches_too_far(sheet: bytes) -> bool:
    """Looked at piece by piece: what is found in all of a large sheet at once would take much memory itself."""
    starts, merged, width, height = range(0, len(sheet), _PIECE), 0, 0, 0
    for at in starts:
        for left, top, right, bottom in _MERGED.findall(sheet, max(0, at - _OVERLAP), at + _PIECE):
            merged += (abs(_number(right) - _number(left)) + 1) * (abs(int(bottom) - int(top)) + 1)
    if merged > _MOST_MERGED or not _FAR.search(sheet):
        return merged > _MOST_MERGED
    for at in starts:
        places = _PLACE.findall(sheet, max(0, at - _OVERLAP), at + _PIECE)
        width = max(width, *map(_number, {column for column, _, closed in places if not closed}), 0)
        height = max(height, *map(int, {row for _, row, closed in places if not closed}), 0)
    return width * height > _MOST_CELLS


def _number(column: bytes) -> int:
    """A to Z are 1 to 26, and so on; 0 for none."""
    found = 0
    for letter in column.upper():
        found = found * 26 + letter - ord("A") + 1
    return found
