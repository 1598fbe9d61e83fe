"""Every night files go whose time is over: originals, what lies about in folders, logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import office
from database.engine import Session, transaction
from documents import loading, summaries, transitions
from documents.intake import receive_file, receive_stored
from documents.originals import OriginalError, is_sound, store_bytes, store_file
from documents.states import IntakeChannel, State
from environment.settings import get_settings
from retention import files, nightly
from tests.retention.conftest import Later
from tests.retention.nights import counts, document, refused
from tests.stored import original_path


@pytest.fixture(autouse=True)
def _sampled_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second looks are drawn where a test asks for one."""
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()


def test_a_quarantined_file_that_nobody_deals_with_is_put_away_and_erased(town: str, later: Later) -> None:
    tracking = office.received(b"%PDF-1.7 broken")
    with transaction() as session:
        row = loading.load(session, tracking)
        transitions.move(session, row, State.QUARANTINED, actor="machine", reason_code="encrypted", reason="Hasło.")
    later(179)
    nightly.run("machine")
    assert document(tracking).state == "quarantined"
    later(2)
    night = nightly.run("machine")
    assert counts(night) == {"quarantined": 1} and night.originals == 1
    assert (document(tracking).state, document(tracking).reason_code) == ("rejected", "encrypted")
    with transaction() as session:
        assert summaries.counts(session)["stuck"] == []


def test_the_same_bytes_after_that_are_a_case_of_their_own_with_their_file(town: str, later: Later) -> None:
    data = b"%PDF-1.7 the same"
    refused(data)
    later(2000)
    assert nightly.run("machine").originals == 1
    again = office.received(data)
    assert document(again).state == "received"
    assert is_sound(document(again).original_sha256 or "")
    assert nightly.run("machine").originals == 0
    assert is_sound(document(again).original_sha256 or "")


def test_who_takes_bytes_in_while_their_file_is_erased_is_told_to_try_again(town: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 x")
    with pytest.raises(OriginalError), transaction() as session:
        _erase_after_storing(session, path)
    with transaction() as session:
        assert receive_file(session, path, channel=IntakeChannel.CLI).state is State.RECEIVED


def _erase_after_storing(session: Session, path: Path) -> None:
    stored = store_file(path)
    original_path(stored.sha256).unlink()
    receive_stored(session, stored, channel=IntakeChannel.CLI, path=path)


def test_files_of_the_store_that_no_row_stands_for_go_after_a_day(town: str, tmp_path: Path, later: Later) -> None:
    stray = original_path(store_bytes(b"%PDF-1.7 of a crash").sha256)
    kept = refused()
    files.erase_unclaimed()
    assert stray.exists()
    later(2)
    files.erase_unclaimed()
    assert not stray.exists()
    assert is_sound(document(kept).original_sha256 or "")


def test_old_files_of_every_sort_go_and_a_log_is_parted_while_it_is_written(
    town: str, home: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_KEEP_LOGS_DAYS", "2")
    get_settings.cache_clear()
    places = {
        "outgoing/letters/list.pdf": "outgoing",
        "pictures/0.jpg": "pictures",
        "customers-report.csv": "reports",
        "logs/api.log.1": "logs",
    }
    for name in places:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x")
    log = home / "logs" / "api.log"
    with log.open("ab") as writing:
        writing.write(b"before\n")
        writing.flush()
        nightly.run("machine")
        assert log.read_bytes() == b""
        writing.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    assert [path.read_bytes() for path in log.parent.glob("api.log.2*")] == [b"before\n"]
    assert all((home / name).exists() for name in places)
    log.write_bytes(b"")
    later(91)
    night = nightly.run("machine")
    assert {one.kind.code: one.erased for one in night.outcomes if one.kind.files} == {
        "outgoing": 1,
        "pictures": 1,
        "reports": 1,
        "logs": 2,
    }
    assert not any((home / name).exists() for name in places)


def test_a_machine_that_joined_parts_and_erases_its_own_logs_and_nothing_else(
    home: Path, sqlite_database: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_KEEP_LOGS_DAYS", "2")
    get_settings.cache_clear()
    for name in ("logs/worker.log", "logs/worker.log.1", "outgoing/letters/list.pdf"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x")
    nightly.run_for_logs()
    assert (home / "logs" / "worker.log").read_bytes() == b""
    assert len([*(home / "logs").glob("worker.log.*")]) == 2
    later(91)
    nightly.run_for_logs()
    assert [path.name for path in (home / "logs").iterdir()] == ["worker.log"]
    assert (home / "outgoing" / "letters" / "list.pdf").exists()
