"""Files that end their reader lie in the scan folder like any others: each is put aside with its reason, none waits."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from documents.folder import ScanFolder
from documents.originals import is_sound
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from readers import pool
from readers.looks import check_whole
from specimens import hostile
from tests.documents.scanning import Clock, documents

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_a_bomb_in_the_scan_folder_is_put_aside_and_the_files_behind_it_are_taken(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(hostile.inflating_content())
    (inbox / "b.pdf").write_bytes(draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "10000001"}))
    (inbox / "c.png").write_bytes(hostile.picture_of(100))
    for _ in range(2):
        clock.wait(get_settings().intake_stable_seconds + 1)
        ScanFolder(now=clock).take(check_whole)
    found = {document.file_name: (document.state, document.reason_code) for document in documents()}
    assert found == {
        "a.pdf": ("quarantined", "reader_died"),
        "b.pdf": ("received", None),
        "c.png": ("quarantined", "page_too_large"),
    }
    assert all(is_sound(document.original_sha256 or "") for document in documents())
    assert list(inbox.iterdir()) == []


def test_while_no_reader_can_be_started_files_wait_and_are_taken_once_one_can(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = inbox / "b.pdf"
    scan.write_bytes(draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "10000001"}))
    folder, usual = ScanFolder(now=clock), pool._Reader

    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room for a process")

    monkeypatch.setattr(pool, "_Reader", fails)
    monkeypatch.setattr(pool, "_in_use", {})
    folder.take(check_whole)
    for _ in range(get_settings().max_attempts + 5):
        clock.wait(1000)
        assert [one.code for one in folder.take(check_whole)] == ["readers_unavailable"]
    assert scan.exists()
    assert documents() == []
    monkeypatch.setattr(pool, "_Reader", usual)
    clock.wait(1000)
    assert [one.state for one in folder.take(check_whole)] == ["received"]
