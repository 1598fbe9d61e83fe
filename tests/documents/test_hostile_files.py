"""Files that end their reader lie in the scan folder like any others: each is put aside with its reason, none waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.settings import get_settings
from documents.folder import ScanFolder
from documents.originals import is_sound
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
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
