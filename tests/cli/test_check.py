"""`ebok check`, as the administrator sees it."""

from __future__ import annotations

import json
from pathlib import Path

from audit.tables import AuditEntry
from benchmarks import office
from database.engine import transaction
from documents.loading import load
from documents.originals import store_bytes
from tests.cli.samples import run
from tests.integrity.damages import aged
from tests.stored import original_path


def test_a_whole_installation_is_told_whole_and_an_empty_one_too(sqlite_database: str) -> None:
    for fill in (lambda: None, office.fill_register):
        fill()
        done = run("check")
        assert (done.returncode, done.stdout.strip()) == (0, "Wszystko się zgadza."), done.stderr
    told = json.loads(run("check", "--json").stdout)
    assert told == {"whole": True, "complete": True, "counts": {}, "differences": []}


def test_differences_are_told_with_remedies_and_repaired_where_that_is_safe(sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.received(b"%PDF-1.7 x")
    stray = store_bytes(b"%PDF-1.7 of a crash").sha256
    aged(original_path(stray))
    with transaction() as session:
        file = original_path(load(session, tracking).original_sha256 or "")
    file.unlink()
    looked = run("check")
    assert looked.returncode == 1
    assert "original_missing" in looked.stdout and "ebok check --repair" in looked.stderr
    told = json.loads(run("check", "--json", "--repair").stdout)
    assert (told["whole"], told["counts"]) == (False, {"original_missing": 1, "original_stray": 1})
    repaired = {one["code"]: (one["subject"], one["repairable"], one["repaired"]) for one in told["differences"]}
    assert repaired["original_stray"] == (stray[:12], True, True)
    assert repaired["original_missing"][1:] == (False, False)
    with transaction() as session:
        entries = session.query(AuditEntry).filter(AuditEntry.action == "repaired").all()
        assert [(one.actor.startswith("command line:"), one.detail) for one in entries] == [
            (True, {"code": "original_stray", "subject": stray[:12]})
        ]


def test_what_is_repaired_is_said_and_then_all_is_well(sqlite_database: str, home: Path) -> None:
    tracking = office.received(b"%PDF-1.7 x")
    with transaction() as session:
        path = original_path(load(session, tracking).original_sha256 or "")
    path.chmod(0o444)
    done = run("check", "--repair", "--fast")
    assert done.returncode == 0, done.stderr
    assert "Naprawiono originals (plików: 1): zabiera innym prawa do plików." in done.stdout
    assert "Poza tym wszystko się zgadza." in done.stdout
    assert run("check").stdout.strip() == "Wszystko się zgadza."
