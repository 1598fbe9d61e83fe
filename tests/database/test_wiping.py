"""What was deleted is in no byte of the database's files; a busy database is told, and not waited for without end."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url

from access.staff import Role, add_staff
from access.tables import Staff
from database import wiping
from database.engine import get_engine, transaction
from environment.settings import get_settings

SECRET = "Kunegunda Wymazywalna"


def hire() -> None:
    with transaction() as session:
        add_staff(session, "kunegunda", SECRET, Role.CLERK, "x")


def renamed() -> None:
    with transaction() as session:
        session.execute(update(Staff).values(name="-"))


def in_files(home: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in home.glob("ebok.sqlite*"))


def test_sqlite_keeps_nothing_of_what_was_overwritten(sqlite_database: str, home: Path) -> None:
    hire()
    assert in_files(home)
    renamed()
    assert wiping.forget_log()
    assert not in_files(home)


def test_bytes_of_a_time_before_that_are_wiped_too(sqlite_database: str, home: Path) -> None:
    hire()
    with get_engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.execute(text("DELETE FROM staff"))
        connection.commit()
    wiping.forget_log()
    assert in_files(home)
    assert wiping.wipe()
    assert not in_files(home)


def test_who_works_all_the_time_makes_it_tell_that_it_was_not_done(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire()
    monkeypatch.setattr(wiping, "_WAIT_SECONDS", 0.2)
    with transaction() as session:
        assert session.scalar(select(Staff.name)) == SECRET
        assert not wiping.wipe()
    assert wiping.wipe()
    postgres = make_url(get_settings().url).get_backend_name() == "postgresql"
    with transaction() as session:
        if postgres:
            assert session.scalar(text("SHOW lock_timeout")) == "0"
        assert session.scalar(select(Staff.name)) == SECRET


def test_what_a_transaction_still_sees_on_postgresql_is_not_said_to_be_wiped(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire()
    monkeypatch.setattr(wiping, "_WAIT_SECONDS", 0.2)
    with get_engine().connect().execution_options(isolation_level="REPEATABLE READ") as other:
        other.execute(text("SELECT 1"))  # sees from now on what is now, and touches none of our tables
        renamed()
        assert not wiping.wipe()
    assert wiping.wipe()
