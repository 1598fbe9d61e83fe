"""Cells of a sheet that have no value to read: errors, and formulas whose result was never stored.

The fast reader of sheets gives nothing for them, as for an empty cell; what is broken would be taken for empty. So it
is with the cells of a merged one, but for the first.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from typing import IO, Any, Final
from zipfile import ZipFile

from lxml import etree

FORMULA_WITHOUT_RESULT: Final = "#FORMUŁA"
"""Stands for a formula without a stored result, in the shape of the errors of sheets."""
PART_OF_MERGED: Final = "#SCALONA"
"""Stands where a cell is a part of a merged one: what the first of them says may be meant for all of them, or not."""

_UNNAMED: Final = "#BŁĄD!"
_SUSPECT: Final = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[ />]""")
_HIDDEN: Final = re.compile(rb"""<(?:\w+:)?row\s[^<>]*\bhidden=["'](?:1|true)["']""")
_PIECE: Final = 1 << 20
_LONGEST: Final = 512
"""No beginning of an element that is looked for is longer."""


def faulty_cells(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Errors by row and column of that sheet, both from 1, as the sheet words them; ValueError for a broken book."""
    try:
        with ZipFile(io.BytesIO(content)) as book:
            part = _part(book, sheet)
            with book.open(part) as file:
                if not _holds(file, _SUSPECT):
                    return {}
            with book.open(part) as file:
                return dict(_faults(file))
    except (StopIteration, etree.LxmlError) as error:
        raise ValueError("a workbook whose parts do not fit together") from error


def has_hidden_rows(content: bytes, sheet: str) -> bool:
    """Whether any row of that sheet is hidden, by hand or by a filter; ValueError for a broken book."""
    try:
        with ZipFile(io.BytesIO(content)) as book, book.open(_part(book, sheet)) as file:
            return _holds(file, _HIDDEN)
    except (StopIteration, etree.LxmlError) as error:
        raise ValueError("a workbook whose parts do not fit together") from error


def _part(book: ZipFile, sheet: str) -> str:
    """The name in the archive under which the sheet of that name is stored."""
    with book.open("xl/workbook.xml") as file:
        named = next(one for one in _elements(file, "sheet") if one.get("name") == sheet)
    target = next(value for key, value in named.items() if key.endswith("}id"))
    with book.open("xl/_rels/workbook.xml.rels") as file:
        path = next(one.get("Target") for one in _elements(file, "Relationship") if one.get("Id") == target)
    return posixpath.normpath(posixpath.join("/xl", path)).lstrip("/")


def _holds(file: IO[bytes], pattern: re.Pattern[bytes]) -> bool:
    """Whether it occurs at all: in most sheets it does not, and they need not be parsed."""
    tail = b""
    while piece := file.read(_PIECE):
        if pattern.search(tail + piece):
            return True
        tail = piece[-_LONGEST:]
    return False


def _faults(file: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
    line = 0
    for row in _elements(file, "row"):
        line, column = int(row.get("r") or line + 1), 0
        for cell in row:
            column = _column(cell.get("r")) or column + 1
            if told := _fault(cell):
                yield (line, column), told
        row.clear()


def _fault(cell: Any) -> str | None:
    parts = {etree.QName(part).localname: part.text for part in cell}
    if cell.get("t") == "e":
        return parts.get("v") or _UNNAMED
    stored = parts.get("v") or ("v" in parts and cell.get("t") == "str")
    return None if "f" not in parts or stored else FORMULA_WITHOUT_RESULT


def _column(reference: str | None) -> int:
    found = 0
    for letter in re.sub(r"[^A-Z]", "", reference or ""):
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def _elements(file: IO[bytes], tag: str) -> Iterator[Any]:
    steps = etree.iterparse(file, tag=f"{{*}}{tag}", resolve_entities=False, no_network=True, huge_tree=True)
    return (element for _, element in steps)
