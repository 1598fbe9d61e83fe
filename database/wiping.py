"""Removing deleted data from the database files too, where free pages and logs keep old bytes for a while."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, text

from database.engine import Base, DatabaseUnreachableError, get_engine

_WAIT_SECONDS: Final = 30.0
"""So long it is waited for others who read or write."""
_GLANCE: Final = 0.05
_WHO_SEES: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND greatest(age(backend_xmin), age(backend_xid)) >= age(CAST(:mark AS xid))"
)
"""PostgreSQL: those whose transaction began, or sees the database as it was, before that one."""


def forget_log() -> bool:
    """Empty SQLite's write-ahead log into the database; False when somebody was reading all the time.

    PostgreSQL writes over its log in its own time.
    """
    if get_engine().dialect.name != "sqlite":
        return True
    with _cursor() as cursor:
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def wipe() -> bool:
    """Write the tables anew without what was deleted from them; False when the database was too busy for that.

    Takes a moment in which nobody else writes.
    """
    engine = get_engine()
    try:
        if engine.dialect.name == "sqlite":
            with _cursor() as cursor:
                cursor.execute("VACUUM")
            return forget_log()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            if not _is_seen_by_nobody(alone):
                return False
            alone.execute(text(f"SET lock_timeout = '{int(_WAIT_SECONDS * 1000)}ms'"))
            try:
                for table in Base.metadata.sorted_tables:
                    alone.execute(text(f'VACUUM (FULL) "{table.name}"'))
            finally:
                alone.execute(text("RESET lock_timeout"))
    except (DatabaseUnreachableError, sqlite3.OperationalError):
        return False
    return True


def _is_seen_by_nobody(alone: Connection) -> bool:
    """Wait for all who still see what was deleted before: a table that is written anew keeps it for them.

    Statistics are gathered under such a snapshot too, at any time.
    """
    mark = alone.execute(text("SELECT pg_current_xact_id()::xid::text")).scalar_one()
    until = time.monotonic() + _WAIT_SECONDS
    while alone.execute(_WHO_SEES, {"mark": mark}).scalar_one():
        if time.monotonic() > until:
            return False
        time.sleep(_GLANCE)
    return True


@contextmanager
def _cursor() -> Iterator[Any]:
    """Of a connection of its own, in no transaction: neither of the two works in one."""
    connection = get_engine().raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(_WAIT_SECONDS * 1000)}")
        yield cursor
    finally:
        connection.invalidate()
        connection.close()
