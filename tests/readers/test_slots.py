"""So many looks at once on this machine, and nothing left of those that were killed."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from readers.limits import Purpose
from readers.scratch import Scratch, clear_leftovers
from readers.slots import acquire_slot
from specimens import hostile
from specimens.files import write
from tests.waiting import pause

_HOLDS = """
import sys, time
from pathlib import Path
from readers.slots import acquire_slot
with acquire_slot(Path(sys.argv[1]), "door", 1):
    print("held", flush=True)
    time.sleep(600)
"""
_LOOKS = """
import multiprocessing, sys, threading
from pathlib import Path
from readers.looks import read_file
if __name__ == "__main__":
    looking = threading.Thread(target=read_file, args=[Path(sys.argv[1])], daemon=True)
    looking.start()
    while not (found := multiprocessing.active_children()):
        assert looking.is_alive()
        looking.join(0.05)
    print(found[0].pid, flush=True)
    threading.Event().wait()
"""


def _started(program: str, *arguments: Path, **settings: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})


def _told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_place_that_another_process_holds_is_waited_for_and_free_when_that_is_killed(home: Path) -> None:
    with _started(_HOLDS, home) as other:
        assert _told(other) == "held"
        with acquire_slot(home, "door", 2), acquire_slot(home, "reading", 1):
            pass  # there is another of that name, and one of another name
        began = time.monotonic()
        os.kill(other.pid, signal.SIGSTOP)  # a process that does nothing holds its place all the same
        with pytest.raises(TimeoutError), _at_most(0.5), acquire_slot(home, "door", 1):
            pass
        assert time.monotonic() - began >= 0.5
        other.kill()
    with acquire_slot(home, "door", 1):
        pass


def test_whoever_waits_longest_has_the_next_place_before_one_who_comes_again_at_once(home: Path) -> None:
    order = list[str]()

    def wait_and_look() -> None:
        with acquire_slot(home, "door", 1):
            order.append("who waited")

    with acquire_slot(home, "door", 1):
        waiting = Thread(target=wait_and_look)
        waiting.start()
        while not _is_locked(home / "looks" / "door-next"):
            pause()
    with acquire_slot(home, "door", 1):
        order.append("who came again")
    waiting.join()
    assert order == ["who waited", "who came again"]


def _is_locked(path: Path) -> bool:
    """Whether somebody else, thread or process, holds it."""
    with suppress(FileNotFoundError), path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class _at_most:  # noqa: N801  reads as what it is
    """Breaks off what takes longer."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        def late(*_: object) -> None:
            raise TimeoutError

        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_without_a_home_nothing_is_made(tmp_path: Path) -> None:
    with acquire_slot(tmp_path / "none", "door", 1):
        assert list(tmp_path.iterdir()) == []


def test_readers_of_a_killed_process_end_at_once_and_their_files_are_cleared_away(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    bomb = write(tmp_path / "bomb.pdf", hostile.endless_tiling())
    with _started(_LOOKS, bomb, TMPDIR=str(scratch), EBOK_PAGE_SECONDS="600", EBOK_READ_SECONDS="600") as asking:
        reader = int(_told(asking))
        while not list(scratch.glob("ebok-reader-*/*/0")):
            assert asking.poll() is None
            pause()
        asking.kill()
    while _runs(reader):
        pause()
    (left,) = scratch.glob("ebok-reader-*")
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    clear_leftovers()
    assert left.exists(), "it is too young to be sure that nobody has just made it"
    os.utime(left, (0, 0))
    in_use = Scratch()
    os.utime(in_use.path, (0, 0))
    clear_leftovers()
    assert list(scratch.glob("ebok-reader-*")) == [in_use.path]
    in_use.remove()
    assert list(scratch.glob("ebok-reader-*")) == []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # gone before, or just now
        return False


def test_what_people_wait_for_goes_before_what_they_do_not(home: Path) -> None:
    from readers.limits import limits_of  # noqa: PLC0415

    assert limits_of(Purpose.DESK).nice < limits_of(Purpose.READING).nice
