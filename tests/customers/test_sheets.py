"""Sheets as customer files: cells that are no text, errors, merged and hidden ones, and what else a book holds."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from customers import spreadsheet_parts
from customers.records import COLUMNS
from customers.spreadsheet_faults import FORMULA_WITHOUT_RESULT, PART_OF_MERGED, faulty_cells
from customers.spreadsheet_size import TOO_LARGE
from tests.customers.written_lists import (
    CELLS,
    HEADING,
    LINE,
    csv_file,
    customers,
    lacking,
    refused,
    stored_as,
    table,
    workbook,
)

HOUSE = COLUMNS.index("house") + 1


def broken(page: Worksheet, book: openpyxl.Workbook) -> None:
    """A list whose house is an error and whose flat a formula."""
    customers(page, book)
    page.cell(2, HOUSE).value, page.cell(2, HOUSE).data_type = "#N/A", "e"
    page.cell(2, HOUSE + 1).value = "=B2"


@pytest.mark.parametrize(
    ("value", "text"),
    [(12, "12"), (12.0, "12"), (12.5, "12.5"), (-3.0, "-3"), (0, "0"), (123456789012, "123456789012"), (True, "True"),
     (2e15, "2000000000000000.0"), (1e15, "1000000000000000.0"), (1e15 - 1, "999999999999999")],
)  # fmt: skip
def test_a_whole_number_of_a_sheet_becomes_its_digits_and_nothing_else_does(
    tmp_path: Path, value: object, text: str
) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        customers(page, book)
        page.cell(2, HOUSE).value = value  # type: ignore[assignment]

    found, _ = table(workbook(tmp_path, fill))
    assert found.cells["house"].iloc[0] == text


def test_rows_of_a_sheet_bear_their_number_below_empty_ones_and_a_title(tmp_path: Path) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        customers(page, book)
        page.insert_rows(1, 3)

    found, notices = table(workbook(tmp_path, fill))
    assert (list(found.cells.index), tuple(found.cells.iloc[0]), notices) == ([5], CELLS, [])


def test_of_several_sheets_the_one_with_headings_below_a_title_is_found(tmp_path: Path) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        page.append(["uwagi"])
        other = book.create_sheet("Klienci")
        customers(other)
        other.insert_rows(1, 3)
        other.cell(5, HOUSE).value, other.cell(5, HOUSE).data_type = "#REF!", "e"
        book.create_chartsheet("Wykres")

    found, notices = table(workbook(tmp_path, fill))
    assert (list(found.cells.index), found.cells["house"].iloc[0]) == ([5], "#REF!")
    assert notices == ["Wczytano arkusz Klienci, pominięto: Sheet."]


def test_of_several_sheets_without_our_headings_the_first_one_is_told_what_it_lacks(tmp_path: Path) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        page.append(list(COLUMNS[1:]))
        book.create_sheet("Drugi").append(["x"])

    assert refused(workbook(tmp_path, fill)) == (1, lacking("customer_no"))
    assert refused(workbook(tmp_path, lambda _page, _book: None))[1].startswith("Plik jest pusty.")


def test_an_error_right_of_and_below_all_values_is_at_its_place(tmp_path: Path) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        customers(page, book)
        for line in (3, 5):
            page.cell(line, 28).value, page.cell(line, 28).data_type = "#N/A", "e"

    path = workbook(tmp_path, fill)
    assert faulty_cells(path.read_bytes(), "Sheet") == {(3, 28): "#N/A", (5, 28): "#N/A"}
    found, _ = table(path)
    assert (found.misfits, list(found.cells.index)) == ({3, 5}, [2, 3, 4, 5])


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r' r="[A-Z]*[0-9]+"', ""),
        (r"<(/?)(row|c|f|v)\b", r"<\1x:\2"),
        (r't="e"', "t='e'"),
        (r"<f>", '<f t="shared" si="0">'),
    ],
)
def test_faults_are_found_however_a_program_stores_rows_and_cells(tmp_path: Path, pattern: str, instead: str) -> None:
    def change(text: str) -> str:
        named = text.replace(
            "<worksheet ", '<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        )
        return re.sub(pattern, instead, named)

    path = stored_as(workbook(tmp_path, broken), change)
    assert faulty_cells(path.read_bytes(), "Sheet") == {(2, HOUSE): "#N/A", (2, HOUSE + 1): FORMULA_WITHOUT_RESULT}


@pytest.mark.parametrize(
    "target", ["/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml", "./worksheets/../worksheets/sheet1.xml"]
)
def test_the_part_of_a_sheet_is_found_by_any_path(tmp_path: Path, target: str) -> None:
    path = stored_as(
        workbook(tmp_path, broken),
        lambda text: re.sub(r'"[^"]*worksheets/sheet1.xml"', f'"{target}"', text),
        "xl/_rels/workbook.xml.rels",
    )
    assert len(faulty_cells(path.read_bytes(), "Sheet")) == 2
    with pytest.raises(ValueError, match="do not fit"):
        faulty_cells(path.read_bytes(), "Inny")


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        ("<v>12</v>", None), ("<v></v>", FORMULA_WITHOUT_RESULT), ("<v/>", FORMULA_WITHOUT_RESULT),
        ("", FORMULA_WITHOUT_RESULT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["", ' t="str"'])
def test_a_formula_counts_with_a_stored_result_and_an_empty_text_is_one(
    tmp_path: Path, result: str, kind: str, fault: str | None
) -> None:
    def change(text: str) -> str:
        return re.sub(r'<c r="G2"[^>]*><f>B2</f><v ?/?>(?:</v>)?</c>', f'<c r="G2"{kind}><f>B2</f>{result}</c>', text)

    path = stored_as(workbook(tmp_path, broken), change)
    empty_text = kind and result in {"<v></v>", "<v/>"}
    assert faulty_cells(path.read_bytes(), "Sheet").get((2, HOUSE + 1)) == (None if empty_text else fault)


def test_an_error_without_a_name_is_an_error(tmp_path: Path) -> None:
    path = stored_as(workbook(tmp_path, broken), lambda text: text.replace("<v>#N/A</v>", ""))
    assert faulty_cells(path.read_bytes(), "Sheet")[2, HOUSE] == "#BŁĄD!"


@pytest.mark.parametrize("piece", [2, 7, 100])
def test_a_fault_is_found_where_two_pieces_of_the_file_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(spreadsheet_parts, "_PIECE", piece)
    path = workbook(tmp_path, broken)
    assert len(faulty_cells(path.read_bytes(), "Sheet")) == 2
    assert faulty_cells(workbook(tmp_path, customers).read_bytes(), "Sheet") == {}


def test_the_parts_of_a_merged_cell_are_not_taken_for_empty_ones_and_a_title_that_is_merged_is_a_title(
    tmp_path: Path,
) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        customers(page, book)
        for number in ("10000002", "10000003"):
            page.append([number, *CELLS[1:]])
        page.merge_cells("E2:E3")
        page.merge_cells("I3:J4")
        page.merge_cells("K2:K4")

    path = workbook(tmp_path, fill)
    found, notices = table(path)
    assert list(found.cells["street"]) == ["Wodna", PART_OF_MERGED, "Wodna"]
    assert list(found.cells["town"]) == ["Kostrzyn", "Kostrzyn", PART_OF_MERGED]
    assert list(found.cells["phone"]) == ["", PART_OF_MERGED, PART_OF_MERGED]
    assert (set(found.cells["email"]), found.misfits, notices) == ({"", PART_OF_MERGED}, frozenset(), [])

    def titled(page: Worksheet, _book: openpyxl.Workbook) -> None:
        page.append(["Lista klientów"])
        page.merge_cells("A1:K1")
        customers(page)

    line, told = refused(workbook(tmp_path, titled))
    assert (line, told.split(" a nad nimi ")[1][:15]) == (2, "jest inny tekst")


@pytest.mark.parametrize("hidden", [True, False])
def test_rows_that_nobody_sees_are_read_and_told(tmp_path: Path, hidden: bool) -> None:
    def fill(page: Worksheet, book: openpyxl.Workbook) -> None:
        customers(page, book)
        page.append(["10000002", *CELLS[1:]])
        page.row_dimensions[2].hidden = hidden
        page.column_dimensions["K"].hidden = True

    found, notices = table(workbook(tmp_path, fill))
    assert len(found.cells) == 2
    assert [notice.split(":")[0] for notice in notices] == [
        *["Arkusz ma ukryte wiersze (na przykład filtr)"] * hidden,
        "Arkusz ma ukryte kolumny",
    ]


def test_a_row_without_height_is_told_as_a_hidden_one(tmp_path: Path) -> None:
    path = stored_as(workbook(tmp_path, customers), lambda text: text.replace('<row r="2"', '<row r="2" ht="0"'))
    _, notices = table(path)
    assert [notice[-11:] for notice in notices if "ukryte wiersze" in notice] == ["Wiersze: 2."]


def test_a_title_above_the_headings_of_a_sheet_is_the_cause_that_is_told(tmp_path: Path) -> None:
    def fill(page: Worksheet, _book: openpyxl.Workbook) -> None:
        page.append(["Odbiorcy wody"])
        customers(page)

    line, told = refused(workbook(tmp_path, fill))
    assert (line, "Usuń wiersze nad nimi" in told) == (2, True)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("after", ["", ";;"])
def test_whole_rows_in_one_cell_are_the_cause_that_is_told(tmp_path: Path, separator: str, after: str) -> None:
    lines = [f'"{one.replace(";", separator)}"{after}' for one in (HEADING, LINE)]
    assert "jedną komórką" in refused(csv_file(tmp_path, *lines))[1]

    def fill(page: Worksheet, _book: openpyxl.Workbook) -> None:
        for one in (HEADING, LINE):
            page.append([one.replace(";", separator)])

    assert "jedną komórką" in refused(workbook(tmp_path, fill))[1]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "utf-16"])
def test_text_that_is_called_a_sheet_is_told_to_be_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "klienci.xlsx"
    path.write_bytes(f"{HEADING}\n{LINE}\nŻółw\n".encode(encoding))
    assert refused(path) == (
        0, "Nazwa pliku kończy się na .xlsx, a w środku jest zwykły tekst (CSV). Zmień końcówkę nazwy na .csv.",
    )  # fmt: skip


def test_a_sheet_that_is_called_text_is_told_to_be_a_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path, customers).rename(tmp_path / "klienci.csv")
    assert refused(path) == (
        0, "Nazwa pliku kończy się na .csv, a w środku jest skoroszyt Excela. Zmień końcówkę nazwy na .xlsx.",
    )  # fmt: skip


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    """The workbook with something else in one of its parts."""
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


SHEET, BOOK, END = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "</sheetData>"
MANY_MERGED = "<mergeCell ref='A2:Z10000'/>" * 9
MANY_SHEETS = "<sheet name='x' sheetId='9' r:id='rId1'/>" * 101


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, END, f'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>{END}'),
        (SHEET, END, f'<row r="999999"><c x="/>" r = "ZZ999999"><v>1</v></c></row>{END}'),
        (SHEET, END, f'<row r="4000000000"><c r="AB4000000000"><v>1</v></c></row>{END}'),
        (SHEET, END, f'{END}<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
        (SHEET, END, f"{END}<mergeCells>{MANY_MERGED}</mergeCells>"),
        (BOOK, "<sheets>", f"<sheets>{MANY_SHEETS}"),
    ],
    ids=["far-off", "far-down", "beyond-the-last-row", "merged", "merged-often", "sheets"],
)
def test_a_small_workbook_that_asks_for_much_memory_is_refused_before_it_is_unpacked(
    tmp_path: Path, part: str, old: str, new: str
) -> None:
    path = rewritten(workbook(tmp_path, customers), part, old, new)

    assert path.stat().st_size < 1024**2
    assert refused(path) == (0, TOO_LARGE)


def test_a_workbook_that_unpacks_to_more_than_any_list_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path, customers)
    with ZipFile(path, "a", ZIP_DEFLATED) as book, book.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(513):
            part.write(bytes(1024**2))

    assert path.stat().st_size < 1024**2
    assert refused(path) == (0, TOO_LARGE)


def test_formats_down_to_the_last_row_and_over_all_columns_are_no_reason_to_refuse_a_list(tmp_path: Path) -> None:
    empty = '<row r="1048576" s="1"/><row r="9"><c r="XFD9" s="1"/></row>'
    path = rewritten(workbook(tmp_path, customers), SHEET, END, f"{empty}{END}")

    assert len(table(path)[0].cells) == 1
