"""Where the workflow engine keeps its tables when ours are in PostgreSQL: the same database, a schema of its own.

With ours in SQLite it has a file of its own, since one writes at a time there.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import ProgrammingError

from database.engine import get_engine

ADDRESS: Final = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
"""The variable that says where the engine's tables are."""
_SEARCH_PATH: Final = "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_SEARCH_PATH"
_SCHEMA: Final = "prefect"
_LOCK_NUMBER: Final = 7_266_471
"""Number of the advisory lock under which the schema is made."""
_OF_LIBPQ: Final = {"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslcrl": "PGSSLCRL"}
"""Options of an address that asyncpg, the engine's driver, takes from the environment only."""


class SchemaRefusedError(RuntimeError):
    """The database refuses a schema for the engine, or the extension that its tables need; the server's reason."""


def workflow_database() -> dict[str, str]:
    """Environment variables by which the engine's server keeps its tables beside ours; none where it has a file.

    Makes the schema if it is not there; SchemaRefusedError when our user may not.
    """
    engine = get_engine()
    if engine.dialect.name != "postgresql":
        return {}
    try:
        with engine.begin() as connection:
            searched = _schema(connection)
    except ProgrammingError as refused:
        raise SchemaRefusedError(str(refused.orig).partition("\n")[0]) from refused
    return {**address_for_asyncpg(engine.url), _SEARCH_PATH: searched}


def address_for_asyncpg(url: URL) -> dict[str, str]:
    """The environment in which the engine's driver reaches what ours reaches at ``url``, as safely as ours does."""
    asked = dict(url.query)
    kept = {name: value for name, value in asked.items() if name in {"host", "port"}}
    if "sslmode" in asked:
        kept["ssl"] = asked["sslmode"]
    address = url.set(drivername="postgresql+asyncpg", query=kept).render_as_string(hide_password=False)
    told = {variable: str(asked[name]) for name, variable in _OF_LIBPQ.items() if name in asked}
    return {ADDRESS: address, **told}


def _schema(connection: Connection) -> str:
    """The schema with what the engine's first migration counts on; where its connections are to look for names."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
    there = text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :name")
    if connection.scalar(there, {"name": _SCHEMA}) is None:
        connection.execute(text(f"CREATE SCHEMA {_SCHEMA}"))
    where = connection.scalar(
        text("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'")
    )
    if where is None:
        connection.execute(text(f"CREATE EXTENSION pg_trgm SCHEMA {_SCHEMA}"))
    if where is None or where == _SCHEMA:
        return _SCHEMA
    # Somebody has the extension elsewhere, where our own tables may be. Without one of its own the engine would take
    # the revision of our tables for that of its own.
    connection.execute(
        text(f"CREATE TABLE IF NOT EXISTS {_SCHEMA}.alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    )
    return f"{_SCHEMA},{where}"
