"""Files are checked while they have to stand still, and what was found counts only for those bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from documents.folder import ScanFolder
from documents.states import State
from environment.settings import get_settings
from tests.documents.scanning import WHOLE, Clock
from tests.documents.scanning import check_whole as really_check

CUT = WHOLE[:-5]


class Check:
    """Notes which files it looked at."""

    def __init__(self) -> None:
        self.looked = list[str]()

    def __call__(self, path: Path) -> None:
        self.looked.append(path.name)
        really_check(path)


@pytest.fixture
def check() -> Check:
    return Check()


@pytest.fixture(autouse=True)
def _in_need_of_time(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INTAKE_STABLE_SECONDS", "60")
    get_settings.cache_clear()


def test_a_file_is_checked_while_it_stands_still_and_not_again_when_it_is_taken(
    inbox: Path, clock: Clock, check: Check
) -> None:
    (inbox / "a.pdf").write_bytes(WHOLE)
    folder = ScanFolder(now=clock)
    assert [one.code for one in folder.take(check)] == ["arriving"]
    assert check.looked == ["a.pdf"]
    clock.wait(61)
    assert [one.state for one in folder.take(check)] == [State.RECEIVED]
    assert check.looked == ["a.pdf"]


def test_other_bytes_of_the_same_size_and_time_are_checked_again(inbox: Path, clock: Clock, check: Check) -> None:
    file = inbox / "a.pdf"
    file.write_bytes(WHOLE)
    folder, before = ScanFolder(now=clock), file.stat()
    folder.take(check)
    file.write_bytes(b"locked" + WHOLE[6:])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    clock.wait(61)
    assert [one.code for one in folder.take(check)] == ["encrypted"]


@pytest.mark.parametrize("content", [b"bug", b"locked", CUT])
def test_what_is_found_early_is_told_in_its_time_and_no_sooner(
    inbox: Path, clock: Clock, check: Check, content: bytes
) -> None:
    (inbox / "a.pdf").write_bytes(content)
    folder = ScanFolder(now=clock)
    assert [one.code for one in folder.take(check)] == ["arriving"]
    assert check.looked == ["a.pdf"]
    clock.wait(61)
    told = {b"bug": "check_failed", b"locked": "encrypted", CUT: "truncated"}
    assert [one.code for one in folder.take(check)] == [told[content]]
    assert check.looked == ["a.pdf"] * 2


def test_a_file_whose_early_check_ended_the_program_is_not_checked_early_again(
    inbox: Path, clock: Clock, check: Check
) -> None:
    def die(path: Path) -> None:
        raise KeyboardInterrupt

    (inbox / "a.pdf").write_bytes(WHOLE)
    with pytest.raises(KeyboardInterrupt):
        ScanFolder(now=clock).take(die)
    ScanFolder(now=clock).take(check)
    assert check.looked == []
    clock.wait(61)
    assert [one.state for one in ScanFolder(now=clock).take(check)] == [State.RECEIVED]


def test_nothing_is_checked_early_while_there_is_something_to_be_taken(inbox: Path, clock: Clock, check: Check) -> None:
    (inbox / "a.pdf").write_bytes(WHOLE)
    folder = ScanFolder(now=clock)
    folder.take(check)
    clock.wait(61)
    (inbox / "b.pdf").write_bytes(WHOLE + b" another %%EOF")
    assert [one.code for one in folder.take(check)] == [None, "arriving"]
    assert check.looked == ["a.pdf"]
