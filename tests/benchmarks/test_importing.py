"""What an import cost is the import's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.importing import csv_file, imports
from specimens.people import invented_customers

_HELD = 600


@pytest.mark.usefixtures("sqlite_database")
def test_the_memory_of_an_import_is_not_that_of_who_started_it(tmp_path: Path) -> None:
    held = bytearray(b"x") * (_HELD << 20)
    (few,) = imports("either", {"few": csv_file(tmp_path / "few.csv", invented_customers(20, 7))})
    assert len(held) == _HELD << 20
    assert 30 < few.megabytes < _HELD / 2
    assert few.cpu > 0
