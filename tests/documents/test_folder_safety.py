"""No file of the scan folder is lost or taken twice: changes, crashes, sweeps at once, what cannot be read or go."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from database.engine import transaction
from documents import folder_files, sightings
from documents.folder import ScanFolder, SweptFile
from documents.folder_overview import look_into, overview
from documents.loading import load
from documents.originals import is_sound
from documents.states import State
from documents.tables import Original
from documents.transitions import move
from environment.settings import get_settings
from tests.documents.examples import together
from tests.documents.scanning import WHOLE, Clock, check_whole, documents, sweep, taken

pytestmark = pytest.mark.usefixtures("database")


def test_another_file_sent_under_the_same_name_meanwhile_is_kept_and_taken_next(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, settle = inbox / "skan.pdf", sightings.settle

    def resend(*args: object, **more: object) -> None:
        settle(*args, **more)  # type: ignore[arg-type]
        monkeypatch.undo()
        scan.write_bytes(b"another " + WHOLE)

    scan.write_bytes(WHOLE)
    sweep(clock)
    monkeypatch.setattr(sightings, "settle", resend)
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]
    assert scan.read_bytes() == b"another " + WHOLE
    assert [each.state for each in taken(clock)] == [State.RECEIVED]
    assert len(documents()) == 2


def test_a_file_that_changes_while_it_is_stored_is_not_recorded(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = inbox / "skan.pdf"
    scan.write_bytes(WHOLE)
    sweep(clock)

    def check(path: Path) -> None:
        path.write_bytes(WHOLE + WHOLE)

    clock.wait(5)
    assert ScanFolder(now=clock).take(check) == []
    assert documents() == []
    assert [each.state for each in taken(clock)] == [State.RECEIVED]
    assert documents()[0].original_sha256


def test_a_document_that_a_clerk_closed_is_not_taken_up_again_by_its_file(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "skan.pdf").write_bytes(WHOLE)
    monkeypatch.setattr(folder_files, "is_readable", lambda _: False)
    monkeypatch.setattr("documents.folder.keepable", lambda _: None)
    (told,) = taken(clock)
    with transaction() as session:
        move(session, load(session, told.tracking or ""), State.REJECTED, actor="clerk:7")
    monkeypatch.undo()
    (done,) = sweep(clock, after=5)
    assert done.state is State.RECEIVED
    assert done.tracking != told.tracking


def test_a_renamed_file_whose_content_is_not_in_the_store_is_given_back(inbox: Path, clock: Clock) -> None:
    (inbox / ".ebok-taken-K7M4-PX9A").write_bytes(WHOLE)
    (inbox / "K7M4-PX9A").write_bytes(b"locked")
    sweep(clock)
    sweep(clock, after=301)
    assert (inbox / "K7M4-PX9A (2)").read_bytes() == WHOLE
    assert [each.state for each in taken(clock)] == [State.RECEIVED]


def test_an_original_lost_from_the_store_is_put_back_before_the_file_goes(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    monkeypatch.setattr(folder_files, "remove", lambda *_: folder_files.Removal.REFUSED)
    sweep(clock, after=5)
    monkeypatch.undo()
    sha256 = documents()[0].original_sha256 or ""
    (get_settings().originals / sha256[:2] / sha256[2:]).unlink()
    sweep(clock, after=400)
    assert is_sound(sha256)
    assert list(inbox.iterdir()) == []


def test_a_file_that_cannot_be_removed_is_not_taken_twice(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    monkeypatch.setattr(Path, "rename", refuse)
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]
    for _ in range(3):
        assert sweep(clock, after=1000) == []
    with transaction() as session:
        assert overview(session, look_into()).told()["not_removable"] == 1
    assert len(documents()) == 1
    monkeypatch.undo()
    sweep(clock, after=5)
    assert list(inbox.iterdir()) == []


def test_another_file_under_the_name_of_one_that_could_not_be_removed_waits_for_nobody(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    scan = inbox / "skan.pdf"
    scan.write_bytes(WHOLE)
    monkeypatch.setattr(Path, "rename", refuse)
    (first,) = taken(clock)
    assert scan.exists()
    monkeypatch.undo()
    scan.write_bytes(b"another " + WHOLE)
    (second,) = taken(clock)
    assert second.tracking != first.tracking
    assert not scan.exists()


def test_a_link_and_a_pipe_are_told_once_and_left(inbox: Path, clock: Clock, tmp_path: Path) -> None:
    secret = tmp_path / "outside.pdf"
    secret.write_bytes(WHOLE)
    (inbox / "link.pdf").symlink_to(secret)
    (inbox / "folder").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe")
    done = taken(clock)
    assert sorted(each.file for each in done) == ["folder", "link.pdf", "pipe"]
    assert {(each.state, each.code) for each in done} == {(State.QUARANTINED, "not_a_file")}
    for _ in range(3):
        assert sweep(clock, after=1000) == []
    assert len(documents()) == 3
    assert len(list(inbox.iterdir())) == 3
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Original)) == 0


def test_a_file_without_read_permission_is_told_once_and_taken_when_it_becomes_readable(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, closed = inbox / "skan.pdf", True
    scan.write_bytes(WHOLE)
    readable = folder_files.is_readable
    # root may read everything: only the answer of the operating system is set, by the one function that asks it
    monkeypatch.setattr(folder_files, "is_readable", lambda path: not closed and readable(path))
    monkeypatch.setattr("documents.folder.keepable", lambda _: None)
    (done,) = taken(clock)
    assert (done.state, done.code) == (State.QUARANTINED, "no_permission")
    assert sweep(clock, after=1000) == []
    assert scan.exists()
    closed = False
    (again,) = sweep(clock, after=5)
    assert (again.tracking, again.state) == (done.tracking, State.RECEIVED)
    assert not scan.exists()
    (document,) = documents()
    assert is_sound(document.original_sha256 or "")


def test_permissions_are_asked_of_the_operating_system(tmp_path: Path) -> None:
    """In a process of its own that gives up root: root may read everything."""
    (tmp_path / "open.pdf").write_bytes(WHOLE)
    (tmp_path / "closed.pdf").write_bytes(WHOLE)
    (tmp_path / "closed.pdf").chmod(0)
    tmp_path.chmod(0o755)
    program = (
        "import os, pathlib; from documents.folder_files import is_readable\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "print(*(is_readable(pathlib.Path(name)) for name in ('open.pdf', 'closed.pdf')))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "True False\n"


def test_two_sweeps_at_once_take_every_file_once(inbox: Path, clock: Clock) -> None:
    for number in range(12):
        (inbox / f"skan{number}.pdf").write_bytes(b"%d " % number + WHOLE)
    sweep(clock)
    clock.wait(5)
    results: list[SweptFile] = []
    together(3, lambda _: results.extend(ScanFolder(now=clock).take(check_whole)))
    assert sorted(each.file for each in results if each.tracking) == sorted(f"skan{number}.pdf" for number in range(12))
    assert {document.state for document in documents()} == {"received"}
    assert len(documents()) == 12
    assert list(inbox.iterdir()) == []


class Crash(BaseException):
    """The process ends here."""


def test_a_sweep_that_died_with_a_file_leased_leaves_it_to_the_next_after_the_lease(inbox: Path, clock: Clock) -> None:
    def die(_: Path) -> None:
        raise Crash

    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    clock.wait(5)
    with pytest.raises(Crash):
        ScanFolder(now=clock).take(die)
    assert sweep(clock, after=100) == []
    assert [each.state for each in sweep(clock, after=201)] == [State.RECEIVED]


def test_a_slow_sweep_that_lost_its_lease_does_not_record_the_file_again(inbox: Path, clock: Clock) -> None:
    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    clock.wait(5)
    inner: list[SweptFile] = []

    def slow(_: Path) -> None:
        inner.extend(sweep(clock, after=400))

    assert ScanFolder(now=clock).take(slow) == []
    assert [each.state for each in inner] == [State.RECEIVED]
    assert len(documents()) == 1


def test_the_memory_of_the_folder_survives_a_restart(inbox: Path, clock: Clock) -> None:
    (inbox / "skan.pdf").write_bytes(b"%PDF cut")
    ScanFolder(now=clock).take(check_whole)
    clock.wait(901)
    assert [each.state for each in ScanFolder(now=clock).take(check_whole)] == [State.QUARANTINED]
