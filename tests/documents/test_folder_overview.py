"""What is told of the scan folder: counts and list agree with each other and with what lies there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from database.engine import transaction
from documents import folder_overview
from documents.folder_overview import look_into, overview
from environment.settings import get_settings
from tests.documents.scanning import WHOLE, Clock, documents, sweep, taken

pytestmark = pytest.mark.usefixtures("database")


def _told(clock: Clock) -> dict[str, Any]:
    """As `ebok status --json` tells it; its counts agree with its list."""
    look = look_into()
    with transaction() as session:
        told = overview(session, look, clock()).told()
    listed = [one["tracking"] is not None for one in told["files"]]
    assert (told["waiting"], told["not_removable"]) == (listed.count(False), listed.count(True))
    assert told["files_total"] == len(listed)
    assert all(one["reason"].endswith(".") and one["since"] for one in told["files"])
    return told


def _codes(told: dict[str, Any]) -> dict[str | None, str | None]:
    return {one["file"]: one["code"] for one in told["files"]}


def test_what_is_recorded_but_stays_in_the_folder_does_not_wait(
    inbox: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(inbox / "rura.pdf")
    (inbox / "skrot.pdf").symlink_to(tmp_path)
    (inbox / "wisi.pdf").symlink_to(tmp_path / "nowhere")
    (inbox / "wielki.pdf").write_bytes(b"?" * 300)
    monkeypatch.setenv("EBOK_MAX_FILE_BYTES", "200")
    get_settings.cache_clear()
    taken(clock)
    told = _told(clock)
    assert (told["waiting"], told["not_removable"], told["check_failed"]) == (0, 4, 0)
    codes = _codes(told)
    assert [codes[name] for name in ("rura.pdf", "skrot.pdf", "wisi.pdf")] == ["not_a_file"] * 3
    assert codes["wielki.pdf"] == "unknown_format"
    assert {one["tracking"] for one in told["files"]} == {document.tracking for document in documents()}
    assert all("usuń go z folderu" in one["reason"] for one in told["files"])
    (inbox / "rura.pdf").unlink()
    assert _told(clock)["not_removable"] == 3


def test_files_that_nobody_has_seen_yet_wait(inbox: Path, clock: Clock) -> None:
    (inbox / "partia").mkdir()
    for name in ("a.pdf", "partia/b.pdf", "c.pdf.filepart", "Thumbs.db"):
        (inbox / name).write_bytes(WHOLE + name.encode() + b"%%EOF")
    told = _told(clock)
    assert _codes(told) == {"a.pdf": "next_sweep", "partia/b.pdf": "next_sweep", "c.pdf.filepart": "unfinished_name"}
    assert (told["waiting"], told["left_alone"], told["reachable"], told["complete"]) == (3, ["Thumbs.db"], True, True)


def test_files_with_unfinished_names_and_files_that_arrive_are_listed_as_they_are_counted(
    inbox: Path, clock: Clock
) -> None:
    for name in ("a.pdf.part", "~$b.pdf", ".c.pdf"):
        (inbox / name).write_bytes(WHOLE)
    sweep(clock)
    sweep(clock, after=10)
    (inbox / "d.pdf").write_bytes(WHOLE)
    sweep(clock)
    told = _told(clock)
    assert told["waiting"] == 4
    assert _codes(told) == {
        **dict.fromkeys(("a.pdf.part", "~$b.pdf", ".c.pdf"), "unfinished_name"),
        "d.pdf": "arriving",
    }
    clock.wait(100)
    assert _codes(_told(clock))["d.pdf"] == "next_sweep"


def test_another_file_under_the_name_of_one_that_was_recorded_waits(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").symlink_to(inbox / "nowhere")
    taken(clock)
    assert _told(clock)["not_removable"] == 1
    (inbox / "a.pdf").unlink()
    (inbox / "a.pdf").write_bytes(WHOLE)
    assert (_codes(_told(clock)), _told(clock)["waiting"]) == ({"a.pdf": "next_sweep"}, 1)


def test_what_is_gone_from_the_folder_or_renamed_to_be_removed_no_longer_waits(inbox: Path, clock: Clock) -> None:
    for name in ("a.pdf", "b.pdf"):
        (inbox / name).write_bytes(b"%PDF-1.7 cut off")
    sweep(clock)
    sweep(clock, after=10)
    assert _codes(_told(clock)) == {"a.pdf": "truncated", "b.pdf": "truncated"}
    (inbox / "a.pdf").unlink()
    (inbox / "b.pdf").rename(inbox / ".ebok-taken-K7M4-PX9A")
    assert _told(clock)["files"] == []


def test_a_folder_that_is_away_is_told_and_what_was_seen_there_still_counts(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"%PDF-1.7 cut off")
    sweep(clock)
    sweep(clock, after=10)
    shutil.rmtree(inbox)
    told = _told(clock)
    assert (told["waiting"], told["reachable"], told["complete"]) == (1, False, False)
    assert [(one["file"], one["code"]) for one in told["files"]] == [(None, "truncated")]
    inbox.write_bytes(b"a file where the folder was")
    assert _told(clock)["reachable"] is False


def test_a_folder_of_very_many_files_is_looked_at_in_part_and_says_so(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (inbox / f"{number}.pdf").write_bytes(b"%PDF-1.7 cut off")
    sweep(clock)
    sweep(clock, after=10)
    monkeypatch.setattr(folder_overview, "_MOST_LOOKED_AT", 4)
    told = _told(clock)
    assert (told["waiting"], told["complete"]) == (6, False)
    assert sum(one["file"] is None for one in told["files"]) == 2


def test_a_long_list_is_cut_and_its_length_told(inbox: Path, clock: Clock) -> None:
    for number in range(103):
        (inbox / f"{number}.pdf").touch()
    look = look_into()
    with transaction() as session:
        told = overview(session, look, clock()).told()
    assert (told["waiting"], told["files_total"], len(told["files"])) == (103, 103, 100)
