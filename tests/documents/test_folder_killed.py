"""Sweeps of the scan folder in a process of their own that is killed at every step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from documents.originals import is_sound
from tests.documents.scanning import WHOLE, Clock, documents, sightings_left, sweep

pytestmark = pytest.mark.usefixtures("sqlite_database")

_KILLED_AT = """
import os, signal, sys
from datetime import UTC, datetime
import documents.folder_files, documents.originals, documents.sightings, documents.store_folder
from documents.folder import ScanFolder

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

module, name = sys.argv[1].rsplit(".", 1)
setattr(sys.modules[module], name, die)
ScanFolder(now=lambda: datetime.fromisoformat(sys.argv[2])).take(lambda path: None)
"""


@pytest.mark.parametrize(
    ("store", "step"),
    [
        ("bucket", "documents.originals._keep"),
        ("bucket", "documents.originals.is_sound"),
        ("bucket", "documents.folder_files.finish_removal"),
        ("folder", "documents.originals._keep"),
        ("folder", "documents.originals.is_sound"),
        ("folder", "documents.store_folder._sync_folder"),
        ("folder", "documents.sightings.settle"),
        ("folder", "documents.folder_files.remove"),
        ("folder", "documents.folder_files.finish_removal"),
        ("folder", "documents.sightings.forget"),
    ],
    indirect=["store"],
)
def test_a_process_killed_at_any_step_loses_nothing_and_doubles_nothing(
    store: str, inbox: Path, clock: Clock, step: str
) -> None:
    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    clock.wait(5)
    killed = subprocess.run([sys.executable, "-c", _KILLED_AT, step, clock().isoformat()], check=False)
    assert killed.returncode == -9
    for _ in range(3):
        sweep(clock, after=400)
    (document,) = documents()
    assert document.state == "received"
    assert is_sound(document.original_sha256 or "")
    assert list(inbox.iterdir()) == []
    assert sightings_left() == 0
