"""What an administrator reads when something around the program is wrong: Polish, cause and remedy, no traceback."""

from __future__ import annotations

import errno
import json
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cli import running
from cli.faults import told_in_polish
from database.engine import DatabaseUnreachableError
from specimens.people import write_customers
from tests.cli.samples import Done, lines, run
from tests.flows.samples import PEOPLE, scanned


def _refused(done: Done, *words: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Błąd:")
    for word in words:
        assert word in done.stderr


def test_the_status_of_a_home_where_nothing_has_begun_is_all_zeros(home: Path) -> None:
    done = run("status", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["total"] == 0
    assert told["parts"]["database"] == told["parts"]["key"] == "ok"
    assert told["sweep"] == {"alive": False, "last_sign": None}
    assert told["free_bytes"]["EBOK_HOME"] > 0
    (trouble,) = (part for part in told["parts"].values() if part != "ok")
    assert trouble.startswith("Żaden przegląd nie pracuje (jeszcze żaden nie zaczął)")


def test_a_home_that_is_a_file_is_named_with_the_setting(tmp_path: Path) -> None:
    place = tmp_path / "home"
    place.write_text("")
    _refused(run("status", EBOK_HOME=str(place)), str(place), "EBOK_HOME", "plik, a nie folder")


@pytest.mark.parametrize("url", ["nonsense", "mysql://user:hidden@host/base"])
def test_a_database_address_of_another_sort_is_refused_and_not_repeated(home: Path, url: str) -> None:
    done = run("status", EBOK_DATABASE_URL=url)
    _refused(done, "EBOK_DATABASE_URL", "PostgreSQL")
    assert "hidden" not in done.stderr


def test_a_database_file_that_is_none_is_told(home: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.sqlite"
    junk.write_text("this is a letter, not a database " * 40)
    _refused(run("status", EBOK_DATABASE_URL=f"sqlite:///{junk}"), "uszkodzony")


def test_a_wrong_secret_key_is_told_with_its_remedy(home: Path, tmp_path: Path) -> None:
    table = write_customers(PEOPLE, tmp_path / "customers.csv")
    _refused(run("customers", "import", table, EBOK_SECRET_KEY="abc"), "secret.key", "EBOK_SECRET_KEY")
    assert run("customers", "import", table).returncode == 0
    other = Fernet.generate_key().decode()
    for command in (("customers", "import", table), ("ingest", table), ("status",)):
        _refused(run(*command, EBOK_SECRET_KEY=other), "secret.key", "EBOK_SECRET_KEY")
    start = run("up", EBOK_SECRET_KEY=other)
    assert start.returncode == 1
    assert "secret.key" in start.stderr and "Traceback" not in start.stderr


def test_an_unknown_time_zone_is_refused_at_the_start(home: Path) -> None:
    _refused(run("status", EBOK_TIMEZONE="Mars/Olympus"), "EBOK_TIMEZONE")


def test_missing_language_data_is_told_for_the_file_and_not_as_a_fault(home: Path, tmp_path: Path) -> None:
    scanned(tmp_path / "scan.pdf", "einvoice_acceptance", 0)
    done = run("read", tmp_path / "scan.pdf", "--json", EBOK_TESSDATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert lines(done)[0]["error"]["code"] == "engine_missing"
    assert "tesseract-ocr-pol" in lines(done)[0]["error"]["message"]
    assert done.stderr == ""


def test_a_message_that_cannot_be_written_is_told_as_that_and_the_change_stays(
    home: Path, engine: str, tmp_path: Path
) -> None:
    running.note({}, engine, [])
    (home / "outgoing").write_text("a file where the folder should be")
    table = write_customers(PEOPLE, tmp_path / "customers.csv")
    assert run("customers", "import", table).returncode == 0
    scanned(tmp_path / "scan.pdf", "einvoice_acceptance", 0)
    done = run("ingest", tmp_path / "scan.pdf", "--json")
    (told,) = lines(done)
    assert done.returncode == 1
    assert told["state"] == "applied"
    assert "wiadomość do klienta nie wyszła" in told["reason"]
    assert "Traceback" not in done.stderr


def test_a_folder_of_further_forms_that_is_missing_is_told(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "formularze"
    for command in (("forms", "--json"), ("ingest", tmp_path), ("up",)):
        _refused(run(*command, EBOK_FORMS_DIR=str(place)), "EBOK_FORMS_DIR", f"nie ma folderu {place}", "Utwórz go")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show",), "brakuje argumentu TRACKING."),
        (("read",), "brakuje argumentu FILE."),
        (("demonstrate",), "nie ma polecenia demonstrate."),
        (("customers", "wypisz"), "nie ma polecenia wypisz."),
        (("status", "--yaml"), "nie ma opcji --yaml."),
        (("status", "--jsn"), "nie ma opcji --jsn."),
        (("read", "a.pdf", "--customers"), "opcja --customers wymaga wartości."),
        (("status", "--json=yes"), "opcja --json nie przyjmuje wartości."),
        (("status", "now"), "za dużo argumentów: now."),
    ],
)
def test_wrong_usage_is_told_in_polish_with_the_way_to_the_help(arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith(f"Błędne użycie: {told}")
    assert second.startswith("Pomoc: ebok") and second.endswith("--help")


def test_help_is_given_without_a_command_and_when_asked_for() -> None:
    assert run("--help").returncode == 0
    for arguments in ((), ("customers",)):
        done = run(*arguments)
        assert "Usage: ebok" in done.stdout + done.stderr
        assert "Błędne użycie" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("EBOK_INBOX_DIR", "/", "osobny folder"),
        ("EBOK_OIDC_ISSUER", "https://accounts.example.com", "Niewłaściwa wartość ustawienia"),
        ("EBOK_COMPANY_PHONES", "95 727 96 51", "Niewłaściwa wartość ustawienia"),
    ],
)
def test_settings_that_are_wrong_together_or_in_form_are_named(home: Path, name: str, value: str, told: str) -> None:
    _refused(run("status", **{name: value}), name, told)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("customers", "export", "10000001"), "brakuje opcji --to."),
        (("staff", "sign-in", "jan", "--by", "cud"), "--by nie może być cud, może być: 'password'"),
        (("audit", "list", "--since", "wczoraj"), "--since: wczoraj nie jest datą w postaci 2026-01-31."),
    ],
)
def test_wrong_usage_is_told_in_polish_with_the_way_to_help(home: Path, command: tuple[str, ...], told: str) -> None:
    done = run(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Błędne użycie: {told}")
    assert "--help" in done.stderr


def test_a_terminal_that_lacks_polish_letters_ends_no_command_and_json_is_whole(home: Path) -> None:
    (home / "inbox").mkdir(parents=True)
    (home / "inbox" / "żółw 🐢.pdf").write_bytes(b"nic")
    shown = run("status", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "W folderze" in shown.stdout
    told = run("status", "--json", PYTHONIOENCODING="ascii").stdout
    assert told.isascii()
    assert [one["file"] for one in json.loads(told)["folder"]["files"]] == ["żółw 🐢.pdf"]


def _of_sqlite(code: int) -> Exception:
    met = sqlite3.OperationalError("as SQLite says it")
    met.sqlite_errorcode = code
    return DatabaseUnreachableError("INSERT", {}, met)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (OSError(errno.ENOSPC, ""), "(EBOK_HOME albo folder plików tymczasowych) brakuje miejsca. Zwolnij miejsce"),
        (OSError(errno.ENOSPC, "", "/srv/ebok/a"), "z /srv/ebok/a brakuje miejsca. Zwolnij miejsce"),
        (_of_sqlite(sqlite3.SQLITE_FULL), "z bazą danych brakuje miejsca. Zwolnij miejsce"),
        (OSError(errno.EROFS, "", "/srv/ebok/a"), "z /srv/ebok/a nie można zapisywać: jest tylko do odczytu"),
        (_of_sqlite(sqlite3.SQLITE_READONLY), "z bazą danych nie można zapisywać: jest tylko do odczytu"),
        (_of_sqlite(sqlite3.SQLITE_BUSY), "Baza danych nie odpowiada"),
    ],
)
def test_a_disk_that_takes_nothing_more_is_the_cause_that_is_told(fault: Exception, told: str) -> None:
    assert told in (told_in_polish(fault) or "")
