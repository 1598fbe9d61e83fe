"""Parts of a workbook's archive, read piece by piece: its sheets, its styles and what belongs to them."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final
from zipfile import ZipFile

from lxml import etree

_PIECE: Final = 1 << 20
_LONGEST: Final = 512
"""No beginning of an element that is looked for is longer."""


@contextmanager
def opened(content: bytes) -> Iterator[ZipFile]:
    """A workbook as its archive; ValueError when its parts do not fit together."""
    try:
        with ZipFile(io.BytesIO(content)) as book:
            yield book
    except (StopIteration, etree.LxmlError) as error:
        raise ValueError("a workbook whose parts do not fit together") from error


def part_of(book: ZipFile, sheet: str) -> str:
    """The name in the archive under which the sheet of that name is stored."""
    with book.open("xl/workbook.xml") as file:
        named = next(one for one in elements(file, "sheet") if one.get("name") == sheet)
    target = next(value for key, value in named.items() if key.endswith("}id"))
    return next(path for number, _, path in related(book, "xl/workbook.xml") if number == target)


def related(book: ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """What belongs to a part of the archive: by which name it is spoken of there, what it is, where it is stored."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in book.namelist():
        return
    with book.open(path) as file:
        for one in elements(file, "Relationship"):
            target = posixpath.normpath(posixpath.join(f"/{folder}", one.get("Target", "")))
            yield one.get("Id", ""), one.get("Type", ""), target.lstrip("/")


def holds(file: IO[bytes], pattern: re.Pattern[bytes]) -> bool:
    """Whether it occurs at all: in most sheets it does not, and they need not be parsed."""
    return any(pattern.search(piece) for piece in pieces(file))


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file piece by piece, each with the end of the one before: what is looked for may lie across both."""
    tail = b""
    while piece := file.read(_PIECE):
        yield tail + piece
        tail = piece[-_LONGEST:]


def cells(file: IO[bytes]) -> Iterator[tuple[int, int, Any]]:
    """The cells of a sheet with their rows and columns, both from 1."""
    for line, row in rows(file):
        column = 0
        for cell in row:
            column = _column(cell.get("r")) or column + 1
            yield line, column, cell


def rows(file: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """The rows of a sheet with their numbers from 1; each is emptied when the next one is asked for."""
    line = 0
    for row in elements(file, "row"):
        line = int(row.get("r") or line + 1)
        yield line, row
        row.clear()


def elements(file: IO[bytes], tag: str) -> Iterator[Any]:
    """The elements of that name, whatever their namespace."""
    steps = etree.iterparse(file, tag=f"{{*}}{tag}", resolve_entities=False, no_network=True, huge_tree=True)
    return (element for _, element in steps)


def _column(reference: str | None) -> int:
    found = 0
    for letter in re.sub(r"[^A-Z]", "", reference or ""):
        found = found * 26 + ord(letter) - ord("A") + 1
    return found
