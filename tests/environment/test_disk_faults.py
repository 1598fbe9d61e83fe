"""What is the fault of a disk, whoever met it, and on which disk a database lies."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from psycopg.errors import DiskFull, LockNotAvailable
from sqlalchemy.exc import OperationalError

from environment.disk_faults import is_full, is_read_only
from environment.settings import Settings


def test_a_disk_without_room_is_known_by_what_a_file_the_database_and_its_driver_say() -> None:
    met = sqlite3.OperationalError("database or disk is full")
    met.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert is_full(met)
    assert is_full(OperationalError("INSERT", {}, met))
    assert is_full(OperationalError("INSERT", {}, DiskFull("could not extend file")))
    assert not is_full(OperationalError("INSERT", {}, LockNotAvailable("busy")))
    assert is_full(OSError(errno.EDQUOT, ""))
    assert not is_full(OSError(errno.EIO, ""))
    assert not is_full(OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked")))
    assert not is_full(ValueError())


def test_a_disk_that_lets_nobody_write_is_known_by_what_a_file_and_the_database_say() -> None:
    met = sqlite3.OperationalError("attempt to write a readonly database")
    met.sqlite_errorcode = sqlite3.SQLITE_READONLY_DBMOVED
    assert is_read_only(met)
    assert is_read_only(OperationalError("INSERT", {}, met))
    assert is_read_only(OSError(errno.EROFS, ""))
    assert not is_read_only(OSError(errno.ENOSPC, ""))
    assert not is_read_only(OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked")))


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/data/ebok.sqlite", Path("/srv/data/ebok.sqlite")),
        ("sqlite+pysqlite:////srv/e.db?timeout=5", Path("/srv/e.db")),
        ("sqlite:///:memory:", None),
        ("postgresql:///ebok", None),
        ("postgresql+psycopg://ebok@db/ebok", None),
    ],
)
def test_the_file_of_a_database_that_is_one_is_known(url: str, file: Path | None) -> None:
    assert Settings(database_url=url).database_file == file


def test_a_database_of_its_own_place_lies_in_the_home(home: Path) -> None:
    assert Settings().database_file == home / "ebok.sqlite"
