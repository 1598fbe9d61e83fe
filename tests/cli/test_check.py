"""`ebok check`, as the administrator sees it."""

from __future__ import annotations

import json

from audit.tables import AuditEntry
from benchmarks import office
from database.engine import transaction
from documents.originals import store_bytes
from integrity import nightly
from tests.cli.samples import run
from tests.integrity.at_once import at_once
from tests.integrity.damages import aged, file_of
from tests.stored import original_path

__all__ = ["at_once"]


def test_a_whole_installation_is_told_whole(sqlite_database: str) -> None:
    office.fill_register()
    office.received(b"%PDF-1.7 x")
    done = run("check")
    assert (done.returncode, done.stdout.strip()) == (0, "Wszystko się zgadza."), done.stderr
    told = json.loads(run("check", "--fast", "--json").stdout)
    assert told == {"whole": True, "complete": True, "counts": {}, "differences": []}


def test_differences_are_told_with_remedies_and_repaired_where_that_is_safe(sqlite_database: str) -> None:
    stray = store_bytes(b"%PDF-1.7 of a crash").sha256
    aged(original_path(stray))
    missing = file_of(office.received(b"%PDF-1.7 x"))
    missing.unlink()
    looked = run("check", "--json")
    assert looked.returncode == 1
    told = json.loads(looked.stdout)
    assert (told["whole"], told["counts"]) == (False, {"original_missing": 1, "original_stray": 1})
    first, second = told["differences"]
    assert first["subject"] == (missing.parent.name + missing.name)[:12] and "kopii zapasowej" in first["remedy"]
    assert [(one["whose"], one["repairable"], one["repaired"]) for one in (first, second)] == [
        ("original", False, None),
        ("original", True, None),
    ]
    mended = run("check", "--repair")
    assert mended.returncode == 1
    assert f"Naprawiono oryginał {stray[:12]}" in mended.stdout
    assert "original_missing" in mended.stdout and "original_stray" not in mended.stdout
    assert missing.exists() is False and not original_path(stray).exists()
    with transaction() as session:
        entries = session.query(AuditEntry).filter(AuditEntry.action == "repaired").all()
        assert [(one.actor.startswith("command line:"), one.detail) for one in entries] == [
            (True, {"code": "original_stray", "subject": stray[:12]})
        ]


def test_the_status_tells_what_the_last_night_found(sqlite_database: str, at_once: None) -> None:
    assert json.loads(run("status", "--json").stdout)["integrity"] is None
    file_of(office.received(b"%PDF-1.7 x")).unlink()
    nightly.run()
    assert "różnic: 1. Co się nie zgadza i co zrobić, mówi: ebok check" in run("status").stdout
    told = json.loads(run("status", "--json").stdout)["integrity"]
    assert (told["differences"], told["new"], told["by_code"]) == (1, 1, {"original_missing": 1})
