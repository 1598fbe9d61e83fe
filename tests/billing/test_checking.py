"""Deliveries that are not right: refused whole, everything that is wrong told at once by file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.billing.deliveries import Rows, delivery, edited, listed, manifest, problems, rows_of
from tests.cli.samples import run


def put(line: int, **values: str) -> Callable[[Rows], None]:
    """Values in the row of that line of the file."""
    return lambda rows: rows[line - 2].update(values)


def doubled(rows: Rows) -> None:
    rows.append(dict(rows[0]))


@pytest.mark.parametrize(
    ("table", "edit", "line", "told"),
    [
        ("invoices", put(3, gross="1,00"), 3, "Brutto nie jest sumą"),
        ("invoices", put(3, net="dużo"), 3, "net (netto): To nie jest liczba"),
        ("invoices", put(3, invoice_no=""), 3, "invoice_no (numer faktury): uzupełnij."),
        ("invoices", put(2, corrects="FV/9"), 2, "Numer korygowanej faktury ma mieć korekta"),
        ("invoices", put(2, kind="correction", corrects="FV/9"), 2, "corrects FV/9: Korygowanej faktury nie ma"),
        ("invoices", put(2, due_on="2026-01-01"), 2, "Termin płatności jest wcześniejszy"),
        ("invoices", put(2, issued_on="2025-01-01"), 2, "dzień spoza okresu dostawy"),
        ("invoices", put(2, net="-1,00", vat="-1,00", gross="-2,00"), 2, "Ujemną kwotę może mieć tylko korekta."),
        ("invoices", put(2, pdf="a.pdf"), 2, "Podaj plik PDF razem z jego skrótem"),
        ("invoices", put(2, pdf="a.pdf", pdf_sha256="0" * 64), 2, "a.pdf: Nie ma tego pliku"),
        ("invoices", put(2, ksef_no="123"), 2, "To nie jest numer KSeF"),
        ("invoices", put(2, ksef_no="5265877635-20250826-0100001AF629-AE"), 2, "To nie jest numer KSeF"),
        ("invoices", put(2, ksef_link="https://example.com/invoice/1"), 2, "To nie jest adres z kodu QR"),
        ("invoices", doubled, 8, "Ten sam klucz (invoice_no) jest już w: invoices.csv, wiersz 2."),
        ("charges", put(2, point_no="P9"), 2, "point_no P9: Takiego punktu poboru nie ma"),
        ("charges", put(2, service="gaz"), 2, "Wpisz jedno z: water, sewage, waste, other."),
        ("readings", put(2, meter_no="W0"), 2, "meter_no W0: Takiego wodomierza nie ma"),
        ("readings", put(2, value="-5"), 2, "Liczba nie może być ujemna."),
        ("meters", put(2, removed_on="2001-01-01"), 2, "Zdemontowany, zanim go zamontowano."),
        ("settlements", put(2, bank_account="11109010140000000030294429"), 2, "Cyfry kontrolne"),
        ("payments", put(2, amount="1,2E+05"), 2, "Arkusz skrócił liczbę"),
        ("payments", put(2, customer_no="12"), 2, "customer_no (numer klienta)"),
    ],
)
def test_a_wrong_row_is_told_by_file_and_line(
    folder: Path, table: str, edit: Callable[[Rows], None], line: int, told: str
) -> None:
    found = problems(edited(folder, table, edit))
    assert [(file, at) for file, at, _ in found] == [(f"{table}.csv", line)]
    assert told in found[0][2]


def test_positions_that_do_not_add_up_to_their_invoice_are_told(folder: Path) -> None:
    def less(rows: Rows) -> None:
        rows[0].update(net="1,00", vat="0,08", gross="1,08")

    assert problems(edited(folder, "charges", less)) == [
        ("invoices.csv", 2, "Suma pozycji jest inna niż kwota brutto faktury.")
    ]


def test_all_that_is_wrong_is_told_at_once_and_no_value_but_numbers_is_repeated(folder: Path) -> None:
    edited(folder, "invoices", lambda rows: (put(2, net="tajne słowo")(rows), put(4, due_on="kiedyś")(rows)))
    found = problems(edited(folder, "points", put(3, customer_no="ktoś")))
    assert sorted((file, line) for file, line, _ in found) == [
        ("invoices.csv", 2),
        ("invoices.csv", 4),
        ("points.csv", 3),
    ]
    assert not any(word in message for *_, message in found for word in ("tajne", "kiedyś", "ktoś"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda told: told.update(version=2), "Format w innej wersji niż 1"),
        (lambda told: told.update(format="inny"), "Manifest nie jest manifestem rozliczeń"),
        (lambda told: told.pop("period"), "period: brakuje."),
        (lambda told: told.update(period={"from": "2026-02-01", "to": "2026-01-01"}), "okres kończy się"),
        (lambda told: told.update(secret=1), "secret: nie ma takiego pola."),
        (lambda told: told["files"][0].update(table="gas"), "nie ma tabeli gas."),
        (lambda told: told["files"][0].update(name="../points.csv"), "files.0.name: zła wartość."),
        (lambda told: told["files"].append(told["files"][0]), "Plik jest wymieniony dwa razy: points.csv."),
    ],
)
def test_a_manifest_that_is_not_right_is_told(
    folder: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    ((file, line, message),) = problems(manifest(folder, change))
    assert (file, line) == ("manifest.json", 0) and told in message


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_manifest_is_told(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    assert [file for file, _, _ in problems(folder)] == ["manifest.json"]


def test_a_folder_without_a_manifest_or_that_is_not_there_is_told(tmp_path: Path) -> None:
    ((_, _, told),) = problems(tmp_path / "nowhere")
    assert "nie ma manifestu" in told


def test_a_file_that_is_missing_or_other_than_the_manifest_says_is_told(folder: Path) -> None:
    with (folder / "points.csv").open("a") as file:
        file.write("x")
    (folder / "meters.csv").unlink()
    assert [(file, told[:16]) for file, _, told in problems(folder)] == [
        ("points.csv", "Plik jest inny n"),
        ("meters.csv", "Nie ma tego plik"),
    ]


def test_a_count_of_rows_that_differs_is_told(folder: Path) -> None:
    found = problems(listed(folder, "points", folder / "points.csv", 99))
    assert found == [
        ("points.csv", 0, "Plik ma wierszy: 3, a według manifestu ma ich być 99. Utwórz dostawę jeszcze raz.")
    ]


def test_a_link_out_of_the_folder_is_no_file_of_the_delivery(folder: Path, tmp_path: Path) -> None:
    (folder / "points.csv").rename(tmp_path / "points.csv")
    (folder / "points.csv").symlink_to(tmp_path / "points.csv")
    assert [file for file, _, _ in problems(folder)] == ["points.csv"]


def test_a_pdf_that_is_another_one_or_none_is_told(tmp_path: Path, home: Path) -> None:
    folder = delivery(tmp_path / "d", 2, months=1, pdfs=True)
    first, second, *_ = rows_of(folder, "invoices")
    assert problems(folder) == []
    (folder / first["pdf"]).write_bytes(b"%PDF-1.7 another")
    (folder / second["pdf"]).unlink()
    assert [(line, message.split(": ")[1][:14]) for _, line, message in problems(folder)] == [
        (2, "Plik jest inny"),
        (3, "Nie ma tego pl"),
    ]


def test_the_picture_of_somebody_elses_invoice_is_told(tmp_path: Path, home: Path) -> None:
    folder = delivery(tmp_path / "delivery", 2, months=1, pdfs=True)
    first, second = (row for row in rows_of(folder, "invoices") if row["kind"] == "invoice")

    def mixed(rows: Rows) -> None:
        other = next(row for row in rows if row["invoice_no"] == second["invoice_no"])
        other.update(pdf=first["pdf"], pdf_sha256=first["pdf_sha256"])

    told = problems(edited(folder, "invoices", mixed))
    assert len(told) == 2
    assert all("przy fakturze innego klienta" in message for _, _, message in told)


def test_a_sheet_of_excel_is_read_like_a_text_and_its_damage_is_told(folder: Path) -> None:
    rows = pd.DataFrame(rows_of(folder, "invoices"), dtype=object)
    rows["gross"] = [float(one.replace(",", ".")) for one in rows["gross"]]
    rows["issued_on"] = pd.to_datetime(rows["issued_on"])
    path = folder / "invoices.xlsx"
    rows.to_excel(path, index=False)
    assert problems(listed(folder, "invoices", path, len(rows))) == []
    rows.loc[1, "customer_no"] = "1,2E+07"
    rows.to_excel(path, index=False)
    assert problems(listed(folder, "invoices", path, len(rows))) == [
        ("invoices.xlsx", 3, "customer_no (numer klienta): Arkusz skrócił liczbę do potęgi dziesięciu i zgubił cyfry.")
    ]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text.replace(";", ",").replace("Woda", 'Wo"da'), "charges.csv"),
        (lambda text: 'invoice_no;"' + text, "charges.csv"),
        (lambda text: "tytuł\n" + text, "Nazwy kolumn stoją dopiero"),
        (lambda text: "", "Plik jest pusty"),
        (lambda text: text.replace("vat_rate", "stawka", 1), "Brakuje kolumny vat_rate"),
        (lambda text: text + "Razem;\n", "Liczba kolumn inna"),
    ],
)
def test_a_broken_text_file_is_told(folder: Path, spoil: Callable[[str], str], told: str) -> None:
    path = folder / "charges.csv"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    found = problems(listed(folder, "charges", path, 18))
    assert found and all(file == "charges.csv" for file, _, _ in found)
    assert any(told in f"{file} {message}" for file, _, message in found)


def test_a_line_that_names_the_separator_is_understood(folder: Path) -> None:
    path = folder / "charges.csv"
    rows = len(rows_of(folder, "charges"))
    path.write_text("sep=;\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert problems(listed(folder, "charges", path, rows)) == []


def test_whoever_writes_an_export_tries_it_without_a_database(folder: Path) -> None:
    good = run("billing", "check", folder)
    assert good.returncode == 0 and "Dostawa jest dobra: punkty poboru: 3" in good.stdout
    edited(folder, "invoices", put(2, gross="1,00"))
    bad = run("billing", "check", folder)
    assert bad.returncode == 1
    assert "invoices.csv, wiersz 2: Brutto nie jest sumą netto i VAT." in " ".join(bad.stderr.split())
