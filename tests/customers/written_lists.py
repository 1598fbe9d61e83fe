"""Customer files as programs write them, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from customers.list_files import CustomerFileError, read_table
from customers.records import COLUMNS

HEADING = ";".join(COLUMNS)
CELLS = ("10000001", "Jan Lis", "", "", "Wodna", "12", "", "66-470", "Kostrzyn", "", "")
LINE = ";".join(CELLS)


@dataclass(frozen=True)
class Whole:
    """A table with all its pieces together."""

    cells: pd.DataFrame
    width: int
    misfits: frozenset[int]


def table(path: Path) -> tuple[Whole, list[str]]:
    notices: list[str] = []
    found = read_table(path, notices.append)
    pieces = list(found.pieces)
    cells = pd.concat([piece.cells for piece in pieces])
    return Whole(cells, found.width, frozenset().union(*(piece.misfits for piece in pieces))), notices


def csv_file(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "klienci.csv"
    path.write_bytes("".join(f"{line}{end}" for line in lines).encode())
    return path


def refused(path: Path) -> tuple[int, str]:
    with pytest.raises(CustomerFileError) as caught:
        table(path)
    (problem,) = caught.value.problems
    return problem


def lacking(column: str) -> str:
    return f"Brakuje kolumny {column}. Dodaj ją albo nazwij tak tę, w której są te dane."


def workbook(folder: Path, fill: Callable[[Worksheet, openpyxl.Workbook], None]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    fill(page, book)
    path = folder / "klienci.xlsx"
    book.save(path)
    return path


def customers(page: Worksheet, _book: openpyxl.Workbook | None = None) -> None:
    page.append(list(COLUMNS))
    page.append(list(CELLS))


def stored_as(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The same book, the text of one part changed as another program would have stored it."""
    other = path.with_name("inny.xlsx")
    with ZipFile(path) as book, ZipFile(other, "w") as target:
        for name in book.namelist():
            content = book.read(name)
            target.writestr(name, change(content.decode()).encode() if name == part else content)
    return other
