"""The scan folder, with files as scanners leave them; time is told by a clock of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from database.engine import transaction
from database.settings import get_settings
from documents import folder_files, sightings
from documents.folder import ScanFolder, ScanFolderError, Taken
from documents.folder_overview import look_into, overview
from documents.originals import chunks_of, is_sound
from documents.register import load, move
from documents.states import State
from documents.tables import Original
from tests.documents.examples import together
from tests.documents.scanning import WHOLE, Clock, check_whole, documents, sightings_left, sweep, taken

pytestmark = pytest.mark.usefixtures("database")


def test_a_whole_file_is_taken_when_it_has_stood_still(inbox: Path, clock: Clock) -> None:
    (inbox / "skan 1.pdf").write_bytes(WHOLE)
    first = sweep(clock)
    assert [(each.tracking, each.code) for each in first] == [(None, "arriving")]
    assert sweep(clock, after=2)[0].code == "arriving"
    (done,) = sweep(clock, after=2)
    assert (done.file, done.state, done.reason, done.fault) == ("skan 1.pdf", State.RECEIVED, None, None)
    assert list(inbox.iterdir()) == []
    (document,) = documents()
    assert document.tracking == done.tracking
    assert document.channel == "folder"
    assert is_sound(document.original_sha256 or "")
    assert sweep(clock, after=5) == []
    assert sightings_left() == 0


def test_a_file_that_still_grows_is_left(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.pdf"
    for part in (b"%PDF", b"-1.7", b" list"):
        with scan.open("ab") as scanner:
            scanner.write(part)
        assert sweep(clock, after=4)[0].code == "arriving"
    assert documents() == []


def test_a_truncated_file_waits_and_is_taken_when_it_is_whole(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.pdf"
    scan.write_bytes(b"%PDF-1.7 who")
    sweep(clock)
    assert [each.code for each in sweep(clock, after=10)] == ["truncated"]
    assert [each.code for each in sweep(clock, after=800)] == ["truncated"]
    scan.write_bytes(WHOLE)
    sweep(clock, after=200)
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]


@pytest.mark.parametrize(("data", "code"), [(b"%PDF-1.7 who", "truncated"), (b"", "empty_file")])
def test_a_file_that_never_becomes_whole_is_quarantined_with_its_original(
    inbox: Path, clock: Clock, data: bytes, code: str
) -> None:
    (inbox / "skan.pdf").write_bytes(data)
    sweep(clock)
    assert sweep(clock, after=899)[0].code == code
    (done,) = sweep(clock, after=2)
    assert (done.state, done.code) == (State.QUARANTINED, code)
    assert list(inbox.iterdir()) == []
    assert is_sound(documents()[0].original_sha256 or "")


def test_an_unusable_file_is_quarantined_at_once_and_the_next_goes_on(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"locked")
    (inbox / "b.pdf").write_bytes(WHOLE)
    done = {each.file: each for each in taken(clock)}
    assert (done["a.pdf"].state, done["a.pdf"].reason) == (State.QUARANTINED, "Plik jest zabezpieczony hasłem.")
    assert done["b.pdf"].state is State.RECEIVED
    assert list(inbox.iterdir()) == []


def test_a_copy_whose_room_is_reserved_but_not_yet_filled_waits(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.tif"
    scan.write_bytes(b"?" + bytes(2000))
    sweep(clock)
    assert sweep(clock, after=5)[0].code == "unknown_format"
    assert documents() == []
    scan.write_bytes(b"?" + bytes(2000) + b"x")
    assert taken(clock)[0].state is State.QUARANTINED


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


def test_a_fault_of_the_store_is_not_counted_against_the_file(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    (inbox / "a.pdf").write_bytes(WHOLE)
    sweep(clock)
    monkeypatch.setattr("documents.folder.store_file", full)
    for _ in range(9):
        assert isinstance(sweep(clock, after=400)[0].fault, OSError)
    monkeypatch.undo()
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]


def test_a_file_whose_end_is_missing_waits_longer_than_others_and_is_taken_then(inbox: Path, clock: Clock) -> None:
    (inbox / "a.jpg").write_bytes(b"picture")
    ScanFolder(now=clock).take(lambda path: False)
    clock.wait(5)
    assert [each.code for each in ScanFolder(now=clock).take(lambda path: False)] == ["truncated"]
    clock.wait(26)
    assert [each.state for each in ScanFolder(now=clock).take(lambda path: False)] == [State.RECEIVED]


@pytest.mark.parametrize(
    "name",
    ["zażółć gęślą.PDF".encode(), b"a b\nc.pdf", b"\xb3\xff.pdf", b"'; DROP TABLE.pdf", b"x" * 250, b"bez-kropki"],
)
def test_names_may_be_anything(inbox: Path, clock: Clock, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(inbox) + b"/" + name))
    path.write_bytes(WHOLE)
    (done,) = taken(clock)
    assert done.state is State.RECEIVED
    assert done.file.encode()
    assert list(inbox.iterdir()) == []


@pytest.mark.parametrize("name", [".skan.pdf", "skan.pdf.part", "skan.TMP", "~$skan.pdf"])
def test_a_file_with_an_unfinished_name_waits_for_its_name_but_is_never_lost(
    inbox: Path, clock: Clock, name: str
) -> None:
    (inbox / name).write_bytes(WHOLE)
    sweep(clock)
    assert [each.code for each in sweep(clock, after=10)] == ["unfinished_name"]
    assert [each.state for each in sweep(clock, after=900)] == [State.RECEIVED]


def test_a_file_that_gets_its_final_name_is_taken(inbox: Path, clock: Clock) -> None:
    (inbox / ".skan.pdf.part").write_bytes(WHOLE)
    sweep(clock)
    (inbox / ".skan.pdf.part").rename(inbox / "skan.pdf")
    assert [each.file for each in taken(clock)] == ["skan.pdf"]
    assert sightings_left() == 0


def test_sub_folders_are_swept_and_hidden_ones_and_litter_left(inbox: Path, clock: Clock) -> None:
    (inbox / "skaner 2" / "styczeń").mkdir(parents=True)
    (inbox / "skaner 2" / "styczeń" / "skan.pdf").write_bytes(WHOLE)
    (inbox / ".snapshot").mkdir()
    (inbox / ".snapshot" / "stary.pdf").write_bytes(WHOLE)
    (inbox / "Thumbs.db").write_bytes(b"litter")
    assert [each.file for each in taken(clock)] == ["skaner 2/styczeń/skan.pdf"]
    assert (inbox / "Thumbs.db").exists()
    assert sweep(clock, after=10_000) == []


def test_two_files_with_the_same_bytes_are_one_document_and_one_duplicate(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(WHOLE)
    (inbox / "b.pdf").write_bytes(WHOLE)
    done = sorted(taken(clock), key=lambda each: str(each.state))
    assert [each.state for each in done] == [State.DUPLICATE, State.RECEIVED]
    assert (done[1].tracking or "") in (done[0].reason or "")
    assert list(inbox.iterdir()) == []


def test_a_file_resent_under_the_same_name_later_is_told_as_duplicate(inbox: Path, clock: Clock) -> None:
    for expected in (State.RECEIVED, State.DUPLICATE):
        (inbox / "skan.pdf").write_bytes(WHOLE)
        assert [each.state for each in taken(clock)] == [expected]


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
    results: list[Taken] = []
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
    inner: list[Taken] = []

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


def test_a_missing_folder_of_the_settings_is_told_not_made(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / "share"))
    get_settings.cache_clear()
    with pytest.raises(ScanFolderError, match="EBOK_INBOX_DIR"):
        sweep(clock)
    monkeypatch.delenv("EBOK_INBOX_DIR")
    get_settings.cache_clear()
    assert sweep(clock) == []
    assert get_settings().inbox.is_dir()
