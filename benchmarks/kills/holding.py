"""Somebody who holds the database for himself: ``python -m benchmarks.kills.holding URL SECONDS``."""

from __future__ import annotations

import sys
import time

from sqlalchemy import text

from database.engine import engine_for

_TABLES = "documents, messages, sightings, transitions, changes"

if __name__ == "__main__":
    engine = engine_for(sys.argv[1])
    with engine.begin() as connection:  # SQLite's is one that writes, from its beginning
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"LOCK TABLE {_TABLES} IN ACCESS EXCLUSIVE MODE"))
        time.sleep(float(sys.argv[2]))
