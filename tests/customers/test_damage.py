"""What a spreadsheet has done to a cell: named, undone only where one thing alone can have stood there."""

from __future__ import annotations

import pytest

from customers.damage import damage, mended, says_nothing
from customers.spreadsheet_faults import PART_OF_MERGED


@pytest.mark.parametrize("column", ["house", "flat", "phone", "postcode", "pesel"])
@pytest.mark.parametrize(
    "cell",
    ["2026-07-05 00:00:00", "2026-07-05", "2026-07-05T00:00:00", "05.07.2026", "5/7/2026", "05.lip", "5-lip", "5-Jul",
     "lip.05", "Jul-05", "lip-26", "5-lip-26", "paź.12", "3-maj", "12-gru", "1-Sept", "5.lipca"],
)  # fmt: skip
def test_a_day_in_the_place_of_a_number_is_damage_in_every_spelling(column: str, cell: str) -> None:
    assert damage(column, mended(column, cell)) == "Arkusz zamienił wartość na datę."


@pytest.mark.parametrize("cell", [
    "5 lipca", "5 lip", "maj 03", "07.2026", "2026-07", "05.07.26", "05/07/26", "7-05-26", "Sun Jul 05 2026 00:00:00",
    "niedziela, 5 lipca 2026",
])  # fmt: skip
def test_a_house_is_no_day_however_short_it_is_written(cell: str) -> None:
    assert damage("house", cell) == "Arkusz zamienił wartość na datę."


@pytest.mark.parametrize("cell", ["01:02:00", "1:02", "01:02:00 AM", "1 day, 2:03:00", "1.02:03:00"])
def test_a_time_in_the_place_of_a_flat_is_damage(cell: str) -> None:
    assert damage("flat", cell) == "Arkusz zamienił wartość na godzinę."


def test_a_number_of_days_in_the_place_of_a_house_is_named_with_its_day() -> None:
    assert damage("house", "46208") == "Za długi numer (dzień 2026-07-05 jako liczba)."
    assert damage("house", mended("house", "46208.0")) == "Za długi numer (dzień 2026-07-05 jako liczba)."
    assert damage("house", "1234567") == "Za długi numer."


@pytest.mark.parametrize("cell", ["1,23457E+10", "1.2E+07", "9.57E+08", "1e+10"])
@pytest.mark.parametrize("column", ["customer_no", "phone", "pesel", "nip", "house"])
def test_a_power_of_ten_has_lost_digits(column: str, cell: str) -> None:
    assert "potęgi" in str(damage(column, cell))


@pytest.mark.parametrize(
    "cell",
    [
        "#Name?",
        "#Deleted",
        "err:508",
        "#N/A",
        "#N/D!",
        "#REF!",
        "#ARG!",
        "#ADR!",
        "#DZIEL/0!",
        "#VALUE!",
        "#NAZWA?",
        "########",
        "Err:502",
    ],
)
@pytest.mark.parametrize("column", ["name", "street", "town", "house", "phone", "email"])
def test_an_error_of_the_sheet_is_damage_in_every_column(column: str, cell: str) -> None:
    assert damage(column, cell) == "Błąd arkusza w miejscu wartości."


@pytest.mark.parametrize("cell", ["03.maj", "3-May", "2026-05-03 00:00:00", "#N/A", "=A2", "Krzy\ufffdowa", "12:30"])
def test_a_street_is_damaged_as_numbers_are(cell: str) -> None:
    assert damage("street", cell) is not None


@pytest.mark.parametrize(
    "cell",
    ["3 Maja", "11 Listopada", "1 Maja", "22 Lipca", "Majowa 3", "Lipowa", "1000-lecia", "Paź-Zielona", "1-go Maja"],
)  # fmt: skip
def test_streets_that_bear_a_day_are_right(cell: str) -> None:
    assert damage("street", cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "5/7",
        "5-7",
        "12A",
        "12/3/4",
        "12E3",
        "dz. 12/3",
        "9999",
        "12 m. 3",
        "14-16",
        "7B/2",
        "12/13/14",
        "5/6/27",
        "Tamka 5",
    ],
)
def test_numbers_of_houses_as_people_have_them_are_right(cell: str) -> None:
    assert damage("house", mended("house", cell)) is None


@pytest.mark.parametrize(
    "cell", ["NULL", "null", "None", "nan", "NaN", "n/a", "N/D", "brak", "Brak danych", "nie dotyczy"]
)
def test_words_for_nothing_are_known(cell: str) -> None:
    assert says_nothing(cell)


@pytest.mark.parametrize("cell", ["Nullmeyer", "Brakowa", "Nanicki", "Nadbrzeżna", "1"])
def test_words_that_only_begin_so_are_something(cell: str) -> None:
    assert not says_nothing(cell)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("customer_no", "12345678.0", "12345678"), ("customer_no", "12345678,00", "12345678"),
        ("customer_no", '="00000007"', "00000007"), ("customer_no", "'00000007", "00000007"),
        ("house", "7.0", "7"), ("house", "7.5", "7.5"), ("name", "Firma 7.0", "Firma 7.0"),
        ("phone", "tel. 600 700 800", "600 700 800"), ("phone", "tel.: 600700800", "600700800"),
        ("phone", "kom. 600700800", "600700800"), ("phone", "Telefon: 600700800", "600700800"),
        ("email", "mailto:jan@example.com", "jan@example.com"), ("email", "jan@example.com;", "jan@example.com"),
        ("email", "'jan@example.com", "jan@example.com"), ("email", "jan.o'hara@example.com", "jan.o'hara@example.com"),
        ("name", "'Łucja Lis", "Łucja Lis"), ("street", "'Wodna", "Wodna"), ("flat", "'A", "A"),
        ("name", "'t Hart", "'t Hart"), ("name", "'Kos' Jan Lis", "'Kos' Jan Lis"),
        ("street", "\u00a0Wodna\u00a0", "Wodna"),
    ],
)  # fmt: skip
def test_what_can_have_been_one_thing_only_is_undone(column: str, cell: str, value: str) -> None:
    assert mended(column, cell) == value


@pytest.mark.parametrize("column", ["name", "street", "town"])
@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("0", "Liczba"), ("00", "Liczba"), ("7", "Liczba"), ("45000", "dzień 2023-03-15"),
        ("45000.0", "dzień 2023-03-15"),
        ("45000,00", "dzień"), ("-2146826246", "cyfry i znaki"), ("3.14", "cyfry i znaki"), ("?", "cyfry i znaki"),
        ("?? ??", "cyfry i znaki"), ("62-800", "cyfry i znaki"), ("...", "cyfry i znaki"),
        ("600 700 800", "cyfry i znaki"),
        ("TRUE", "logiczna"), ("False", "logiczna"), ("true", "logiczna"), ("FAŁSZ", "logiczna"),
        ("2,5E+07", "potęgi"), ("9.1e+03", "potęgi"), ("4E-05", "potęgi"), ("6,02E23", "potęgi"),
        ("Ewa Lis #REF!", "Obok"), ("#ADR! Ewa Lis", "Obok"), ("Ewa ######", "Obok"), ("Ewa nan", "Obok"),
        ("undefined Lis", "Obok"), ("None Lis", "Obok"), ("Ewa null", "Obok"), ("Ewa <NA>", "Obok"),
        ("Lis NULL", "Obok"), ("NULL Ewa Lis", "Obok"),
        ("Ewa NaT", "Obok"),
        ("Pawe?", "kodowania"), ("?ucja", "kodowania"), ("PaweĹ‚", "kodowania"), ("Pawe³", "kodowania"),
        ("Odr\u00c4\x85", "kod"),
    ],
)  # fmt: skip
def test_what_is_no_name_street_or_town_is_told_by_its_cause(column: str, cell: str, told: str) -> None:
    assert told in str(damage(column, mended(column, cell)))


@pytest.mark.parametrize("column", ["name", "street", "town"])
@pytest.mark.parametrize(
    "cell",
    ["3 Maja", "1000-lecia", "11 Listopada", "Osiedle 700-lecia 5", "4F", "P.H.U. 2000", "Żabka Z1234", "Prawda",
     "Jan Null",
     "Nan Li", "JAN NULL", "Second to None", "Sklep #1", "Hotel 24h", "1. Pułku Lotnictwa", "B2B E-15", "C#", "Ó"],
)  # fmt: skip
def test_names_with_digits_and_words_that_programs_use_are_right(column: str, cell: str) -> None:
    assert damage(column, mended(column, cell)) is None


@pytest.mark.parametrize("column", ["house", "flat"])
@pytest.mark.parametrize(
    "cell",
    ["0", "00", "0.0", "?", "??", ".", "1 900-01-05", "20 26-07-05", "1 :30", "-2146826246", "12 nan", "12/nan",
     "None 3",
     "12 #REF!", "12Ĺ‚", "12 345"],
)  # fmt: skip
def test_what_is_no_number_of_a_house_is_damage(column: str, cell: str) -> None:
    assert damage(column, mended(column, cell)) is not None


@pytest.mark.parametrize(
    "cell",
    ["1A", "12/3", "5-7", "10 m. 2", "10A/2", "A", "5 lok. 3", "12 bis", "7/0", "100", "VII", "dz. 12/3", "1 2/3"],
)
def test_numbers_of_houses_with_letters_and_blanks_stay(cell: str) -> None:
    assert damage("house", mended("house", cell)) is None
    assert not says_nothing(cell)


@pytest.mark.parametrize(
    "cell",
    ["<NA>", "NaT", "nat", "\\N", "\\\\N", "pd.NA", "pd.NaT", "np.nan", "numpy.nan", "nan nan", "None None",
     "null, null",
     "NULL/NULL", "[object Object]", "[object Null]", "undefined", "(null)", "[NULL]", "{null}", "DBNull",
     "System.DBNull.Value",
     "(blank)", "(puste)", "pusty", "n.a.", "N.A.", "1.#QNAN", "-1.#IND", "-nan", "x", "X", "xxx", "b/n", "b.n.", "B/N",
     "b/nr", "bez numeru", "Bez nr", "bez nazwy", "brak nr", "brak ulicy", "nie podano", "nieznana", "nie znany",
     "not available"],
)  # fmt: skip
def test_words_for_nothing_of_every_program_and_of_people_are_known(cell: str) -> None:
    assert says_nothing(mended("street", cell))


@pytest.mark.parametrize(
    "cell", ["Nat King", "Blank", "Xaver", "Bn 7", "Natalia", "Na Wzgórzu", "Bez Granic", "Brak i Syn"]
)
def test_names_that_hold_such_a_word_are_something(cell: str) -> None:
    assert not says_nothing(cell)


@pytest.mark.parametrize("cell", ["TAK", "nie", "Yes", "no", "VRAI", "falsch", "50%", "7,5 %"])
def test_truth_values_and_percents_are_no_numbers_of_houses_in_any_language(cell: str) -> None:
    assert damage("house", cell) is not None


@pytest.mark.parametrize("cell", ["LIS NULL", "#1 Studio", "Tak Jan", "Nie Anna", "A & B; C"])
def test_names_that_look_like_damage_are_names(cell: str) -> None:
    assert damage("name", cell) is None


def test_a_part_of_a_merged_cell_is_told_with_what_to_do() -> None:
    for column in ("customer_no", "name", "street", "house", "phone"):
        assert "Rozdziel ją" in str(damage(column, PART_OF_MERGED))
