"""`ebok customers import` as the administrator meets it: what is taken, what is told and where, what a kill leaves."""

from __future__ import annotations

import csv
import re
import signal
import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from customers.records import COLUMNS
from customers.tables import Customer
from database.engine import transaction
from specimens.people import invented_customers, write_customers
from tests.cli.samples import run

KILLED = Path(__file__).with_name("killed_import.py")
HEADING = ";".join(COLUMNS)
PERSON = next(row for row in invented_customers(30, 7) if row["pesel"])
RIGHT = "10000001;Jan Lis;;;Wodna;1;;66-470;Kostrzyn nad Odrą;600700800;"
DAMAGED = "10000002;Ewa Lis;;;Wodna;05.lip;;66-470;Kostrzyn nad Odrą;+48 1;=cmd@example.com x"


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "klienci.csv"
    path.write_text("\n".join((HEADING, RIGHT, DAMAGED)))
    return path


def stored() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


@pytest.mark.parametrize("own", [True, False], ids=["in a file of one's own", "in the home"])
def test_doubts_stand_in_a_report_that_spreadsheets_open_and_only_its_owner_reads(
    database: str, home: Path, damaged: Path, tmp_path: Path, own: bool
) -> None:
    where = tmp_path / "raport.csv" if own else home / "customers-report.csv"
    done = run("customers", "import", damaged, *(("--report", where) if own else ()))
    assert done.returncode == 0, done.stderr
    assert "dodano 2, zmieniono 0, bez zmian 0" in done.stdout
    assert str(where) in done.stdout
    assert "Wartości nie do użycia: 3 (nr domu: 1, telefon: 1, adres e-mail: 1)" in done.stderr
    assert "Ewa" not in done.stdout + done.stderr
    assert where.read_bytes().startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    heading, *rows = csv.reader(where.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert heading == ["wiersz", "numer klienta", "kolumna", "wartość", "powód"]
    assert [row[:4] for row in rows] == [
        ["3", "10000002", "house", "05.lip"],
        ["3", "10000002", "phone", "'+48 1"],
        ["3", "10000002", "email", "'=cmd@example.com x"],
    ]
    assert rows[0][4] == "Arkusz zamienił wartość na datę."


@pytest.mark.parametrize(
    ("column", "cell", "shown"),
    [
        ("pesel", "85010112346", "•••••••••••"),
        ("pesel", "8501011234", "•••••••••••"),
        ("pesel", "850101-12346, wdowa", "•••••••••••, wdowa"),
        ("pesel", "8,501E+10", "•••••••••••"),
        ("phone", "85010112346", "•••••••••••"),
        ("nip", "8501 0112 346", "•••••••••••"),
        ("email", "jan85010112346@", "jan•••••••••••@"),
        ("email", "jan@", "jan@"),
        ("phone", "600700800 600700801", "600700800 600700801"),
    ],
)
def test_no_pesel_stands_in_the_report_in_whichever_column_it_was(
    sqlite_database: str, home: Path, tmp_path: Path, column: str, cell: str, shown: str
) -> None:
    row = {**PERSON, column: cell}
    listed = write_customers([row], tmp_path / "klienci.csv")
    done = run("customers", "import", listed)
    assert done.returncode == 0, done.stderr
    _, told = csv.reader((home / "customers-report.csv").read_text("utf-8-sig").splitlines(), delimiter=";")
    assert told[:4] == ["2", row["customer_no"], column, shown]
    assert cell not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("column", "cell", "kept"),
    [
        ("name", "Janina Wymyślona, PESEL 44051401359", "Janina Wymyślona"),
        ("name", "440514-01359 Wymyślona Janina", "Wymyślona Janina"),
        ("street", "Słoneczna 4405 1401 359", None),
        ("town", "44051401359", None),
        ("house", "12 44051401359", None),
    ],
)
def test_no_pesel_among_the_words_of_a_list_lies_in_the_register_in_clear(
    sqlite_database: str, home: Path, tmp_path: Path, column: str, cell: str, kept: str | None
) -> None:
    row = {**PERSON, column: cell}
    listed = write_customers([row], tmp_path / "klienci.csv")

    done = run("customers", "import", listed)

    assert done.returncode == 0, done.stderr
    with transaction() as session:
        assert getattr(session.get_one(Customer, row["customer_no"]), column) == kept
    for file in (path for path in home.rglob("*") if path.is_file()):
        assert not re.search(rb"4405[ -]?14[ -]?01[ -]?359", file.read_bytes()), file
    assert "pesel" in (home / "customers-report.csv").read_text("utf-8-sig")


def test_a_list_with_a_pesel_instead_of_a_name_is_refused_for_want_of_a_name(
    sqlite_database: str, tmp_path: Path
) -> None:
    done = run("customers", "import", write_customers([{**PERSON, "name": "44051401359"}], tmp_path / "klienci.csv"))

    assert done.returncode == 1
    assert "wiersz 2: name (nazwa): uzupełnij." in done.stderr
    assert "44051401359" not in done.stderr


def test_nothing_of_an_earlier_list_stays_in_the_report_once_nothing_is_in_doubt(
    sqlite_database: str, home: Path, damaged: Path
) -> None:
    run("customers", "import", damaged)
    damaged.write_text("\n".join((HEADING, RIGHT)))
    done = run("customers", "import", damaged)
    assert "bez zmian 1" in done.stdout
    assert len((home / "customers-report.csv").read_text().splitlines()) == 1
    assert "customers-report" not in done.stdout


def test_a_report_never_takes_the_place_of_the_list_itself(sqlite_database: str, damaged: Path) -> None:
    before = damaged.read_bytes()
    done = run("customers", "import", damaged, "--report", damaged.parent / "." / damaged.name)
    assert (done.returncode, damaged.read_bytes()) == (1, before)
    assert "--report" in done.stderr


def test_strict_refuses_for_a_doubt_too_and_changes_nothing(sqlite_database: str, home: Path, damaged: Path) -> None:
    done = run("customers", "import", damaged, "--strict")
    assert done.returncode == 1
    assert "wiersz 3: house (nr domu): Arkusz zamienił wartość na datę." in done.stderr
    assert not (home / "customers-report.csv").exists()
    assert stored() == 0


def test_a_report_that_cannot_be_written_is_told_before_anything_is_written(
    sqlite_database: str, damaged: Path, tmp_path: Path
) -> None:
    done = run("customers", "import", damaged, "--report", tmp_path / "nie-ma" / "raport.csv")
    assert done.returncode == 1
    assert "--report" in done.stderr
    assert "Traceback" not in done.stderr
    assert stored() == 0


def test_what_identifies_refuses_the_file_and_writes_no_report(sqlite_database: str, home: Path, damaged: Path) -> None:
    damaged.write_text("\n".join((HEADING, RIGHT, DAMAGED, RIGHT)))
    done = run("customers", "import", damaged)
    assert done.returncode == 1
    assert "wiersz 4: Ten numer klienta jest już w wierszu 2." in done.stderr
    assert not (home / "customers-report.csv").exists()
    assert stored() == 0


def test_an_import_that_is_killed_is_completed_by_doing_it_again(database: str, tmp_path: Path) -> None:
    people = tmp_path / "klienci.csv"
    write_customers(invented_customers(9, 5), people)
    killed = run("customers", "import", people, script=KILLED)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert stored() == 4
    done = run("customers", "import", people)
    assert "dodano 5, zmieniono 0, bez zmian 4" in done.stdout
    assert stored() == 9
