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
_HIDDEN: Final = {
    "Arkusz ma ukryte wiersze (na przykład filtr): wczytano je razem z widocznymi.": b"row",
    "Arkusz ma ukryte kolumny: wczytano je razem z widocznymi.": b"col",
}
_STRUCK: Final = "W arkuszu są przekreślone komórki: wczytano je jak pozostałe. Usuń wiersze, których ma nie być."
_STYLES: Final = "xl/styles.xml"
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


def seen_otherwise(content: bytes, sheet: str) -> list[str]:
    """What of that sheet a person does not see as it is read, in Polish: hidden, by hand or by a filter, or struck out.

    ValueError for a broken book.
    """
    try:
        with ZipFile(io.BytesIO(content)) as book:
            part, struck = _part(book, sheet), _struck_styles(book)
            wanted = {
                told: re.compile(rb"""<(?:\w+:)?%b\s[^<>]*\bhidden=["'](?:1|true)["']""" % tag)
                for told, tag in _HIDDEN.items()
            }
            if struck:
                numbers = b"|".join(b"%d" % number for number in struck)
                style = rb"""<(?:\w+:)?c\s[^<>]*\bs=["'](?:%b)["'][^<>]*""" % numbers
                wanted[_STRUCK] = re.compile(style + rb"><(?:\w+:)?(?:v|is|f)\b[^<>/]*>")  # something is written there
            with book.open(part) as file:
                found = {told for piece in _pieces(file) for told in wanted if wanted[told].search(piece)}
            return [told for told in wanted if told in found]
    except (StopIteration, etree.LxmlError) as error:
        raise ValueError("a workbook whose parts do not fit together") from error


def _struck_styles(book: ZipFile) -> list[int]:
    """The numbers of the styles of cells whose letters are struck out."""
    if _STYLES not in book.namelist():
        return []
    with book.open(_STYLES) as file:
        tree = etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    fonts = [font.find("{*}strike") for font in tree.iterfind("{*}fonts/{*}font")]
    struck = {at for at, strike in enumerate(fonts) if strike is not None and strike.get("val") not in ("0", "false")}
    return [at for at, style in enumerate(tree.iterfind("{*}cellXfs/{*}xf")) if int(style.get("fontId", 0)) in struck]


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
    return any(pattern.search(piece) for piece in _pieces(file))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file piece by piece, each with the end of the one before: what is looked for may lie across both."""
    tail = b""
    while piece := file.read(_PIECE):
        yield tail + piece
        tail = piece[-_LONGEST:]


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
