"""`ebok doctor` on the machine: settings, folders, Tesseract, versions; each trouble comes with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import machine_check
from cli.machine_check import findings
from database.upgrading import SchemaError
from environment import settings_file
from environment.settings import get_settings
from ocr.tesseract.language_data import tessdata_folder
from tests.own_terms import own_terms


def told() -> dict[str, tuple[bool, str]]:
    """Each finding by its code: whether it holds, and the remedy."""
    found = {one.code: one for one in findings()}
    assert all(one.holds == (one.remedy is None) for one in found.values())
    return {code: (one.holds, one.remedy or "") for code, one in found.items()}


@pytest.fixture(autouse=True)
def machine(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a file of settings of its own; gives that."""
    file = tmp_path / "ebok.env"
    file.touch(0o640)
    monkeypatch.setattr(settings_file, "SETTINGS_FILE", file)
    return file


def test_where_all_is_well_nothing_is_to_do(database: str) -> None:
    get_settings().inbox.mkdir()
    get_settings().outgoing.mkdir()
    found = told()
    found.pop("time", None)  # a machine of tests may have no NTP
    expected = ["settings_private", "settings_known", "inbox", "outgoing", "tesseract", "versions", "terms_changes"]
    assert list(found) == expected
    assert all(holds for holds, _ in found.values())


def test_settings_that_everybody_reads_or_nobody_knows_are_told_by_name_alone(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.chmod(0o644)
    monkeypatch.setenv("EBOK_SMTP_HOTS", "tajne.example.com")
    found = told()
    assert f"chmod 640 {machine}" in found["settings_private"][1]
    assert "EBOK_SMTP_HOTS" in found["settings_known"][1]
    assert "tajne" not in str(found)


def test_a_folder_that_takes_nothing_whatever_its_rights_say_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", "/proc/self")
    get_settings.cache_clear()
    assert "prawo zapisu" in told()["inbox"][1]


def test_a_scan_folder_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / "skany"))
    get_settings.cache_clear()
    assert "podłącz udział" in told()["inbox"][1]


def test_nothing_of_a_try_stays_in_a_folder() -> None:
    get_settings().inbox.mkdir()
    assert told()["inbox"][0]
    assert list(get_settings().inbox.iterdir()) == []


def test_a_machine_without_tesseract_s_polish_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_TESSDATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    tessdata_folder.cache_clear()
    try:
        assert "tesseract-ocr-pol" in told()["tesseract"][1]
    finally:
        tessdata_folder.cache_clear()


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(("newer", "remedy"), [(False, "ebok up"), (True, "Zainstaluj tę nowszą wersję")])
def test_tables_of_another_edition_are_told_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, newer: bool, remedy: str
) -> None:
    def differ() -> None:
        raise SchemaError("others", "0001", newer=newer)

    monkeypatch.setattr(machine_check, "check", differ)
    assert remedy in told()["versions"][1]


def test_a_share_that_answers_with_a_fault_is_told_as_one_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / ("s" * 300)))
    get_settings.cache_clear()
    assert "podłącz udział" in told()["inbox"][1]


def test_a_new_version_of_a_regulamin_without_a_list_of_its_changes_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coming = (("ebok", "1", "2026-01-01"), ("einvoice", "1", "2026-01-01"), ("ebok", "2", "2099-01-01"))
    table = own_terms(tmp_path / "terms", monkeypatch, *coming)
    holds, remedy = told()["terms_changes"]
    assert not holds and remedy.endswith(": ebok-2_changes.md")
    (table.parent / "ebok-2_changes.md").write_text("- Coś nowego.\n")
    assert told()["terms_changes"] == (True, "")
