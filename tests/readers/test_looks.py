"""Looks at files in processes of their own: as good as at home, and whatever becomes of one, the next goes on."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from urllib.error import ContentTooShortError

import pytest

from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr import reading
from ocr.errors import (
    DocumentError,
    FileTooLargeError,
    MissingFileError,
    NoPermissionError,
    NotAFileError,
    PageTooLargeError,
    ReaderDiedError,
    TooCostlyError,
    UnknownFormatError,
)
from readers import looks, pool, work
from readers.limits import Purpose, limits_of
from specimens import hostile
from specimens.files import image_pdf, write
from specimens.paper import print_form
from specimens.scanner import scan
from tests.readers.conftest import FORM, VALUES
from tests.waiting import pause


def test_a_reader_reads_what_is_read_at_home(filled: Path) -> None:
    assert looks.read_file(filled) == reading.read_file(filled)
    assert looks.check_whole(filled)
    assert not looks.holds_only_blanks(filled)


def test_a_page_that_a_human_named_is_read_as_that_form_in_the_version_that_its_code_tells(
    home: Path, tmp_path: Path
) -> None:
    older = form_by_code(FORM.code, "1")
    assert FORM.version != older.version
    path = write(tmp_path / "one.pdf", image_pdf(scan(print_form(older, dict(VALUES)), "gray200", 1)))
    found = looks.read_as(path, FORM, [1], turns={1: 0})
    assert [(one.form_code, one.version, one.problems) for one in found.documents] == [(FORM.code, "1", ())]


@pytest.mark.parametrize(
    ("look", "make"),
    [
        (looks.read_file, hostile.nested_forms),
        (looks.read_file, hostile.inflating_content),
        (looks.read_file, hostile.endless_tiling),
        (looks.holds_only_blanks, hostile.inflating_content),
        (partial(looks.laid_flat, page=1, form=None), hostile.endless_tiling),
    ],
)
def test_what_costs_too_much_costs_its_own_look_alone(
    one_reader: None, filled: Path, tmp_path: Path, make: Callable[[], bytes], look: Callable[[Path], object]
) -> None:
    with pytest.raises((TooCostlyError, ReaderDiedError), match=r"za dużo pamięci|program odczytu się zakończył"):
        look(write(tmp_path / "bomb.pdf", make()))
    look(filled)


@pytest.mark.parametrize("make", [hostile.nested_forms, hostile.inflating_content, hostile.endless_tiling])
def test_the_check_at_the_door_ends_too(
    one_reader: None, filled: Path, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    with suppress(TooCostlyError, ReaderDiedError):
        assert looks.check_whole(write(tmp_path / "bomb.pdf", make())), "what it does not draw it need not refuse"
    assert looks.check_whole(filled)


def test_a_reader_that_is_killed_is_replaced_and_one_that_is_killed_twice_costs_its_file(
    one_reader: None, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_PAGE_SECONDS", "600")
    get_settings.cache_clear()
    slow, ended = write(tmp_path / "slow.pdf", hostile.endless_tiling()), list[DocumentError]()

    def look() -> None:
        try:
            looks.read_file(slow)
        except DocumentError as error:
            ended.append(error)

    before = {process.pid for process in multiprocessing.active_children()}
    asking = threading.Thread(target=look)
    asking.start()
    for _ in range(2):
        found = _a_reader_other_than(before)
        before.add(found)
        os.kill(found, signal.SIGKILL)
    asking.join()
    assert [error.code for error in ended] == ["reader_died"]
    assert looks.read_file(filled).documents[0].form_code == FORM.code


def test_whatever_ends_while_nobody_looks_the_next_look_goes_well(one_reader: None, filled: Path) -> None:
    def ok() -> bool:
        return looks.check_whole(filled)

    assert ok()
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert ok()
    origin = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    os.kill(origin, signal.SIGKILL)
    for process in multiprocessing.active_children():
        process.kill()
    assert ok()
    readers = pool.readers_for(Purpose.DOOR)
    readers._free.queue[-1].close()
    assert ok()


def _a_reader_other_than(known: set[int | None]) -> int:
    """A process that looks for longer than it takes to begin."""
    while True:
        for process in multiprocessing.active_children():
            if process.pid is not None and process.pid not in known and _seconds_used(process.pid) > 0.5:
                return process.pid
        pause()


def _seconds_used(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "told",
    [
        "OpenCV(4.11.0) error: (-4:Insufficient memory) Failed to allocate 96 bytes in function 'OutOfMemoryError'",
        "Error -4 while decompressing data: out of memory",
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc",
        "can't start new thread",
    ],
)
def test_whatever_a_library_calls_it_want_of_memory_is_the_files_and_no_fault_of_ours(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise RuntimeError("a step failed") from RuntimeError(told)

    monkeypatch.setattr(work, "_LOOKS", {"check_whole": fail})
    monkeypatch.setattr(work, "_scratch", home, raising=False)
    monkeypatch.setattr(work, "_asked", SimpleNamespace(begin_look=lambda: None, end_look=lambda: None), raising=False)
    monkeypatch.setattr(work, "_processor", SimpleNamespace(begin_look=lambda _: None))
    well, error = work.look("check_whole", limits_of(Purpose.DOOR), 0, {})

    assert (well, type(error)) == (False, MemoryError)


@pytest.mark.parametrize(
    "error", [ContentTooShortError("Jan Nowak", b""), type("Local", (Exception,), {})("Jan Nowak"), KeyError("wzór")]
)
def test_an_error_of_any_library_comes_through_as_a_fault_with_its_place_and_not_as_the_end_of_a_reader(
    error: Exception,
) -> None:
    try:
        raise error
    except Exception as raised:
        sent = pickle.loads(pickle.dumps(work.as_sent(raised)))
    assert (type(sent), sent.args) in ((type(error), error.args), (work.ReaderFaultError, (type(error).__qualname__,)))
    assert [each.partition(":")[0] for each in sent.__notes__] == ["readers/test_looks.py"]


def test_a_fault_within_a_reader_is_told_with_its_place_there_and_the_reader_goes_on(home: Path, filled: Path) -> None:
    readers = pool.readers_for(Purpose.DOOR)
    with pytest.raises(KeyError) as raised:
        readers.look("no such look", [filled], {})
    assert raised.value.__notes__[-1].startswith("readers/work.py:")
    assert looks.check_whole(filled)


def test_a_reader_that_fails_beyond_its_look_costs_its_file_alone(home: Path, filled: Path) -> None:
    limits = replace(limits_of(Purpose.DOOR), seconds=float("nan"))  # its time cannot even begin
    readers = pool.Readers(Purpose.DOOR, limits, 1, pool.of_use(get_settings()))
    with pytest.raises(ReaderDiedError):
        readers.look("check_whole", [filled], {})
    readers.close()
    assert looks.check_whole(filled)


class _Stuck(dict[str, str]):
    """Settings at which a reader hangs before it begins, as often as told."""

    def __init__(self, settings: Mapping[str, str], times: int) -> None:
        super().__init__(settings)
        self._times = times

    def __reduce__(self) -> tuple[object, ...]:
        self._times -= 1
        return (time.sleep, (3600,)) if self._times >= 0 else (dict, (dict(self),))


def test_a_reader_that_never_begins_is_replaced_and_two_are_the_fault_of_the_machine(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_LONGEST_START", 3.0)
    for times in (1, 2):
        settings = _Stuck(pool.of_use(get_settings()), times)
        readers = pool.Readers(Purpose.DESK, limits_of(Purpose.DESK), 1, settings)
        if times == 1:
            assert readers.look("check_whole", [filled], {})
        else:
            with pytest.raises(pool.ReadersUnavailableError):
                readers.look("check_whole", [filled], {})
        readers.close()


def test_a_reader_that_has_looked_often_enough_makes_room_for_a_new_one(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_LOOKS_OF_ONE", 2)
    readers, kept = pool.Readers(Purpose.DOOR, limits_of(Purpose.DOOR), 1, pool.of_use(get_settings())), list[bool]()
    for _ in range(2):
        assert readers.look("check_whole", [filled], {})
        kept.append(readers._free.queue[-1] is not None)
    readers.close()
    assert kept == [True, False]


def test_every_measure_of_confinement_is_in_force_where_the_kernel_has_it(home: Path) -> None:
    assert all(looks.confinement().values())


def test_a_reader_knows_no_secret_and_no_place_of_ours(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "SMTP_PASSWORD", "SMS_GATEWAY_TOKEN"):
        monkeypatch.setenv(f"EBOK_{name}", "sqlite:///secret")
    monkeypatch.setenv("EBOK_ORIGINALS_URL", "s3://secret/originals")
    monkeypatch.setenv("EBOK_BOUNCES_DIR", str(home / "zwroty"))
    get_settings.cache_clear()
    told = " ".join(pool.of_use(get_settings()).values())
    assert "secret" not in told
    assert str(home) not in told


def test_the_process_that_readers_come_from_has_no_secret_in_its_memory(home: Path) -> None:
    asked = [sys.executable, "-c", _WITH_SECRETS]
    names = ("EBOK_SECRET_KEY", "PREFECT_API_AUTH_STRING", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY")
    secrets = {name: f"tajne{number}" for number, name in enumerate(names, 1)}
    told = subprocess.run(asked, env={**os.environ, **secrets}, capture_output=True, text=True, check=True).stdout
    assert "PATH=" in told
    assert "tajne" not in told


def test_readers_start_whatever_the_length_of_the_folder_of_temporary_files_and_leave_nothing_anywhere(
    tmp_path: Path,
) -> None:
    for length in (74, 75, 200):
        folder = tmp_path / ("x" * max(1, length - len(str(tmp_path)) - 1))
        folder.mkdir(exist_ok=True)
        asked = [sys.executable, "-c", _WHERE]
        told = subprocess.run(
            asked, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True, check=True
        )
        assert told.stdout.splitlines() == ["True", str(folder), str(folder)]
        assert list(folder.iterdir()) == []


def test_other_threads_know_the_folder_of_temporary_files_by_its_name_while_readers_are_started(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    asked = [sys.executable, "-c", _MEANWHILE]
    told = subprocess.run(asked, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [str(folder), "1"]


def test_a_library_that_readers_lack_is_a_fault_of_the_machine_and_of_no_file(
    filled: Path, one_reader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> tuple[bool, Exception]:
        return False, ImportError("no such library")

    with monkeypatch.context() as patched:
        patched.setattr(pool._Reader, "look", lacking)
        with pytest.raises(pool.ReadersUnavailableError):
            looks.read_file(filled)
    assert looks.read_file(filled).documents


_MEANWHILE = """
import tempfile, threading
from readers import pool

start, begun, go_on = pool.forkserver.ensure_running, threading.Event(), threading.Event()
starts = []

def slowly():
    starts.append(1)
    begun.set()
    go_on.wait()
    start()

pool.forkserver.ensure_running = slowly
threads = [threading.Thread(target=pool._processes) for _ in range(2)]
for thread in threads:
    thread.start()
begun.wait()
print(tempfile.gettempdir())
go_on.set()
for thread in threads:
    thread.join()
print(len(starts))
"""
_WHERE = """
import tempfile
from multiprocessing import forkserver
from pathlib import Path
from readers.looks import confinement
if __name__ == "__main__":
    print(confinement()["memory"])
    print(tempfile.gettempdir())
    print(Path(forkserver._forkserver._forkserver_address).parent.resolve().parent)
"""
_WITH_SECRETS = """
import multiprocessing, os
from pathlib import Path
from readers.looks import confinement
if __name__ == "__main__":
    confinement()
    for process in Path("/proc").glob("[0-9]*/stat"):
        if process.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
            line = process.with_name("cmdline").read_bytes()
            if b"forkserver" in line:
                print(process.with_name("environ").read_text())
    assert os.environ["EBOK_SECRET_KEY"] == "tajne1"
"""


def test_what_is_no_file_or_not_ours_to_read_is_told_before_a_reader_sees_it(
    home: Path, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(filled)
    os.mkfifo(tmp_path / "pipe")
    for name, cause in (
        ("none.pdf", MissingFileError),
        ("link", NotAFileError),
        ("pipe", NotAFileError),
        ("", NotAFileError),
    ):
        with pytest.raises(cause):
            looks.check_whole(tmp_path / name)
    with pytest.raises(UnknownFormatError):
        looks.check_whole(write(tmp_path / "text.pdf", b"nothing of the kind"))
    monkeypatch.setenv("EBOK_MAX_FILE_BYTES", "100")
    get_settings.cache_clear()
    with pytest.raises(FileTooLargeError):
        looks.check_whole(filled)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told_so(home: Path, filled: Path) -> None:
    filled.chmod(0)
    with pytest.raises(NoPermissionError):
        looks.check_whole(filled)


def test_pictures_of_a_hundred_megapixels_are_read_scaled_or_refused_with_advice(home: Path, tmp_path: Path) -> None:
    photo = write(tmp_path / "photo.jpg", hostile.picture_of(100, "JPEG"))
    assert looks.check_whole(photo)
    assert not looks.holds_only_blanks(photo)
    assert looks.read_file(photo).ignored_pages == (1,)
    with pytest.raises(PageTooLargeError, match="300 dpi"):
        looks.check_whole(write(tmp_path / "scan.png", hostile.picture_of(100, "PNG")))


def test_many_ask_at_once_and_each_gets_its_own_answer(home: Path, tmp_path: Path) -> None:
    numbers = [f"1000000{at}" for at in range(6)]
    paths = [write(tmp_path / f"{n}.pdf", draw_fillable(FORM, VALUES | {"customer_no": n})) for n in numbers]
    found: dict[str, object] = {}

    def look(number: str, path: Path) -> None:
        submission = looks.read_file(path).documents[0].submission
        assert submission is not None
        found[number] = submission.value("customer_no")

    crew = [threading.Thread(target=look, args=each) for each in zip(numbers, paths, strict=True)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert found == {number: number for number in numbers}
