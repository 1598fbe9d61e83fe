"""A check of a file in the scan folder that fails, dies or takes long: whose trouble it is, and who waits."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Event

import pytest

from database.engine import transaction
from documents.folder import ScanFolder
from documents.folder_overview import look_into, overview
from documents.originals import chunks_of
from documents.states import State
from tests.documents.scanning import WHOLE, Clock, documents, sightings_left, sweep, taken

pytestmark = pytest.mark.usefixtures("database")


def test_a_fault_of_the_program_leaves_the_file_and_does_not_stop_the_next(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"bug")
    (inbox / "b.pdf").write_bytes(WHOLE)
    sweep(clock)
    done = {each.file: each for each in sweep(clock, after=5)}
    assert isinstance(done["a.pdf"].fault, ZeroDivisionError)
    assert done["b.pdf"].state is State.RECEIVED
    assert [path.name for path in inbox.iterdir()] == ["a.pdf"]
    with transaction() as session:
        assert overview(session, look_into()).told()["check_failed"] == 1
    assert isinstance(sweep(clock, after=5)[0].fault, ZeroDivisionError)


def test_a_file_whose_check_fails_again_and_again_is_quarantined_and_keeps_nobody_waiting(
    inbox: Path, clock: Clock
) -> None:
    (inbox / "a.pdf").write_bytes(b"bug")
    sweep(clock)
    told = [sweep(clock, after=400) for _ in range(5)]
    assert [type(each[0].fault) for each in told] == [ZeroDivisionError] * 5
    (inbox / "b.pdf").write_bytes(WHOLE)
    sweep(clock, after=400)
    sweep(clock, after=5)
    first, second = documents()
    assert (first.file_name, first.state, first.reason_code) == ("a.pdf", State.QUARANTINED, "check_failed")
    assert "administratorowi" in (first.reason or "")
    assert b"".join(chunks_of(first.original_sha256 or "")) == b"bug"
    assert second.state == State.RECEIVED
    assert list(inbox.iterdir()) == []
    assert sightings_left() == 0


def test_a_file_whose_check_takes_long_keeps_no_other_waiting(inbox: Path, clock: Clock) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (inbox / name).write_bytes(WHOLE + name.encode())
        sweep(clock)
    others, over = list[str](), Event()

    def check(path: Path) -> None:
        if path.name == "a.pdf":
            assert over.wait(60), "the others wait for it"
            return
        others.append(path.name)
        if len(others) == 2:
            over.set()

    clock.wait(5)
    found = ScanFolder(now=clock).take(check)
    assert [each.file for each in found if each.tracking] == ["a.pdf", "b.pdf", "c.pdf"]
    assert others == ["b.pdf", "c.pdf"], "what is checked quickly keeps its order"


def test_a_sweep_that_is_to_end_begins_no_further_file(inbox: Path, clock: Clock) -> None:
    for name in ("a.pdf", "b.pdf"):
        (inbox / name).write_bytes(WHOLE + name.encode())
    sweep(clock)
    clock.wait(5)
    looked = list[str]()
    ScanFolder(now=clock).take(lambda path: looked.append(path.name), lambda: bool(looked))
    assert len(looked) == 1
    assert len(documents()) == 1
    assert len(sweep(clock)) == 1, "the next one takes what was left"


def test_a_file_whose_check_fails_is_tried_again_after_growing_pauses(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"bug")
    sweep(clock)
    tried = [bool(sweep(clock, after=5)) for _ in range(40)]
    assert tried[:2] == [True, True]
    assert 3 <= sum(tried) <= 5


def test_a_file_that_changed_after_its_check_failed_is_a_new_file(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"bug")
    for _ in range(5):
        sweep(clock, after=400)
    (inbox / "a.pdf").write_bytes(WHOLE)
    assert [each.state for each in taken(clock)] == [State.RECEIVED]


@pytest.mark.parametrize(
    ("met", "code", "told"),
    [
        (errno.ENOSPC, "disk_full", "Na dysku programu nie ma miejsca"),
        (errno.EROFS, "disk_closed", "prawa zapisu"),
        (errno.EACCES, "disk_closed", "prawa zapisu"),
        (errno.EIO, "disk_fault", "Dysk albo udział odpowiada błędem"),
        (errno.EMFILE, "machine_short", "otwartych plików"),
    ],
)
def test_a_fault_of_the_disk_is_told_as_such_and_not_counted_against_the_file(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, met: int, code: str, told: str
) -> None:
    def fail(path: Path) -> None:
        raise OSError(met, os.strerror(met))

    (inbox / "a.pdf").write_bytes(WHOLE)
    sweep(clock)
    monkeypatch.setattr("documents.folder.store_file", fail)
    for _ in range(9):
        (waits,) = sweep(clock, after=400)
        assert (waits.code, waits.fault) == (code, None)
    with transaction() as session:
        (file,) = overview(session, look_into()).files
    assert (file.code, file.attempts, told in file.reason, "kwarantann" in file.reason) == (code, 0, True, False)
    monkeypatch.undo()
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]


@pytest.mark.parametrize("met", [errno.ENOMEM])
def test_a_check_for_which_the_machine_lacks_room_is_not_counted_against_the_file(
    inbox: Path, clock: Clock, met: int
) -> None:
    def fail(path: Path) -> None:
        raise OSError(met, os.strerror(met))

    (inbox / "a.pdf").write_bytes(WHOLE)
    sweep(clock)
    for _ in range(9):
        clock.wait(400)
        (waits,) = ScanFolder(now=clock).take(fail)
        assert waits.fault is None
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]
