"""The outer form of a customer file: which lines and cells are told, whatever program has written it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from customers import sheet_faults
from customers.list_files import CustomerFileError, Table, heading, read_table
from customers.records import COLUMNS
from customers.sheet_faults import FORMULA_WITHOUT_RESULT, faulty_cells

HEADING = ";".join(COLUMNS)
CELLS = ("10000001", "Jan Lis", "", "", "Wodna", "12", "", "66-470", "Kostrzyn", "", "")
LINE = ";".join(CELLS)
HOUSE = COLUMNS.index("house") + 1


def table(path: Path) -> tuple[Table, list[str]]:
    notices: list[str] = []
    return read_table(path, notices.append), notices


def csv_file(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "klienci.csv"
    path.write_bytes("".join(f"{line}{end}" for line in lines).encode())
    return path


def refused(path: Path) -> tuple[int, str]:
    with pytest.raises(CustomerFileError) as caught:
        read_table(path, lambda _: None)
    (problem,) = caught.value.problems
    return problem


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


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (("", " ; ", HEADING, LINE, LINE), [4, 5]),
        (("sep=;", HEADING, LINE, "", LINE), [3, 4, 5]),
        (('"SEP=;"', HEADING, LINE), [3]),
        (("sep=;;;;", HEADING, LINE), [3]),
        ((HEADING, LINE.replace("Wodna", '"Wod\nna\n"'), LINE), [2, 5]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_row_bears_the_line_at_which_it_begins(
    tmp_path: Path, rows: tuple[str, ...], lines: list[int], end: str
) -> None:
    found, notices = table(csv_file(tmp_path, *rows, end=end))
    assert (list(found.cells.index), found.width, found.misfits, notices) == (lines, 11, frozenset(), [])
    assert list(found.cells.columns) == list(COLUMNS)
    assert set(found.cells["house"]) - {""} == {"12"}


def test_columns_are_found_by_their_heading_in_any_order_and_others_are_left_out_and_named(tmp_path: Path) -> None:
    headings = ("Uwagi", *reversed(COLUMNS), "Saldo", "", "")
    found, notices = table(csv_file(tmp_path, ";".join(headings), ";".join(("a", *reversed(CELLS), "b", "", ""))))
    assert (tuple(found.cells.iloc[0]), found.width, notices) == (CELLS, 13, ["Pominięto kolumny: uwagi, saldo."])


@pytest.mark.parametrize(
    ("row", "misfit"),
    [
        (LINE, False), (LINE + ";", False), (LINE + "; ;;", False), (LINE + ";;x", True), (LINE + ";x", True),
        (LINE.removesuffix(";"), True), ("", False), (" ; ", False), (";" * 40, False), ("10000001", True),
    ],
)  # fmt: skip
def test_a_row_is_a_misfit_when_it_lacks_cells_or_says_something_beyond_the_heading(
    tmp_path: Path, row: str, misfit: bool
) -> None:
    found, _ = table(csv_file(tmp_path, HEADING, LINE, row, LINE))
    assert found.misfits == ({3} if misfit else set())
    assert [list(found.cells.loc[line]) for line in (2, 4)] == [list(CELLS)] * 2
    assert len(found.cells.loc[3]) == len(COLUMNS)


def test_the_separator_is_the_sign_that_finds_most_of_our_headings_however_often_another_occurs(tmp_path: Path) -> None:
    headings = f"{HEADING};{','.join('uwaga ' * 9)}"
    found, _ = table(csv_file(tmp_path, headings, f"{LINE};a,b,c,d"))
    assert tuple(found.cells.iloc[0]) == CELLS


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("\ufeffCustomer  No ", "customer_no"),
        ("__Name\n", "name"),
        ("CUSTOMER_NO", "customer_no"),
        ("e-mail", "e-mail"),
    ],
)
def test_headings_are_compared_without_blanks_and_capitals(text: str, compared: str) -> None:
    assert heading(text) == compared


def test_faults_of_the_form_are_told_at_their_line_with_a_remedy(tmp_path: Path) -> None:
    assert refused(csv_file(tmp_path, HEADING, LINE, '10000002;"Jan')) == (
        3, "Nie można odczytać wierszy: sprawdź, czy każdy cudzysłów jest zamknięty.",
    )  # fmt: skip
    assert refused(csv_file(tmp_path, "", ";;")) == (0, "Plik jest pusty. Pierwszy wiersz ma zawierać nazwy kolumn.")
    assert refused(csv_file(tmp_path, "", HEADING.replace(";email", ""), "")) == (2, "Brakuje kolumny email.")
    torn = tmp_path / "torn.csv"
    torn.write_bytes(HEADING.encode("utf-16")[:-1])
    assert refused(torn) == (0, "Plik UTF-16 jest urwany. Zapisz go ponownie jako „CSV UTF-8”.")
    torn.write_bytes(f"{HEADING}\n{LINE}\n".encode() + b"\x81\x83\x98\n")
    assert refused(torn) == (3, "Plik nie jest w kodowaniu UTF-8. W programie Excel zapisz go jako „CSV UTF-8”.")


def test_a_cell_longer_than_a_novel_is_read_and_one_beyond_the_limit_is_told(tmp_path: Path) -> None:
    found, _ = table(csv_file(tmp_path, HEADING, LINE.replace("Wodna", "x" * 131_072)))
    assert len(found.cells["street"].iloc[0]) == 131_072
    assert refused(csv_file(tmp_path, HEADING, LINE.replace("Wodna", "x" * 131_073)))[0] == 2


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("cp1250", "Windows-1250"), ("iso8859-2", "ISO 8859-2"), ("cp852", "CP852")],
)
def test_an_old_encoding_is_named(tmp_path: Path, encoding: str, told: str) -> None:
    path = csv_file(tmp_path, HEADING, LINE)
    path.write_bytes(path.read_bytes().replace(b"Wodna", "Żąśliwa".encode(encoding)))
    found, notices = table(path)
    assert found.cells["street"].iloc[0] == "Żąśliwa"
    assert notices == [f"Plik jest w kodowaniu {told}, nie UTF-8; polskie litery odczytano."]


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

    assert refused(workbook(tmp_path, fill)) == (1, "Brakuje kolumny customer_no.")
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


def broken(page: Worksheet, book: openpyxl.Workbook) -> None:
    """A list whose house is an error and whose flat a formula."""
    customers(page, book)
    page.cell(2, HOUSE).value, page.cell(2, HOUSE).data_type = "#N/A", "e"
    page.cell(2, HOUSE + 1).value = "=B2"


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
    monkeypatch.setattr(sheet_faults, "_PIECE", piece)
    path = workbook(tmp_path, broken)
    assert len(faulty_cells(path.read_bytes(), "Sheet")) == 2
    assert faulty_cells(workbook(tmp_path, customers).read_bytes(), "Sheet") == {}


def test_letters_that_a_program_has_replaced_are_not_said_to_be_read(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADING, LINE)
    path.write_bytes(path.read_bytes().replace(b"Wodna", "Ma?a Górna".encode("cp1250")))
    _, (notice,) = table(path)
    assert "odczytano" not in notice
    assert "wstawił w ich miejsce „?”" in notice


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("above", [("Odbiorcy wody, stan na 1 lipca; wydruk",), ("Odbiorcy", "", "Rejon 2")])
def test_a_title_above_the_headings_is_the_cause_that_is_told(
    tmp_path: Path, above: tuple[str, ...], separator: str
) -> None:
    path = csv_file(tmp_path, *above, HEADING.replace(";", separator), LINE.replace(";", separator))
    line, told = refused(path)
    assert (line, "Usuń wiersze nad nimi" in told) == (len(above) + 1, True)


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


def test_a_column_that_lacks_below_a_right_heading_is_still_told_by_its_name(tmp_path: Path) -> None:
    assert refused(csv_file(tmp_path, HEADING.replace(";town", ""), LINE)) == (1, "Brakuje kolumny town.")


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


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "stary skoroszyt"), (b"%PDF-1.7\n", "PDF"),
        (b"\n<html><table><tr><td>customer_no</td></tr></table></html>", "HTML"), (b'<?xml version="1.0"?><a/>', "XML"),
    ],
)  # fmt: skip
def test_other_kinds_of_files_are_told_whatever_they_are_called(
    tmp_path: Path, suffix: str, content: bytes, told: str
) -> None:
    path = tmp_path / f"klienci{suffix}"
    path.write_bytes(content)
    assert f"a w środku jest {told}" in refused(path)[1].replace("strona HTML albo XML", f"{told} strona")


def test_an_archive_that_holds_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "klienci.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("klienci.csv", HEADING)
    assert "archiwum ZIP" in refused(path)[1]
