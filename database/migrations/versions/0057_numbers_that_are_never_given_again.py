"""The number of an authority, a question, an outage is never given again: others name it longer than it is kept.

PostgreSQL never gave one twice. SQLite did, that of the newest row, once it was erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0050"
branch_labels = None
depends_on = None

_MARKED: Final = ("documents", "drafts", "question_turns", "reported_readings", "requests")
_NAMED: Final = {
    "authorities": (
        *(f"SELECT max(authority) FROM {table}" for table in _MARKED),  # nosec B608  # nothing of anybody's is in it
        "SELECT max(CAST(substr(actor, instr(actor, '/') + 1) AS INTEGER)) FROM audit WHERE actor LIKE 'agent:%/%'",
    ),
    "questions": (
        "SELECT max(CAST(substr(subject, length('question:') + 1) AS INTEGER)) FROM audit "
        "WHERE subject LIKE 'question:%'",
    ),
    "outages": (
        "SELECT max(CAST(subject AS INTEGER)) FROM notices WHERE kind IN ('outage', 'restored')",
        "SELECT max(CAST(substr(subject, length('outage:') + 1) AS INTEGER)) FROM audit WHERE subject LIKE 'outage:%'",
    ),
}
"""What names rows beside the rows, by their table."""
_OF_QUESTIONS: Final = ("question_turns", "question_attachments")
"""In the order in which each needs the one before."""


def upgrade() -> None:
    """Make the tables anew, and go on counting after the highest number that is named anywhere."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _make_anew("authorities")
    _make_anew("outages", "number")
    with _set_aside(*_OF_QUESTIONS):
        _make_anew("questions")


def downgrade() -> None:
    """Numbers are counted on as they are: earlier programs do not mind."""


def _make_anew(table: str, key: str = "id") -> None:
    with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
        pass
    connection = op.get_bind()
    named = (f"SELECT max({key}) FROM {table}", *_NAMED[table])  # nosec B608  # nothing of anybody's is in it
    highest = max(connection.scalar(sa.text(one)) or 0 for one in named)
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
    counted = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :highest)")
    connection.execute(counted, {"table": table, "highest": highest})


@contextmanager
def _set_aside(*tables: str) -> Iterator[None]:
    """Empty tables that point to one that is made anew, and fill them again: SQLite holds to it all the while."""
    for table in reversed(tables):
        op.execute(f"CREATE TEMPORARY TABLE aside_{table} AS SELECT * FROM {table}")  # nosec B608  # tables of ours
        op.execute(f"DELETE FROM {table}")  # nosec B608  # tables of ours
    yield
    for table in tables:
        op.execute(f"INSERT INTO {table} SELECT * FROM aside_{table}")  # nosec B608  # tables of ours
        op.execute(f"DROP TABLE aside_{table}")
