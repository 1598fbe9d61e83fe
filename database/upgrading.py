"""Bringing the database to the tables that this version of the program needs (Alembic).

A new migration is drafted with the tables imported and an upgraded database in force, and then read by a human::

    with get_engine().begin() as connection:
        alembic.command.revision(migrations(connection), "what it is for", autogenerate=True, rev_id="0002")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from database.engine import Session, get_engine, reading
from database.holders import Holder, elsewhere
from database.key_mark import mark, require_keys
from database.keys import SecretKeyError

_LOCK_NUMBER: Final = 7_266_470
"""Number of the advisory lock that upgrades of one PostgreSQL database share."""


class SchemaError(RuntimeError):
    """The tables of the database and the program are of different versions; the message says what to do.

    ``present`` is the revision found: None where there are no tables yet. ``newer`` is true for one of a later program.
    """

    def __init__(self, message: str, present: str | None, *, newer: bool) -> None:
        super().__init__(message)
        self.present = present
        self.newer = newer


class OthersAtWorkError(RuntimeError):
    """Programs on other machines work with what was about to be changed for all."""


def upgrade() -> None:
    """Bring the database in force to the newest revision, all or nothing.

    Safe when several processes start at once: one upgrades, the others wait and find it done. SchemaError when the
    database is of a newer program, SecretKeyError when it was written with another key, OthersAtWorkError when programs
    of its present version are at work on other machines; nothing is written then.
    """
    with _alone(get_engine()) as connection:
        present = _revision(connection)
        if present not in _known_revisions():
            raise _mismatch(connection)
        if present is not None:
            require_keys(connection)
            if present != _scripts().get_current_head() and _others_are_at_work(connection):
                raise OthersAtWorkError("Programs of the present version are at work on other machines.")
        command.upgrade(migrations(connection), "head")
        mark(connection)


def check() -> None:
    """Do nothing when the database is at the newest revision; SchemaError otherwise, SecretKeyError for another key."""
    with reading() as session:
        connection = session.connection()
        if _revision(connection) != _scripts().get_current_head():
            raise _mismatch(connection)
        require_keys(connection)


def note_keys() -> None:
    """Mark the database with the keys in force, as soon as one was added; raises as ``check``."""
    check()
    with _alone(get_engine()) as connection:
        mark(connection)


def keys_fit() -> bool | None:
    """Whether the keys in force are those of the database in force; None where there is none yet."""
    with reading() as session:
        connection = session.connection()
        if _revision(connection) is None:
            return None
        try:
            require_keys(connection)
        except SecretKeyError:
            return False
    return True


def revision_of(session: Session) -> str:
    """The revision of the tables that a session sees; SchemaError where there are none."""
    found = _revision(session.connection())
    if found is None:
        raise _mismatch(session.connection())
    return found


def is_known(revision: str) -> bool:
    """Whether this program can upgrade tables of that revision, or has just these."""
    return revision in _known_revisions()


def migrations(connection: Connection) -> Config:
    """Alembic's configuration for a connection; needs no file beside this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def require_nobody_elsewhere() -> None:
    """Do nothing unless programs on other machines are at work; OthersAtWorkError then."""
    with reading() as session:
        if elsewhere(session)[0]:
            raise OthersAtWorkError("Programs on other machines are at work.")


def _others_are_at_work(connection: Connection) -> bool:
    """Whether any is, as far as tables of an older version tell."""
    if not inspect(connection).has_table(Holder.__tablename__):
        return False
    return bool(elsewhere(Session(connection))[0])


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other process upgrades this database."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            yield connection
        return
    # SQLite's own lock is not enough: a new file is switched to its write-ahead log before any transaction begins.
    with _lock_file(engine), engine.begin() as connection:
        yield connection


@contextmanager
def _lock_file(engine: Engine) -> Iterator[None]:
    name = engine.url.database
    if not name or name == ":memory:":
        yield
        return
    with Path(f"{name}.upgrade").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _known_revisions() -> set[str | None]:
    return {None, *(script.revision for script in _scripts().walk_revisions())}


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _mismatch(connection: Connection) -> SchemaError:
    present, needed = _revision(connection), _scripts().get_current_head()
    if present in _known_revisions():
        told = f"The database has revision {present or 'none'}, this program needs {needed}: start it with `ebok up`."
        return SchemaError(told, present, newer=False)
    return SchemaError(
        f"The database has revision {present}, which this program does not know: it was made by a newer version. "
        "Install that version, or restore the backup that was made with this one.",
        present,
        newer=True,
    )
