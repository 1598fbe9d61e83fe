"""`ebok backup` and `ebok restore`, as the administrator sees them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from backups import last
from benchmarks import office
from cli import doctor
from database.engine import forget_engines
from database.keys import key_file
from database.upgrading import upgrade
from documents.store_mark import claim_store
from environment.settings import get_settings
from tests.cli.samples import run
from tests.retention.conftest import Later, later

__all__ = ["later"]


def test_a_backup_is_made_told_of_and_restored(sqlite_database: str, home: Path, tmp_path: Path) -> None:
    upgrade()
    office.fill_register()
    claim_store()
    assert doctor._backup() == [], "there is nothing to lose"
    assert "Ostatnia kopia zapasowa: nie ma żadnej" in run("status").stdout
    office.received(b"%PDF-1.7 x")
    (found,) = doctor._backup()
    assert not found.holds and "ebok backup" in (found.remedy or "")

    done = run("backup", tmp_path / "copies", "--keep", "3")
    assert done.returncode == 0, done.stderr
    assert "Kopia jest gotowa i sprawdzona" in done.stdout and str(key_file().absolute()) in done.stdout
    told = json.loads(run("backup", tmp_path / "copies", "--json").stdout)
    assert (told["originals"], told["copied"], told["missing"], told["removed"]) == (1, 0, 0, [])
    assert [one.holds for one in doctor._backup()] == [True]
    assert json.loads(run("status", "--json").stdout)["backup"]["place"] == told["backup"]
    looked = run("restore", tmp_path / "copies", "--check")
    assert (looked.returncode, "Jest cała." in looked.stdout) == (0, True), looked.stderr

    refused = run("restore", tmp_path / "copies")
    assert refused.returncode == 1 and "--force" in refused.stderr
    forget_engines(get_settings().url)
    for one in home.iterdir():
        if one.name != "keys":
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    restored = run("restore", tmp_path / "copies")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "Czego nie ma" in restored.stdout and restored.stdout.endswith("Wszystko się zgadza.\n")
    assert run("audit", "verify").returncode == 0


def test_a_backup_that_is_old_or_lacks_something_is_told_with_its_remedy(
    sqlite_database: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.received(b"%PDF-1.7 x")
    last.note(last.LastBackup(last.clock.now(), "/kopie/one", missing=2))
    (found,) = doctor._backup()
    assert not found.holds and "ebok check" in (found.remedy or "")
    last.note(last.LastBackup(last.clock.now(), "/kopie/one", missing=0))
    assert [one.holds for one in doctor._backup()] == [True]
    later(3)
    assert [one.holds for one in doctor._backup()] == [False]


def test_what_cannot_be_done_is_one_sentence(sqlite_database: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("a file")
    for words, told in (
        (("backup", tmp_path / "copies"), "w tym miejscu jest plik"),
        (("backup", home / "copies"), "zginąłby razem z nimi"),
        (("restore", tmp_path / "nowhere", "--force"), "nie ma kopii zapasowej"),
    ):
        done = run(*words)
        assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
