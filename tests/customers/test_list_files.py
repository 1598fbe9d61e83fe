"""The outer form of a customer file: which lines and cells are told, whatever program has written it."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from customers.list_files import CUSTOMERS
from customers.records import COLUMNS
from tests.customers.written_lists import CELLS, HEADING, LINE, csv_file, lacking, refused, table


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
        ("E-mail", "email"),
        ("post\r\ncode", "postcode"),
        ("CustomerNo.", "customer_no"),
        ("Uwagi dla nas", "uwagi_dla_nas"),
    ],
)
def test_headings_are_compared_without_blanks_and_capitals(text: str, compared: str) -> None:
    assert CUSTOMERS.heading(text) == compared


def test_faults_of_the_form_are_told_at_their_line_with_a_remedy(tmp_path: Path) -> None:
    assert refused(csv_file(tmp_path, HEADING, LINE, '10000002;"Jan')) == (
        3, "Nie można odczytać wierszy: sprawdź, czy każdy cudzysłów jest zamknięty.",
    )  # fmt: skip
    assert refused(csv_file(tmp_path, "", ";;")) == (0, "Plik jest pusty. Pierwszy wiersz ma zawierać nazwy kolumn.")
    assert refused(csv_file(tmp_path, "", HEADING.replace(";email", ""), "")) == (2, lacking("email"))
    torn = tmp_path / "torn.csv"
    torn.write_bytes(HEADING.encode("utf-16")[:-1])
    assert (refused(torn)[0], "urwany. Zapisz go ponownie" in refused(torn)[1]) == (0, True)
    torn.write_bytes(f"{HEADING}\n{LINE}\n".encode() + b"\x81\x83\x98\n")
    assert refused(torn) == (3, "Plik nie jest w kodowaniu UTF-8. W programie Excel zapisz go jako „CSV UTF-8”.")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("between", [0, 3])
@pytest.mark.parametrize(("first", "last"), [("Jan", "Lis"), ("Jan", "10000001"), ("Wodna", "Lis")])
def test_a_quote_that_is_closed_only_rows_further_down_hides_no_customers(
    tmp_path: Path, separator: str, end: str, between: int, first: str, last: str
) -> None:
    opened, closed = LINE.replace(first, f'"{first}'), LINE.replace(last, f'{last}"')
    lines = [line.replace(";", separator) for line in (HEADING, LINE, opened, *[LINE] * between, closed, LINE)]
    line, told = refused(csv_file(tmp_path, *lines, end=end))
    assert (line, told) == (
        3, "Cudzysłów z tego wiersza zamyka się dopiero kilka wierszy dalej, więc klienci między nimi by przepadli. "
        "Zamknij go albo usuń.",
    )  # fmt: skip


def test_a_cell_of_several_lines_with_separators_in_them_is_one_cell(tmp_path: Path) -> None:
    cell = '"Jan Lis;\nEwa Lis; dom; ogród"'
    found, _ = table(csv_file(tmp_path, HEADING, LINE.replace("Jan Lis", cell)))
    assert found.cells["name"].iloc[0] == cell.strip('"')


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_text_of_wide_signs_is_read_by_its_mark(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path)
    path.write_bytes(f"\ufeff{HEADING}\n{LINE.replace('Jan', 'Bożena')}\n".encode(encoding))
    found, notices = table(path)
    assert (found.cells["name"].iloc[0].split()[0], notices) == ("Bożena", [])


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("more", ["", " "])
def test_a_mark_that_does_not_fit_the_text_is_the_cause_that_is_told(tmp_path: Path, mark: bytes, more: str) -> None:
    path = csv_file(tmp_path, HEADING, LINE + more)
    path.write_bytes(mark + path.read_bytes())
    line, told = refused(path)
    assert (line, "Znacznik na początku pliku" in told) == (0, True)


def test_quotes_after_a_blank_are_quotes(tmp_path: Path) -> None:
    quoted = [", ".join(f'"{cell}"' for cell in cells) for cells in (COLUMNS, CELLS)]
    found, _ = table(csv_file(tmp_path, *quoted))
    assert tuple(found.cells.iloc[0]) == CELLS


@pytest.mark.parametrize("end", [b"\x1a", b"\0", b"\x1a\0\0"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1250"])
def test_the_mark_of_an_end_that_old_programs_write_is_no_row(tmp_path: Path, end: bytes, encoding: str) -> None:
    path = csv_file(tmp_path)
    text = f"{HEADING}\n{LINE.replace('Jan', 'Bożena')}\n"
    path.write_bytes((text + end.decode()).encode(encoding))
    found, _ = table(path)
    assert (len(found.cells), found.misfits) == (1, frozenset())


@pytest.mark.parametrize("lines", ["a^b^c", "numer  nazwa  ulica", '[{"customer": "1"}]', "Numer klienta;Nazwisko"])
def test_a_file_without_any_of_our_columns_is_told_once_how_they_are_called(tmp_path: Path, lines: str) -> None:
    line, told = refused(csv_file(tmp_path, lines, lines))
    assert line == 1
    assert told.startswith("W pierwszym wierszu nie ma żadnej kolumny listy klientów")
    assert all(column in told for column in COLUMNS)


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


def test_a_column_that_lacks_below_a_right_heading_is_still_told_by_its_name(tmp_path: Path) -> None:
    assert refused(csv_file(tmp_path, HEADING.replace(";town", ""), LINE)) == (1, lacking("town"))


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
