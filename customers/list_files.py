"""A customer file as a table of texts: CSV or Excel, whatever a program or a person has made of its outer form.

Nothing is judged here but the form: encoding, separator, headings, sheets, the number of cells. What stands in the
cells stays as it came; a number of a sheet becomes its digits, and a date or an error is written as the sheet has it.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from customers.broken_characters import letters_replaced
from customers.file_signs import disguised
from customers.records import COLUMNS
from customers.spreadsheet_faults import PART_OF_MERGED, faulty_cells
from customers.spreadsheet_looks import looks_of
from customers.spreadsheet_size import TOO_LARGE, is_too_large

_Line = tuple[int, list[str]]
"""A row and the line of the file at which it begins."""
_ROWS_OF_PIECE: Final = 10_000
"""Rows that are looked at together: columns are checked whole, and a million rows take gigabytes."""
_BYTES_AT_ONCE: Final = 1 << 20
_SEPARATORS: Final = ",;\t|"
_POLISH: Final = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻéèëöüäßôőűÉÖÜÄçčšžáíýůř„”“’–—…§°\u00a0")
"""Signs that Polish lists hold beside ASCII: a decoding that yields others is a wrong one."""
_OLD_ENCODINGS: Final = {"cp1250": "Windows-1250", "iso8859-2": "ISO 8859-2", "cp852": "CP852"}
_WIDE: Final = {"UTF-32": (BOM_UTF32_LE, BOM_UTF32_BE), "UTF-16": (BOM_UTF16_LE, BOM_UTF16_BE)}
"""By their marks; that of UTF-32 begins with one of UTF-16."""
_REPLACED: Final = (
    "części polskich liter nie ma: program, który go zapisał, wstawił w ich miejsce „?”. "
    "Zapisz go u źródła jako „CSV UTF-8”"
)
_UNCLOSED: Final = (
    "Cudzysłów z tego wiersza zamyka się dopiero kilka wierszy dalej, więc klienci między nimi by przepadli. "
    "Zamknij go albo usuń."
)
_LONGEST_CELL: Final = 131_072
_ROWS_ABOVE: Final = 20
"""Rows among which headings are looked for, to tell what stands above them."""
_TITLE: Final = (
    "Nazwy kolumn stoją dopiero w tym wierszu, a nad nimi jest inny tekst (na przykład tytuł). Usuń wiersze nad nimi."
)
_ONE_CELL: Final = (
    "Cały wiersz jest jedną komórką: stoi w cudzysłowie albo w jednej kolumnie arkusza. Zapisz plik tak, żeby każda "
    "kolumna była osobną komórką."
)
_AFTER_THE_END: Final = "\x1a\0"
"""Mark the end of a text for DOS and for C."""
_EMPTY: Final = "Plik jest pusty. Pierwszy wiersz ma zawierać nazwy kolumn."


@dataclass(frozen=True)
class Layout:
    """The columns of a file, and its name in Polish: whose sheets they are, and 'kolumna' of what."""

    columns: Sequence[str]
    name: str
    rows: str

    @cached_property
    def by_letters(self) -> dict[str, str]:
        """The columns by their letters alone."""
        return {name.replace("_", ""): name for name in self.columns}

    def heading(self, text: str) -> str:
        """A heading as it is compared: small letters, one underscore where anything blank stood.

        Columns are known however their words are joined: 'E-mail', 'post code', 'CustomerNo'.
        """
        plain = re.sub(r"[\s_\u200b\ufeff]+", "_", text).strip("_").lower()
        return self.by_letters.get(re.sub(r"[_.\-\u2010-\u2013]", "", plain), plain)

    def among(self, row: Sequence[str]) -> set[str]:
        """The columns that a row of cells names."""
        return {self.heading(cell) for cell in row} & set(self.columns)


CUSTOMERS: Final = Layout(COLUMNS, "listy klientów", "Klienci są")
"""The list of customers."""


class CustomerFileError(Exception):
    """A customer file that cannot be taken; all problems as ``(line, Polish message)``, line 0 for the file itself."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(f"customer file with {len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Piece:
    """The cells of our columns as they came, by line of the file, and the lines whose cells do not fit the heading."""

    cells: pd.DataFrame
    misfits: frozenset[int]


@dataclass(frozen=True)
class Table:
    """The rows of a file below its heading, piece by piece, once; CustomerFileError where one cannot be read."""

    width: int
    pieces: Iterator[Piece]


def read_table(path: Path, notice: Callable[[str], None], layout: Layout = CUSTOMERS) -> Table:
    """The table of a file; CustomerFileError when its form allows none. ``notice`` is told what was left out."""
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise CustomerFileError([(0, "Podaj plik .csv (UTF-8) albo .xlsx.")])
    try:
        content = path.read_bytes()
    except OSError as error:
        text = "Nie można otworzyć pliku. Sprawdź jego nazwę, folder i uprawnienia."
        raise CustomerFileError([(0, text)]) from error
    if other := disguised(kind, content):
        raise CustomerFileError([(0, other)])
    if kind == ".xlsx":
        return _table(_sheet_rows(content, notice, layout), notice, layout)
    return _table(_csv_rows(_decoded(content, notice), layout), notice, layout)


def _table(rows: Iterator[_Line], notice: Callable[[str], None], layout: Layout) -> Table:
    found = next(((line, row) for line, row in rows if any(cell.strip() for cell in row)), None)
    if found is None:
        raise CustomerFileError([(0, _EMPTY)])
    line, names = found
    columns = layout.columns
    headings = [layout.heading(cell) for cell in names]
    lacking = "Dodaj ją albo nazwij tak tę, w której są te dane."
    problems = [(line, f"Brakuje kolumny {name}. {lacking}") for name in columns if name not in headings]
    problems += [(line, f"Kolumna {name} występuje dwa razy.") for name in columns if headings.count(name) > 1]
    if problems:
        no_column = None if set(headings) & set(columns) else (line, _no_column(layout))
        cause = _cause([found, *islice(rows, _ROWS_ABOVE - 1)], layout) or no_column
        raise CustomerFileError([cause] if cause else problems)
    ignored = [name for name in headings if name and name not in (*columns, layout.heading(PART_OF_MERGED))]
    if ignored:
        notice(f"Pominięto kolumny: {', '.join(ignored)}.")
    width = max(at for at, name in enumerate(headings) if name) + 1
    places = [headings.index(name) for name in columns]
    return Table(width, _pieces(rows, columns, places, width))


def _pieces(rows: Iterator[_Line], names: Sequence[str], places: Sequence[int], width: int) -> Iterator[Piece]:
    while found := list(islice(rows, _ROWS_OF_PIECE)):
        lines, body = zip(*found, strict=True)
        odd = np.flatnonzero(np.fromiter((len(row) for row in body), int, len(body)) != width)
        misfits = {lines[at] for at in map(int, odd) if _misfits(body[at], width)}
        cut = body if not len(odd) else [(*row, *[""] * (width - len(row)))[:width] for row in body]
        columns = list(zip(*cut, strict=True))
        cells = {name: columns[at] for name, at in zip(names, places, strict=True)}
        yield Piece(pd.DataFrame(cells, index=lines, dtype=object), frozenset(misfits))


def _no_column(layout: Layout) -> str:
    return (
        f"W pierwszym wierszu nie ma żadnej kolumny {layout.name}. Mają się nazywać "
        f"{', '.join(layout.columns)} i być oddzielone średnikiem, przecinkiem albo tabulatorem."
    )


def _cause(rows: Sequence[_Line], layout: Layout) -> tuple[int, str] | None:
    """Why the first row names no columns, where that can be told: what one has to change is not the columns."""
    for at, (line, row) in enumerate(rows):
        names = layout.among(row)
        if any(len(_named_in(cell, layout)) > 1 for cell in row):
            return line, _ONE_CELL
        if len(names) > 1:
            return (line, _TITLE) if at else None
    return None


def _named_in(cell: str, layout: Layout) -> set[str]:
    """Our columns in one cell, where more than one stand in it."""
    parts = max((cell.split(sign) for sign in _SEPARATORS), key=len)
    return layout.among([part.strip('"') for part in parts]) if len(parts) > 1 else set()


def _misfits(row: Sequence[str], width: int) -> bool:
    """Whether a row has other cells than the heading; a wholly empty one is none."""
    return any(cell.strip() for cell in row) and (len(row) < width or any(cell.strip() for cell in row[width:]))


def _decoded(content: bytes, notice: Callable[[str], None]) -> TextIO:
    """The text, which is decoded while it is read where it is UTF-8: as a whole it would take three times as much."""
    for kind, marks in _WIDE.items():
        if content.startswith(marks):
            return io.StringIO(_wide(content, kind).rstrip(_AFTER_THE_END), newline="")
    content = content.rstrip(_AFTER_THE_END.encode())
    if b"\0" in content:
        text = "To nie jest plik tekstowy albo jest w kodowaniu UTF-16 bez znacznika. Zapisz go jako „CSV UTF-8”."
        raise CustomerFileError([(0, text)])
    try:
        _require_utf8(content)
        return io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="")
    except UnicodeDecodeError:
        found = _in_old_encodings(content)
        if len(found) == 1:
            ((text, name),) = found.items()
            read = "polskie litery odczytano" if not letters_replaced(text) else _REPLACED
            notice(f"Plik jest w kodowaniu {name}, nie UTF-8; {read}.")
            return io.StringIO(text, newline="")
        line = _first_other(content)
        told = "Plik nie jest w kodowaniu UTF-8. W programie Excel zapisz go jako „CSV UTF-8”."
        raise CustomerFileError([(line, told)]) from None


def _wide(content: bytes, kind: str) -> str:
    """A text whose mark says that its signs take two or four bytes; its headings tell whether that is so."""
    told = (
        f"Znacznik na początku pliku mówi, że to {kind}, ale plik jest zapisany inaczej albo urwany. Zapisz go "
        "ponownie jako „CSV UTF-8”."
    )
    try:
        text = content.decode(kind)
    except UnicodeDecodeError as error:
        raise CustomerFileError([(0, told)]) from error
    if text and not any(sign.isascii() and sign.isalpha() for sign in text[:_LONGEST_CELL]):
        raise CustomerFileError([(0, told)])
    return text


def _require_utf8(content: bytes) -> None:
    decoder = getincrementaldecoder("utf-8")()
    for at in range(0, len(content), _BYTES_AT_ONCE):
        decoder.decode(content[at : at + _BYTES_AT_ONCE])
    decoder.decode(b"", final=True)


def _first_other(content: bytes) -> int:
    """The line in which a text stops being UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    return 0


def _in_old_encodings(content: bytes) -> dict[str, str]:
    """What the bytes say in each older encoding in which they are Polish; one text means that there is no doubt."""
    found: dict[str, str] = {}
    for encoding, name in _OLD_ENCODINGS.items():
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(sign.isascii() or sign in _POLISH for sign in set(text)):
            found.setdefault(text, name)
    return found


def _csv_rows(file: TextIO, layout: Layout) -> Iterator[_Line]:
    """All rows, each with the line of the file at which it begins."""
    beginning = file.read(2 * _LONGEST_CELL)
    file.seek(0)
    separator, skipped = _separator(beginning, layout)
    spaced = f'{separator} "' in "".join(beginning.splitlines()[skipped : skipped + 1])
    reader = csv.reader(file, delimiter=separator, strict=True, skipinitialspace=spaced)
    csv.field_size_limit(_LONGEST_CELL)
    line, width = 1, 0
    try:
        for at, row in enumerate(reader):
            if at >= skipped:
                width = width or len(row)
                if reader.line_num > line and any(_holds_rows(cell, separator, width) for cell in row):
                    raise CustomerFileError([(line, _UNCLOSED)])
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        told = "Nie można odczytać wierszy: sprawdź, czy każdy cudzysłów jest zamknięty."
        raise CustomerFileError([(line, told)]) from error


def _holds_rows(cell: str, separator: str, width: int) -> bool:
    """Whether a quote has swallowed the ends and beginnings of rows: about as many separators as they have cells."""
    ends = cell.count("\n") or cell.count("\r")
    return 2 * cell.count(separator) >= ends * (width - 1) > 0


def _separator(text: str, layout: Layout) -> tuple[str, int]:
    """The separator, and how many lines above the table only name it, as Excel's ``sep=;`` does."""
    first = text.partition("\n")[0].strip("\r")
    if named := re.fullmatch(r'"?sep=(.)"?[;,]*', first, re.IGNORECASE):
        return named[1], 1
    return max(_SEPARATORS, key=lambda sign: _headings_by(sign, text, layout)), 0


def _headings_by(separator: str, text: str, layout: Layout) -> tuple[int, int]:
    """How many of our columns a separator finds in one row, and how often it parts the first row at all."""
    reader = csv.reader(io.StringIO(text.lstrip()[:_LONGEST_CELL], newline=""), delimiter=separator)
    rows = list(islice(reader, _ROWS_ABOVE)) or [[]]
    return max(len(layout.among(row)) for row in rows), len(rows[0])


def _sheet_rows(content: bytes, notice: Callable[[str], None], layout: Layout) -> Iterator[_Line]:
    try:
        if is_too_large(content):
            raise CustomerFileError([(0, TOO_LARGE)])
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name = _chosen(book, notice, layout)
            sheet = book.get_sheet_by_name(name)
            rows, merged = sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or []
        faults, looks = faulty_cells(content, name), looks_of(content, name)
    except PasswordError as error:
        text = "Arkusz jest zabezpieczony hasłem. Zapisz go bez hasła."
        raise CustomerFileError([(0, text)]) from error
    except (CalamineError, BadZipFile, KeyError, ValueError) as error:
        text = "Nie można otworzyć arkusza. Zapisz go ponownie jako .xlsx, bez hasła, albo jako CSV UTF-8."
        raise CustomerFileError([(0, text)]) from error
    for told in looks.told:
        notice(told)
    texts = [[cell if isinstance(cell, str) else _text(cell) for cell in row] for row in rows]
    for (line, at), text in looks.texts.items():
        if texts[line - 1 : line] and texts[line - 1][at - 1 : at]:
            texts[line - 1][at - 1] = text
    for (top, left), (bottom, right) in merged:
        if any(texts[top][left : left + 1] for _ in texts[top : top + 1]):
            inside = ((line, at) for line in range(top, bottom + 1) for at in range(left, right + 1))
            faults |= {(line + 1, at + 1): PART_OF_MERGED for line, at in inside if (line, at) != (top, left)}
    width = max(map(len, texts), default=0)
    for (line, at), told in faults.items():
        texts += [[""] * width for _ in range(line - len(texts))]
        row = texts[line - 1]
        row += [""] * (at - len(row))
        row[at - 1] = told
    return enumerate(texts, 1)


def _chosen(book: CalamineWorkbook, notice: Callable[[str], None], layout: Layout) -> str:
    """The one sheet with our headings that is not hidden; the first sheet, to tell what it lacks, when none has."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    shown = [sheet.name for sheet in sheets if sheet.visible is SheetVisibleEnum.Visible]
    ours = [name for name in shown if _has_headings(book, name, layout)] if len(sheets) > 1 else shown
    if len(ours) > 1:
        text = f"{layout.rows} w kilku arkuszach: {', '.join(ours)}. Zostaw w pliku jeden."
        raise CustomerFileError([(0, text)])
    hidden = [sheet.name for sheet in sheets if sheet.name not in shown]
    if not ours and any(_has_headings(book, name, layout) for name in hidden):
        raise CustomerFileError(
            [(0, f"{layout.rows} tylko w ukrytym arkuszu. Odkryj go albo zapisz jako osobny plik.")]
        )
    if not shown:
        raise CustomerFileError([(0, _EMPTY)])
    chosen = (ours or shown)[0]
    others = [sheet.name for sheet in sheets if sheet.name != chosen]
    if others:
        notice(f"Wczytano arkusz {chosen}, pominięto: {', '.join(others)}.")
    return chosen


def _has_headings(book: CalamineWorkbook, name: str, layout: Layout) -> bool:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=20)
    return any(layout.columns[0] in map(layout.heading, map(str, row)) for row in rows)


def _text(value: Any) -> str:
    """A cell that is no text: whole numbers as digits; dates, times and truth values as programs write them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
