"""What was deleted goes from the files of the database too: free pages and logs keep old bytes for a while."""

from __future__ import annotations

from sqlalchemy import text

from database.engine import Base, DatabaseUnreachableError, get_engine

_WAIT: str = "30s"


def forget_log() -> bool:
    """Empty SQLite's write-ahead log into the database; False when somebody was reading all the time.

    PostgreSQL writes over its log in its own time.
    """
    engine = get_engine()
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        connection.close()


def wipe() -> bool:
    """Write the tables anew without what was deleted from them; False when the database was too busy for that.

    Takes a moment in which nobody else writes.
    """
    engine = get_engine()
    try:
        if engine.dialect.name == "sqlite":
            connection = engine.raw_connection()
            try:
                connection.cursor().execute("VACUUM")
            finally:
                connection.close()
            return forget_log()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            alone.execute(text(f"SET lock_timeout = '{_WAIT}'"))
            for table in Base.metadata.sorted_tables:
                alone.execute(text(f'VACUUM (FULL) "{table.name}"'))
            alone.execute(text("RESET lock_timeout"))
    except DatabaseUnreachableError:
        return False
    return True
