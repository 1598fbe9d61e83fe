"""Engine, sessions and the base of all tables; SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sqlalchemy import (
    URL,
    BindParameter,
    DateTime,
    Engine,
    Insert,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.exc import DatabaseError as DatabaseBrokenError
from sqlalchemy.exc import OperationalError as DatabaseUnreachableError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from environment.settings import get_settings

__all__ = [
    "Base",
    "DatabaseBrokenError",
    "DatabaseUnreachableError",
    "DatabaseUrlError",
    "Instant",
    "Session",
    "engine_for",
    "forget_engines",
    "found_when_asked",
    "get_engine",
    "insert_for",
    "insert_if_absent",
    "insert_new",
    "passing_transaction",
    "reading",
    "table_of",
    "transaction",
    "with_large_cache",
]

_TO_WRITE: Final = "BEGIN IMMEDIATE"
"""Begins a transaction of SQLite that will write: two then wait for each other instead of failing half-way."""
_LARGE_CACHE: Final = 64 * 1024
"""Kilobytes."""
_RESTED: Final = 0.2
"""A connection that was not used for so many seconds is tried before it is: its server may be another one by now."""
_KEPT: Final = 12
"""Connections of one process that are kept for the next transaction: to make one costs more than most transactions."""
_PREPARED: Final = 500
"""Statements that a connection keeps prepared: more than a document needs on its way, lest each pushes out another."""


class DatabaseUrlError(ValueError):
    """The setting names no database that this program can use; the message does not repeat it (it has a password)."""


class Base(DeclarativeBase):
    """Base of all tables, with constraint names that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Row = TypeVar("Row", bound=Base)


class Instant(TypeDecorator[datetime]):
    """A moment with time zone, stored in UTC; SQLite gives it back with its zone too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse moments without a zone, write UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Add the zone that SQLite drops."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@cache
def engine_for(url: str) -> Engine:
    """One engine per database URL and process; DatabaseUrlError when it is neither SQLite nor PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlError("EBOK_DATABASE_URL is no database URL") from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql", "postgres"}:
        raise DatabaseUrlError("EBOK_DATABASE_URL names neither SQLite nor PostgreSQL")
    if parsed.get_backend_name() != "sqlite":
        return _postgresql(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(parsed, _prepare_sqlite, _TO_WRITE)


@cache
def _passing_engine_for(url: str) -> Engine:
    """An engine whose commits do not wait for the disk; a later one that does brings them there first."""
    engine = engine_for(url)
    return engine if engine.dialect.name != "sqlite" else _sqlite(engine.url, _prepare_sqlite_in_passing, _TO_WRITE)


@cache
def _reading_engine_for(url: str) -> Engine:
    """An engine whose connections cannot write; that of SQLite has connections of its own, which take no lock."""
    engine = engine_for(url)
    if engine.dialect.name != "sqlite":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _sqlite(engine.url, _prepare_sqlite_to_read, "BEGIN")


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), pool_size=_KEPT, pool_use_lifo=True, hide_parameters=True
    )

    def prepare(connection: Any, _record: Any) -> None:
        connection.prepared_max = _PREPARED

    def put_aside(_connection: Any, record: Any) -> None:
        record.info["since"] = time.monotonic()

    def take_up(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("since", inf) > _RESTED:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkin", put_aside)
    event.listen(engine, "checkout", take_up)
    return engine


def _sqlite(url: URL, prepare: Callable[[Any, Any], None], begin: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log, enforced foreign keys, no trace of what is deleted, and transactions begun by us."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _prepare_sqlite_in_passing(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=NORMAL")


def _prepare_sqlite_to_read(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA query_only=ON")


def get_engine() -> Engine:
    """The engine of the database in force."""
    return engine_for(get_settings().url)


def forget_engines(url: str) -> None:
    """Close the connections of a database that is no longer in force and not in use."""
    for engine in (engine_for(url), _passing_engine_for(url), _reading_engine_for(url)):
        engine.dispose()


@cache
def _sessions(engine: Engine) -> sessionmaker[Session]:
    """What makes sessions of an engine; made once, for it makes a class of its own."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def reading() -> Iterator[Session]:
    """A session for looking only: all as it was at its first question, nobody waits for it, and it cannot write."""
    with _sessions(_reading_engine_for(get_settings().url)).begin() as session:
        yield session


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work is committed at the end of the block, or rolled back whole.

    On SQLite it takes the write lock at once: two writers then wait for each other instead of failing half-way.
    """
    with _sessions(get_engine()).begin() as session:
        yield session


@contextmanager
def passing_transaction() -> Iterator[Session]:
    """As ``transaction``, for what a machine that loses its power may forget, like who works on what just now.

    It is written as any other, but not waited for until it is on the disk.
    """
    with _sessions(_passing_engine_for(get_settings().url)).begin() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL synchronous_commit = off"))
        yield session


def table_of(rows: type[Base]) -> Table:
    """The table as such, for statements past the session; such a one costs half of what it costs the session."""
    return cast("Table", rows.__table__)


def found_when_asked(find: Callable[[], Any], kind: Any) -> BindParameter[Any]:
    """A value of a question that is made once: it is found anew each time that the question is asked.

    To put a question together costs more than to ask it.
    """
    return bindparam(None, type_=kind, callable_=find, unique=True)


def insert_for(dialect: str) -> Callable[..., Any]:
    """What makes an INSERT that may say what happens on a conflict, for the database of that name."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


def insert_if_absent(session: Session, table: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same unique key stands already; True when this call made it.

    Waits for another transaction that is inserting the same key, on both databases.
    """
    session.flush()  # what it refers to, for the statement below goes past the session
    return session.connection().execute(_inserting_a_row(table), dict(values)).first() is not None


def insert_new(session: Session, table: type[Row], values: Mapping[str, Any]) -> Row | None:
    """As ``insert_if_absent``; the row that this call made."""
    return session.scalars(_InsertOrNothing(table).values(**values).returning(table)).first()


class _OrNothing(postgresql.dml.OnConflictDoNothing):
    """Of no key in particular: one is as the other, so that SQL with it may be kept."""

    _traverse_internals = []  # noqa: RUF012  as its base has it


class _InsertOrNothing(Insert):
    """As the dialects' own, in the words that SQLite and PostgreSQL share; SQLAlchemy keeps no SQL of theirs.

    To put it together anew each time would cost more than to carry it out.
    """

    inherit_cache = True
    _post_values_clause = _OrNothing()


@cache
def _inserting_a_row(table: type[Base]) -> Any:
    """Made once: a session would have to make it one of its own."""
    return _InsertOrNothing(table_of(table)).returning(*table_of(table).primary_key)


def insert_all_absent(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with the same columns, each unless one with the same unique key stands already; as fast as one."""
    if rows:
        session.execute(_InsertOrNothing(table), [dict(row) for row in rows])


def with_large_cache(session: Session) -> None:
    """Let the connection of a session keep more pages: whoever writes many rows comes back to them. SQLite only."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size = -{_LARGE_CACHE}")
