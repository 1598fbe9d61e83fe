"""Customer lists as programs and people hand them over: what identifies refuses, what only helps becomes unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture
from openpyxl.styles import Font, PatternFill
from PIL import Image

from customers.customer_list import CustomerList, read_customers
from customers.list_files import CustomerFileError
from customers.records import COLUMNS

CASES = Path(__file__).parents[1] / "cases" / "import"
HEADING = ";".join(COLUMNS)
ROW = {
    "customer_no": "10000001",
    "name": "Żaneta Wójcik",
    "pesel": "44051401359",
    "nip": "1234563218",
    "street": "Wodna",
    "house": "12",
    "flat": "3",
    "postcode": "66-470",
    "town": "Kostrzyn nad Odrą",
    "phone": "600700800",
    "email": "zaneta@example.com",
}

pytestmark = pytest.mark.usefixtures("home")


def line(**cells: str) -> str:
    return ";".join({**ROW, **cells}.values())


def listed(folder: Path, *lines: str, heading: str = HEADING, encoding: str = "utf-8") -> CustomerList:
    return read_customers(written(folder, *lines, heading=heading, encoding=encoding))


def written(folder: Path, *lines: str, heading: str = HEADING, encoding: str = "utf-8") -> Path:
    path = folder / "klienci.csv"
    path.write_bytes("".join(f"{one}\r\n" for one in (heading, *lines)).encode(encoding))
    return path


def refused(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(CustomerFileError) as caught:
        read_customers(path)
    return caught.value.problems


def sheet(folder: Path, fill: Callable[[Any, openpyxl.Workbook], None]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(list(COLUMNS))
    page.append(list(ROW.values()))
    fill(page, book)
    path = folder / "klienci.xlsx"
    book.save(path)
    return path


def _patch() -> BytesIO:
    made = BytesIO()
    Image.new("L", (200, 20), 255).save(made, "PNG")
    return made


def _half_struck() -> CellRichText:
    return CellRichText("Jan ", TextBlock(InlineFont(strike=True), "Nowak"), " Lis")


@pytest.mark.parametrize("name", ["customers-of-the-cases.csv", "01-sep-line.csv", "28-header-quoted-with-newline.csv"])
def test_files_whose_form_is_unusual_are_read_whole(name: str) -> None:
    found = read_customers(CASES / name)
    assert found.doubts == []
    first = found.records[0]
    assert (first.customer_no, first.name, first.house) == ("30294429", "Mirosława Kozłowska-Żuk", "126A")


@pytest.mark.parametrize(("name", "raw"), [("11-house-date.csv", "05.lip"), ("x4-house-date.xlsx", "2026-07-05")])
def test_house_numbers_turned_into_days_become_unknown_and_are_told(name: str, raw: str) -> None:
    found = read_customers(CASES / name)
    first, *others = found.records
    assert (first.house, dict(first.unusable), first.unknown) == (None, {"house": raw}, {"house"})
    assert (first.phone, first.email, [other.house for other in others]) == (
        "785648089", "zuk89@example.com", ["94A", "32", "53"],
    )  # fmt: skip
    ((doubt,)) = found.doubts
    assert (doubt.line, doubt.customer_no, doubt.column, doubt.raw) == (2, "30294429", "house", raw)
    assert doubt.reason == "Arkusz zamienił wartość na datę."


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("phone", "123"), ("phone", "600100200, 95 727 96 51"), ("phone", "600100200/957279651"),
        ("phone", "95 727 96 51 wew. 12"), ("phone", "957279651 w 12"), ("phone", "6,007E+08"), ("phone", "Jan"),
        ("email", "a@b,c"), ("email", "jan@example.com ewa@example.com"), ("email", "jan@example.com, ewa@example.com"),
        ("email", "jan@example.com e"), ("email", "jan.example.com"), ("email", "jan@exámple.com"),
        ("pesel", "44051401358"), ("pesel", "4405140135"), ("pesel", "4,40514E+10"), ("nip", "1234563219"),
        ("postcode", "66-47"), ("postcode", "2123"), ("postcode", "66-4700"), ("house", "05.lip"), ("house", "46208"),
        ("house", "x" * 21), ("flat", "01:02:00"), ("flat", "#ARG!"), ("street", "#N/A"), ("street", "03.maj"),
        ("street", "x" * 101), ("town", "#REF!"), ("town", "Kostrzy\ufffd"), ("house", "=5/7"), ("flat", "1,5"),
        ("street", "45000"), ("street", "TRUE"), ("street", "Le?na"), ("street", "2,5E+07"), ("street", "Leœna"),
        ("town", "62-800"), ("town", "0"), ("town", "Kostrzyn nad OdrÄ…"), ("house", "0"), ("house", "?"),
        ("house", "1 900-01-05"), ("flat", "0"), ("town", "Kostrzyn nan"),
    ],
)  # fmt: skip
def test_what_only_contacts_or_helps_becomes_unknown_kept_raw_and_told(tmp_path: Path, column: str, cell: str) -> None:
    found = listed(tmp_path, line(customer_no="10000002"), line(**{column: cell}))
    right, wrong = found.records
    assert right.unusable == {}
    assert {name: getattr(wrong, name) for name in COLUMNS} == {**ROW, column: None}
    assert (wrong.unusable, wrong.unknown) == ({column: cell}, {column})
    ((doubt,)) = found.doubts
    assert (doubt.line, doubt.customer_no, doubt.column, doubt.raw) == (3, "10000001", column, cell)
    assert doubt.reason.endswith(".")
    with pytest.raises(CustomerFileError) as caught:
        read_customers(tmp_path / "klienci.csv", strict=True)
    ((at, message),) = caught.value.problems
    assert (at, message.split(" ")[0]) == (3, column)


@pytest.mark.parametrize("word", ["NULL", "nan", "brak", "N/A", "<NA>", "NaT", "\\N", "pd.NA", "x", "b/n"])
@pytest.mark.parametrize("column", ["street", "flat", "phone", "email", "pesel"])
def test_a_word_for_nothing_is_nothing_and_told(tmp_path: Path, column: str, word: str) -> None:
    found = listed(tmp_path, line(**{column: word}))
    (record,) = found.records
    assert (getattr(record, column), record.unusable) == (None, {})
    assert [(doubt.column, doubt.raw) for doubt in found.doubts] == [(column, word)]


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", "-", "–"])
def test_an_empty_cell_or_a_dash_is_nothing_and_no_doubt(tmp_path: Path, cell: str) -> None:
    found = listed(tmp_path, line(flat=cell, phone=cell))
    assert (found.records[0].flat, found.records[0].phone, found.doubts) == (None, None, [])


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("postcode", "66470", "66-470"), ("postcode", "66470.0", "66-470"), ("phone", "600700800.0", "600700800"),
        ("phone", "+48 600 700 800", "600700800"), ("phone", "tel. 95 727 96 51", "957279651"),
        ("email", "mailto:Jan@Example.com", "jan@example.com"), ("nip", "123-456-32-18", "1234563218"),
        ("customer_no", '="00000007"', "00000007"), ("customer_no", "'00000007", "00000007"),
        ("name", "Żaneta\u00a0 Wójcik", "Żaneta Wójcik"), ("house", "5/7", "5/7"), ("street", "3 Maja", "3 Maja"),
    ],
)  # fmt: skip
def test_what_can_only_be_one_thing_is_taken(tmp_path: Path, column: str, cell: str, value: str) -> None:
    quoted = '"{}"'.format(cell.replace('"', '""'))
    found = listed(tmp_path, line(**{column: quoted}))
    assert (getattr(found.records[0], column), found.doubts) == (value, [])


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("customer_no", "", "uzupełnij"), ("customer_no", "1234567", "zgubił zero z przodu"),
        ("customer_no", "123456789", "dokładnie 8 cyfr"), ("customer_no", "1,23457E+07", "potęgi"),
        ("customer_no", "1234567A", "same cyfry"), ("customer_no", "RAZEM", "podsumowanie albo stopka, usuń go"),
        ("customer_no", "", "podsumowanie albo stopka, usuń go"), ("customer_no", "#N/A", "Błąd arkusza"),
        ("customer_no", "NULL", "uzupełnij"), ("name", "", "uzupełnij"), ("name", "NULL", "uzupełnij"),
        ("name", "#REF!", "Błąd arkusza"), ("name", "2026-07-05 00:00:00", "datę"), ("name", "-", "uzupełnij"),
        ("name", "Wójci\ufffd", "kodowania"),
        ("name", "0", "Liczba"), ("name", "TRUE", "logiczna"), ("name", "45000", "dzień 2023-03-15"),
        ("name", "NaT", "uzupełnij"),
        ("name", "??", "znaki"), ("name", "Ma?gorzata Lis", "kodowania"), ("name", "MaĹ‚gorzata Lis", "kodowania"),
        ("name", "Ma³gorzata Lis", "kodowania"), ("name", "Ewa Lis #N/D", "Obok"), ("name", "Ewa None", "Obok"),
        ("name", "None Nan", "uzupełnij"), ("name", "[object Object]", "uzupełnij"), ("name", "9,9E+05", "potęgi"),
        ("name", "x" * 201, "200 znaków"),
    ],
)  # fmt: skip
def test_what_identifies_refuses_the_file_by_line(tmp_path: Path, column: str, cell: str, told: str) -> None:
    ((at, message),) = refused(written(tmp_path, line(customer_no="10000002"), line(**{column: cell})))
    assert at == 3
    assert message.startswith(f"{column} (")
    assert told in message


@pytest.mark.parametrize(
    ("column", "cell"), [("customer_no", "123456789"), ("customer_no", "1234567A"), ("postcode", "66-4700")]
)
def test_a_zero_is_said_to_be_lost_only_where_digits_are_too_few(tmp_path: Path, column: str, cell: str) -> None:
    with pytest.raises(CustomerFileError) as caught:
        read_customers(written(tmp_path, line(**{column: cell})), strict=True)
    assert "zgubił zero" not in caught.value.problems[0][1]


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("phone", "957279651 wew. 12", "Numer z wewnętrznym"), ("phone", "957279651 W 12", "Numer z wewnętrznym"),
        ("phone", "957279651 #12", "Numer z wewnętrznym"), ("phone", "600100200, 957279651", "Kilka numerów"),
        ("email", "jan@example.com ewa@example.com", "Kilka adresów"), ("email", "a@b.pl,c@d.pl", "Kilka adresów"),
    ],
)  # fmt: skip
def test_contacts_that_are_more_than_one_are_told_as_such(tmp_path: Path, column: str, cell: str, told: str) -> None:
    ((doubt,)) = listed(tmp_path, line(**{column: cell})).doubts
    assert doubt.reason.startswith(told)


@pytest.mark.parametrize("cell", ["Janina Wymyślona, PESEL 44051401359", "440514-01359 Janina Wymyślona"])
def test_a_pesel_beside_a_name_is_taken_out_of_it_and_told(tmp_path: Path, cell: str) -> None:
    found = listed(tmp_path, line(name=cell))
    (record,) = found.records
    assert (record.name, record.unusable, found.count) == ("Janina Wymyślona", {}, 1)
    assert [(doubt.column, doubt.reason.partition(".")[0]) for doubt in found.doubts] == [
        ("name", "W komórce stoi numer PESEL")
    ]


def test_a_pesel_within_an_address_is_kept_for_a_clerk(tmp_path: Path) -> None:
    found = listed(tmp_path, line(), line(customer_no="10000002", street="Słoneczna 4405 1401 359"))
    assert [(one.street, one.unusable) for one in found] == [
        ("Wodna", {}),
        (None, {"street": "Słoneczna 4405 1401 359"}),
    ]
    assert [doubt.reason.partition(".")[0] for doubt in found.doubts] == ["W komórce stoi numer PESEL"]


def test_a_pesel_instead_of_a_name_is_no_name(tmp_path: Path) -> None:
    assert refused(written(tmp_path, line(name="44051401359"))) == [(2, "name (nazwa): uzupełnij.")]


def test_a_number_that_comes_twice_refuses_the_file_whatever_form_it_has(tmp_path: Path) -> None:
    path = written(tmp_path, line(), line(customer_no="10000002"), line(customer_no="10000001.0"))
    assert refused(path) == [(4, "Ten numer klienta jest już w wierszu 2.")]


@pytest.mark.parametrize(
    "heading",
    [
        HEADING.upper(), HEADING.replace("customer_no", "Customer No"), HEADING.replace("name", '"name\n"'),
        HEADING.replace("customer_no", '"customer\n_no"'), HEADING.replace("street", "\u00a0street \u200b"),
        f"sep=;\r\n{HEADING}", f"\r\n{HEADING}", ";".join(f'"{name}"' for name in COLUMNS), f"{HEADING};;;",
    ],
)  # fmt: skip
def test_headings_are_known_however_they_are_written(tmp_path: Path, heading: str) -> None:
    found = listed(tmp_path, line(), heading=heading)
    assert [record.customer_no for record in found.records] == ["10000001"]


def test_the_line_that_is_told_counts_every_line_of_the_file(tmp_path: Path) -> None:
    heading = f"sep=;\r\n{HEADING}".replace("name", '"na\nme"').replace('"na\nme"', '"name\n"')
    rows = (line(street='"Wo\r\ndna"'), "", line(customer_no="10000002", phone="1"))
    assert [doubt.line for doubt in listed(tmp_path, *rows, heading=heading).doubts] == [7]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("named", [True, False])
def test_any_usual_separator_is_found(tmp_path: Path, separator: str, named: bool) -> None:
    heading = HEADING.replace(";", separator)
    found = listed(
        tmp_path, line().replace(";", separator), heading=f"sep={separator}\r\n{heading}" if named else heading
    )
    assert len(found.records) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1250", "iso8859-2", "cp852"])
def test_an_encoding_that_is_certain_is_read_and_told(tmp_path: Path, encoding: str) -> None:
    notices: list[str] = []
    path = written(tmp_path, line(name="Żaneta Gąśla", town="Łódź"), encoding=encoding)
    (record,) = read_customers(path, notice=notices.append).records
    assert (record.name, record.town) == ("Żaneta Gąśla", "Łódź")
    assert len(notices) == (encoding not in {"utf-8-sig", "utf-16"})


def test_bytes_that_may_be_two_texts_refuse_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, line(name="Jan X", town="Kostrzyn"))
    path.write_bytes(path.read_bytes().replace(b"Jan X", b"Jan G\xa5ska"))  # 'Ą' in one encoding, 'ą' in another
    ((at, message),) = refused(path)
    assert (at, "UTF-8" in message) == (2, True)
    path.write_bytes(HEADING.encode("utf-16-le"))
    assert "UTF-16" in refused(path)[0][1]


def test_columns_that_come_twice_or_lack_are_told_at_the_heading(tmp_path: Path) -> None:
    heading = HEADING.replace("flat", "house")
    assert refused(written(tmp_path, line(), heading=f"sep=;\r\n{heading}")) == [
        (2, "Brakuje kolumny flat. Dodaj ją albo nazwij tak tę, w której są te dane."),
        (2, "Kolumna house występuje dwa razy."),
    ]  # fmt: skip


def test_a_row_whose_cells_have_moved_refuses_the_file(tmp_path: Path) -> None:
    told = "Liczba kolumn inna niż w nagłówku (11). Jeśli ten wiersz to podsumowanie albo stopka, usuń go."
    assert refused(written(tmp_path, line(), line(name="Jan;Lis"), "10000003;Jan")) == [(3, told), (4, told)]


def test_cells_of_a_sheet_that_are_no_text_are_understood_or_told(tmp_path: Path) -> None:
    def fill(page: Any, _book: openpyxl.Workbook) -> None:
        page.append([10000002, "Jan Lis", None, 1234563218, "Wodna", 7, 1.5, 66470, "Drzewice", 600700800.0, None])
        page.append(
            [10000003.0, "Jan Rys", None, None, "Wodna", date(2026, 7, 5), time(1, 2), "66-470", "Xawerów", True]
        )

    found = read_customers(sheet(tmp_path, fill))
    _, second, third = found.records
    assert (second.customer_no, second.nip, second.house, second.flat, second.postcode, second.phone) == (
        "10000002", "1234563218", "7", None, "66-470", "600700800",
    )  # fmt: skip
    assert dict(second.unusable) == {"flat": "1.5"}
    assert dict(third.unusable) == {"house": "2026-07-05", "flat": "01:02:00", "phone": "True"}
    assert [doubt.line for doubt in found.doubts] == [3, 4, 4, 4]


def test_errors_and_formulas_without_result_are_not_taken_for_empty_cells(tmp_path: Path) -> None:
    def fill(page: Any, _book: openpyxl.Workbook) -> None:
        page.append(["10000002", "Jan Lis", None, None, "Wodna", "7", None, None, None, "=B2", None])
        page["F2"].value = "#N/A"
        page["F2"].data_type = "e"
        page["K3"].value = "#DIV/0!"
        page["K3"].data_type = "e"

    found = read_customers(sheet(tmp_path, fill))
    assert [(doubt.line, doubt.column, doubt.raw) for doubt in found.doubts] == [
        (2, "house", "#N/A"), (3, "phone", "#FORMUŁA"), (3, "email", "#DIV/0!"),
    ]  # fmt: skip
    assert "Formuła" in found.doubts[1].reason


def test_an_error_in_what_identifies_refuses_the_sheet(tmp_path: Path) -> None:
    def fill(page: Any, _book: openpyxl.Workbook) -> None:
        page["A2"].value, page["B2"].value = "=1+1", "#REF!"
        page["B2"].data_type = "e"

    assert [(at, message.split(" ")[0]) for at, message in refused(sheet(tmp_path, fill))] == [
        (2, "customer_no"), (2, "name"),
    ]  # fmt: skip


def test_the_one_sheet_with_customers_is_found_and_others_are_named(tmp_path: Path) -> None:
    def fill(_page: Any, book: openpyxl.Workbook) -> None:
        book.create_sheet("Uwagi", 0)["A1"] = "notatki"
        hidden = book.create_sheet("Stare")
        hidden.append(list(COLUMNS))
        hidden.sheet_state = "hidden"

    notices: list[str] = []
    assert len(read_customers(sheet(tmp_path, fill), notice=notices.append).records) == 1
    assert notices == ["Wczytano arkusz Sheet, pominięto: Uwagi, Stare."]


def test_two_sheets_with_customers_or_only_a_hidden_one_refuse_the_file(tmp_path: Path) -> None:
    def second(_page: Any, book: openpyxl.Workbook) -> None:
        book.create_sheet("Inni").append(list(COLUMNS))

    def hidden(page: Any, book: openpyxl.Workbook) -> None:
        book.create_sheet("Pusty")
        page.sheet_state = "hidden"

    assert "kilku arkuszach: Sheet, Inni" in refused(sheet(tmp_path, second))[0][1]
    assert "ukrytym" in refused(sheet(tmp_path, hidden))[0][1]


def test_empty_rows_and_columns_around_a_sheet_are_nothing(tmp_path: Path) -> None:
    def fill(page: Any, _book: openpyxl.Workbook) -> None:
        page.insert_rows(1, 2)
        page["P40"] = " "

    found = read_customers(sheet(tmp_path, fill))
    assert ([record.customer_no for record in found.records], found.doubts) == (["10000001"], [])


def test_a_workbook_whose_parts_do_not_fit_is_told_and_no_fault(tmp_path: Path) -> None:
    path = sheet(tmp_path, lambda _page, _book: None)
    torn = tmp_path / "torn.xlsx"
    with ZipFile(path) as book, ZipFile(torn, "w") as other:
        for name in book.namelist():
            content = book.read(name)
            other.writestr(name, content.replace(b"</row>", b"<f/>") if "sheet1" in name else content)
    assert "Nie można otworzyć arkusza" in refused(torn)[0][1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda page: setattr(page.row_dimensions[2], "hidden", True), ["ukryte wiersze"]),
        (lambda page: setattr(page.column_dimensions["J"], "hidden", True), ["ukryte kolumny"]),
        (lambda page: setattr(page["B2"], "font", Font(strike=True)), ["przekreślone komórki"]),
        (lambda page: setattr(page["P2"], "font", Font(strike=True)), []),  # nothing is written there
        (lambda page: setattr(page["B2"], "font", Font(bold=True)), []),
        (lambda page: setattr(page["B2"], "value", _half_struck()), ["przekreślone komórki"]),
        (lambda page: setattr(page["B2"], "font", Font(color="FFFEFEFE")), ["nie widać"]),
        (lambda page: setattr(page["B2"], "font", Font(size=1)), ["nie widać"]),
        (lambda page: setattr(page["B2"], "number_format", ";;;"), ["nie widać"]),
        (lambda page: page.add_image(Picture(_patch()), "B2"), ["zasłaniać"]),
        (lambda page: setattr(page.column_dimensions["J"], "width", 0.5), ["ukryte kolumny"]),
        (lambda page: setattr(page["B2"], "comment", Comment("nie żyje", "Ewa")), ["komentarze"]),
    ],
)
def test_what_a_person_does_not_see_as_it_is_read_is_told(
    tmp_path: Path, change: Callable[[Any], None], told: list[str]
) -> None:
    notices: list[str] = []
    assert len(read_customers(sheet(tmp_path, lambda page, _: change(page)), notice=notices.append).records) == 1
    assert [word for notice, word in zip(notices, told, strict=True) if word in notice] == told
    assert all(notice.endswith("Wiersze: 2.") for notice in notices if "kolumny" not in notice)


def test_white_letters_on_a_coloured_ground_are_seen(tmp_path: Path) -> None:
    def fill(page: Any, _book: Any) -> None:
        page["B2"].font, page["B2"].fill = Font(color="FFFFFFFF"), PatternFill("solid", fgColor="FF204060")
        page["B3"].fill = PatternFill("solid", fgColor="FF000000")

    notices: list[str] = []
    read_customers(sheet(tmp_path, fill), notice=notices.append)
    assert notices == []


def test_a_number_is_read_with_the_zeros_that_a_person_sees(tmp_path: Path) -> None:
    def fill(page: Any, _book: Any) -> None:
        for cell, (number, code) in {"A2": (1000001, "00000000"), "H2": (5123, "00-000"), "F2": (12, '0"a"')}.items():
            page[cell].value, page[cell].number_format = number, code

    found = read_customers(sheet(tmp_path, fill))
    (record,) = found.records
    assert (record.customer_no, record.postcode, record.house) == ("01000001", "05-123", "12a")
    assert found.doubts == []


def test_rows_that_are_many_are_told_by_the_first_and_their_number(tmp_path: Path) -> None:
    def fill(page: Any, _book: Any) -> None:
        for line in range(3, 20):
            page.append([f"{10000000 + line}", "Jan Lis"])
            page.cell(line, 2).font = Font(strike=True)

    notices: list[str] = []
    read_customers(sheet(tmp_path, fill), notice=notices.append)
    assert [notice[-50:] for notice in notices] == ["Wiersze: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 i 7 dalszych."[-50:]]
