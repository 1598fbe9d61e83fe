"""Backups made while others work, on full disks, thinned out; the programs of PostgreSQL."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event, Semaphore

import pytest
from sqlalchemy.engine import make_url

from backups.folder import BackupFolder
from backups.last import last_backup
from backups.making import make_backup
from backups.manifest import BackupError
from backups.restoring import look_at, restore
from benchmarks import office
from database import dumping
from database.engine import forget_engines, transaction
from documents.erasing import erase_original, release_original
from documents.loading import load
from documents.store_interface import StoreUnreachableError
from environment import clock
from environment.settings import get_settings
from integrity.checking import check
from tests.backups.conftest import Lose, files
from tests.stored import original_path

BY = "command line:tests"


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "copies")


def lacking(folder: BackupFolder) -> list[int]:
    """How many files each backup lacks, after it was read to its end."""
    return [len(look_at(place)[3]) for place in folder.backups()]


def test_a_backup_taken_while_documents_come_in_is_not_torn(town: str, folder: BackupFolder, lose: Lose) -> None:
    over, came = Event(), Semaphore(0)

    def come_in() -> None:
        for number in count():
            office.received(b"%%PDF-1.7 number %d" % number)
            came.release()
            if over.is_set():
                return

    manifests = []
    with ThreadPoolExecutor(1) as others:
        work = others.submit(come_in)
        try:
            for _ in range(2):
                assert came.acquire(timeout=60)
                manifests.append(make_backup(folder.path, actor=BY).manifest)
        finally:
            over.set()
        work.result()
    assert manifests[0].originals < manifests[1].originals
    assert [manifest.missing for manifest in manifests] == [(), ()]
    assert lacking(folder) == [0, 0]
    lose()
    restore(folder.path, actor=BY)
    assert check().differences == ()


def test_a_disk_that_fills_up_at_any_moment_leaves_only_whole_backups(
    small_town: str, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(folder.path, actor=BY)
    office.received(b"%PDF-1.7 one more")
    real, left = os.fsync, 0

    def full(number: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(number)

    for moment in range(1, 40):
        left = moment
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            try:
                make_backup(folder.path, actor=BY)
            except OSError:
                assert not set(lacking(folder)) - {0}
                assert not list(folder.path.glob(".unfinished*")), moment
            else:
                break
    assert moment > 6, "the disk was never full"
    assert not set(lacking(folder)) - {0}


def test_only_what_is_new_is_copied_and_what_nobody_needs_any_more_goes_with_the_old_backups(
    small_town: str, folder: BackupFolder
) -> None:
    tracking = office.received(b"%PDF-1.7 to be erased")
    first = make_backup(folder.path, actor=BY)
    assert first.copied > 1
    assert make_backup(folder.path, actor=BY).copied == 0
    with transaction() as session:
        document = load(session, tracking)
        sha256 = str(document.original_sha256)
        release_original(session, document)
        assert erase_original(session, sha256)
    third = make_backup(folder.path, actor=BY, keep=2)
    assert third.removed == (first.place.name,)
    name = f"{sha256[:2]}/{sha256[2:]}"
    assert folder.pool.since(name) is not None, "the second backup needs it"
    make_backup(folder.path, actor=BY, keep=1)
    assert folder.pool.since(name) is None
    assert lacking(folder) == [0]


def test_backups_of_one_second_are_thinned_out_in_the_order_in_which_they_were_made(
    small_town: str, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    made = [make_backup(folder.path, actor=BY, keep=3).place for _ in range(12)]
    assert folder.backups() == made[-3:]


def test_one_just_made_is_not_thinned_out_for_those_of_a_clock_that_was_ahead(
    small_town: str, folder: BackupFolder
) -> None:
    first = make_backup(folder.path, actor=BY).place
    first.rename(first.with_name("2036-01-01T000000Z"))
    second = make_backup(folder.path, actor=BY, keep=1)
    assert second.place.exists() and second.removed == ()


def test_what_spoils_on_the_disk_of_the_backups_is_found_in_time_and_copied_anew(
    small_town: str, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(folder.path, actor=BY)
    spoilt = next((folder.path / "files").glob("??/*"))
    spoilt.chmod(0o600)
    spoilt.write_bytes(b"spoilt")
    assert lacking(folder) == [1]
    monkeypatch.setattr("backups.making._IN_SO_MANY", 1)
    assert make_backup(folder.path, actor=BY).copied == 1
    assert lacking(folder) == [0, 0]


def test_an_original_that_the_store_has_lost_is_told_and_one_that_the_pool_has_is_kept(
    small_town: str, folder: BackupFolder
) -> None:
    make_backup(folder.path, actor=BY)
    tracking = office.received(b"%PDF-1.7 lost at once")
    with transaction() as session:
        lost = str(load(session, tracking).original_sha256)
    original_path(lost).unlink()
    taken = make_backup(folder.path, actor=BY)
    assert taken.manifest.missing == (lost,)
    last = last_backup()
    assert last is not None and last.missing == 1


def test_a_store_that_is_away_makes_no_backup(
    small_town: str, folder: BackupFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "not mounted"))
    get_settings.cache_clear()
    with pytest.raises(StoreUnreachableError):
        make_backup(folder.path, actor=BY)
    assert folder.backups() == [] and last_backup() is None


def test_a_folder_among_what_would_be_lost_with_it_is_refused(small_town: str, home: Path) -> None:
    for inside in (home / "copies", home / "originals" / "copies"):
        with pytest.raises(BackupError, match="zginąłby"):
            make_backup(inside, actor=BY)
        assert not inside.exists()


def test_two_backups_at_once_do_not_meet_and_a_killed_one_leaves_nothing(small_town: str, folder: BackupFolder) -> None:
    with folder.alone(), pytest.raises(BackupError, match="inna kopia"):
        make_backup(folder.path, actor=BY)
    left = folder.path / ".unfinished-2026-01-01T000000Z"
    left.mkdir()
    make_backup(folder.path, actor=BY)
    assert not left.exists()


@pytest.fixture
def with_password(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = make_url(postgres_database).set(password="bardzo/tajne").render_as_string(hide_password=False)
    monkeypatch.setenv("EBOK_DATABASE_URL", url)
    get_settings.cache_clear()
    yield "bardzo"
    forget_engines(url)


def test_the_password_of_the_database_is_on_no_command_line_and_in_no_backup(
    with_password: str, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = subprocess.Popen, list[str]()

    def noted(command: list[str], **more: object) -> object:
        seen.extend(command)
        return real(command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(dumping.subprocess, "Popen", noted)
    make_backup(folder.path, actor=BY)
    assert {"pg_dump", "pg_restore"} <= set(seen)
    assert not [word for word in seen if with_password in word]
    assert not [name for name, content in files(folder.path).items() if with_password.encode() in content]


def test_missing_or_failing_programs_of_postgresql_are_told_with_a_remedy(
    postgres_database: str, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(dumping.shutil, "which", lambda _: None)
        with pytest.raises(dumping.DumpError, match="postgresql-client"):
            make_backup(folder.path, actor=BY)
    with monkeypatch.context() as patch:
        patch.setattr(dumping, "_environment", lambda: {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": "1"})
        with pytest.raises(dumping.DumpError, match="pg_dump nie zakończył pracy: connection"):
            make_backup(folder.path, actor=BY)
    assert folder.backups() == []
