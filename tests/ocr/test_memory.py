"""Reading many pages takes no more memory than reading few."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.drawing import TODAY
from forms.catalogue import current_forms
from ocr.reading import read_file
from specimens.files import image_pdf, write
from specimens.paper import print_form
from specimens.people import invented_customers, values_for
from specimens.scanner import scan

_STATE = Path("/proc/self/status")
_PAGES = 8
_PAGE_BYTES = 1654 * 2339


def _resident_bytes() -> int:
    return next(int(line.split()[1]) * 1024 for line in _STATE.read_text().splitlines() if line.startswith("VmRSS"))


@pytest.mark.skipif(not _STATE.exists(), reason="only Linux tells a process its memory so")
def test_a_process_that_reads_page_after_page_does_not_grow(tmp_path: Path) -> None:
    form = current_forms()[0]
    drawn = print_form(form, values_for(form, invented_customers(1, 3)[0], 3, TODAY))
    page = scan(drawn, "bitonal200", 3)
    file = write(tmp_path / "pages.pdf", image_pdf(page * _PAGES))
    read_file(write(tmp_path / "few.pdf", image_pdf(page * 2)))
    before = _resident_bytes()
    for _ in range(2):
        assert len(read_file(file).documents) == _PAGES
    kept_pictures = 2 * _PAGES * _PAGE_BYTES
    assert _resident_bytes() - before < kept_pictures / 2
