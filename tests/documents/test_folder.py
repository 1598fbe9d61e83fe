"""The scan folder, with files as scanners leave them; time is told by a clock of the test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from database.engine import transaction
from documents.folder import ScanFolder, ScanFolderError
from documents.leases import claim_open
from documents.loading import load
from documents.originals import is_sound
from documents.states import State
from environment.settings import get_settings
from tests.documents.scanning import WHOLE, Clock, check_whole, documents, sightings_left, sweep, taken
from tests.waiting import pause

_on_sqlite = pytest.mark.usefixtures("sqlite_database")
_on_both = pytest.mark.usefixtures("database")
"""Where it matters how a database keeps names and numbers, keeps what is twice out, or puts things into order."""


@_on_both
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


@_on_sqlite
def test_a_file_that_still_grows_is_left(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.pdf"
    for part in (b"%PDF", b"-1.7", b" list"):
        with scan.open("ab") as scanner:
            scanner.write(part)
        assert sweep(clock, after=4)[0].code == "arriving"
    assert documents() == []


@_on_sqlite
def test_a_file_seen_before_the_clock_was_put_back_is_taken_when_it_has_stood_still(inbox: Path, clock: Clock) -> None:
    (inbox / "skan.pdf").write_bytes(WHOLE)
    sweep(clock)
    assert [each.code for each in sweep(clock, after=-3600)] == ["arriving"]
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]


@_on_both
@pytest.mark.parametrize("changed", [2**63 + 5, -(2**63) - 5])
def test_a_file_dated_beyond_what_a_database_keeps_is_taken_and_keeps_no_other_waiting(
    inbox: Path, clock: Clock, changed: int
) -> None:
    for name in ("1.pdf", "2.pdf"):
        (inbox / name).write_bytes(name.encode() + WHOLE)
    os.utime(inbox / "1.pdf", ns=(changed, changed))
    sweep(clock)
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED, State.RECEIVED]
    assert list(inbox.iterdir()) == []


@_on_sqlite
def test_a_truncated_file_waits_and_is_taken_when_it_is_whole(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.pdf"
    scan.write_bytes(b"%PDF-1.7 who")
    sweep(clock)
    assert [each.code for each in sweep(clock, after=10)] == ["truncated"]
    assert [each.code for each in sweep(clock, after=800)] == ["truncated"]
    scan.write_bytes(WHOLE)
    sweep(clock, after=200)
    assert [each.state for each in sweep(clock, after=5)] == [State.RECEIVED]


@_on_sqlite
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


@_on_sqlite
def test_an_unusable_file_is_quarantined_at_once_and_the_next_goes_on(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(b"locked")
    (inbox / "b.pdf").write_bytes(WHOLE)
    done = {each.file: each for each in taken(clock)}
    assert (done["a.pdf"].state, done["a.pdf"].reason) == (State.QUARANTINED, "Plik jest zabezpieczony hasłem.")
    assert done["b.pdf"].state is State.RECEIVED
    assert list(inbox.iterdir()) == []


@_on_sqlite
def test_a_copy_whose_room_is_reserved_but_not_yet_filled_waits(inbox: Path, clock: Clock) -> None:
    scan = inbox / "skan.tif"
    scan.write_bytes(b"?" + bytes(2000))
    sweep(clock)
    assert sweep(clock, after=5)[0].code == "unknown_format"
    assert documents() == []
    scan.write_bytes(b"?" + bytes(2000) + b"x")
    assert taken(clock)[0].state is State.QUARANTINED


@_on_sqlite
def test_a_file_whose_end_is_missing_waits_longer_than_others_and_is_taken_then(inbox: Path, clock: Clock) -> None:
    (inbox / "a.jpg").write_bytes(b"picture")
    ScanFolder(now=clock).take(lambda path: False)
    clock.wait(5)
    assert [each.code for each in ScanFolder(now=clock).take(lambda path: False)] == ["truncated"]
    clock.wait(26)
    assert [each.state for each in ScanFolder(now=clock).take(lambda path: False)] == [State.RECEIVED]


@_on_both
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


@_on_sqlite
@pytest.mark.parametrize("name", [".skan.pdf", "skan.pdf.part", "skan.TMP", "~$skan.pdf"])
def test_a_file_with_an_unfinished_name_waits_for_its_name_but_is_never_lost(
    inbox: Path, clock: Clock, name: str
) -> None:
    (inbox / name).write_bytes(WHOLE)
    sweep(clock)
    assert [each.code for each in sweep(clock, after=10)] == ["unfinished_name"]
    assert [each.state for each in sweep(clock, after=900)] == [State.RECEIVED]


@_on_sqlite
def test_a_file_that_gets_its_final_name_is_taken(inbox: Path, clock: Clock) -> None:
    (inbox / ".skan.pdf.part").write_bytes(WHOLE)
    sweep(clock)
    (inbox / ".skan.pdf.part").rename(inbox / "skan.pdf")
    assert [each.file for each in taken(clock)] == ["skan.pdf"]
    assert sightings_left() == 0


@_on_sqlite
def test_sub_folders_are_swept_and_hidden_ones_and_litter_left(inbox: Path, clock: Clock) -> None:
    (inbox / "skaner 2" / "styczeń").mkdir(parents=True)
    (inbox / "skaner 2" / "styczeń" / "skan.pdf").write_bytes(WHOLE)
    (inbox / ".snapshot").mkdir()
    (inbox / ".snapshot" / "stary.pdf").write_bytes(WHOLE)
    (inbox / "Thumbs.db").write_bytes(b"litter")
    assert [each.file for each in taken(clock)] == ["skaner 2/styczeń/skan.pdf"]
    assert (inbox / "Thumbs.db").exists()
    assert sweep(clock, after=10_000) == []


@pytest.mark.parametrize(
    ("kind", "levels"), [("sqlite_database", 1200), ("postgres_database", 1200), ("sqlite_database", 3000)]
)
def test_folders_in_each_other_however_deep_keep_no_file_waiting(
    request: pytest.FixtureRequest, inbox: Path, clock: Clock, kind: str, levels: int
) -> None:
    request.getfixturevalue(kind)
    (inbox / "skan.pdf").write_bytes(WHOLE)
    place = os.open(inbox, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=place)
        deeper = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    with os.fdopen(os.open("na dnie.pdf", os.O_WRONLY | os.O_CREAT, dir_fd=place), "wb") as deepest:
        deepest.write(b"%PDF-1.7 another %%EOF")
    os.close(place)

    try:
        told = taken(clock)
    finally:
        subprocess.run(["rm", "-rf", inbox / "d"], check=True)  # Python's own way down is as short

    reachable = levels * len("/d") + len(str(inbox)) < os.pathconf(inbox, "PC_PATH_MAX") - 100
    assert [each.state for each in told] == [State.RECEIVED] * (2 if reachable else 1)


@_on_both
def test_two_files_with_the_same_bytes_are_one_document_and_one_duplicate(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(WHOLE)
    (inbox / "b.pdf").write_bytes(WHOLE)
    done = sorted(taken(clock), key=lambda each: str(each.state))
    assert [each.state for each in done] == [State.DUPLICATE, State.RECEIVED]
    assert (done[1].tracking or "") in (done[0].reason or "")
    assert list(inbox.iterdir()) == []


@_on_sqlite
def test_a_file_resent_under_the_same_name_later_is_told_as_duplicate(inbox: Path, clock: Clock) -> None:
    for expected in (State.RECEIVED, State.DUPLICATE):
        (inbox / "skan.pdf").write_bytes(WHOLE)
        assert [each.state for each in taken(clock)] == [expected]


@_on_sqlite
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


@_on_sqlite
def test_it_is_worth_looking_again_once_something_came_or_was_still_being_written(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_INTAKE_STABLE_SECONDS", "0.2")
    get_settings.cache_clear()
    folder = ScanFolder(now=clock)
    (inbox / "piętro").mkdir()
    folder.take(check_whole)
    assert not folder.stirred()
    (inbox / "piętro" / "a.pdf").write_bytes(WHOLE)
    assert folder.stirred()
    assert [one.code for one in folder.take(check_whole)] == ["arriving"]
    while not folder.stirred():  # nothing comes any more: it waits for the file to stand still
        pause()
    clock.wait(1)
    assert [one.state for one in folder.take(check_whole)] == [State.RECEIVED]
    folder.take(check_whole)
    assert not folder.stirred()


@_on_sqlite
def test_a_look_that_was_not_to_the_end_is_gone_on_with(inbox: Path, clock: Clock) -> None:
    (inbox / "a.pdf").write_bytes(WHOLE)
    folder = ScanFolder(now=clock)
    folder.take(check_whole)
    clock.wait(60)
    assert folder.take(check_whole, lambda: True) == []
    assert folder.stirred()


@_on_both
def test_what_comes_alone_after_many_has_its_turn_before_the_last_of_them(inbox: Path, clock: Clock) -> None:
    for number in range(100):
        (inbox / f"{number:03}.pdf").write_bytes(b"%d" % number + WHOLE)
    sweep(clock)
    clock.wait(10)
    (inbox / "list.pdf").write_bytes(b"alone" + WHOLE)
    sweep(clock)
    sweep(clock, after=60)
    with transaction() as session:
        order = [load(session, one).file_name for one in claim_open(session, "a worker", 200)]
    assert order[:30] == [f"{number:03}.pdf" for number in range(30)], "many keep their order"
    assert 39 <= order.index("list.pdf") <= 41, "ten seconds at a quarter of a second each"


@_on_sqlite
def test_files_that_come_one_after_the_other_without_a_pause_have_their_turns_so(inbox: Path, clock: Clock) -> None:
    for number in range(40):
        (inbox / f"{number:03}.pdf").write_bytes(b"%d" % number + WHOLE)
    sweep(clock)
    (inbox / "last.pdf").write_bytes(b"last" + WHOLE)
    sweep(clock, after=2)
    sweep(clock, after=60)
    with transaction() as session:
        assert load(session, claim_open(session, "a worker", 200)[-1]).file_name == "last.pdf"
