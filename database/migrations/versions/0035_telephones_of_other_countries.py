"""Telephone numbers of other countries are kept as E.164 has them: '+', country code, up to 15 digits.

SQLite keeps texts of any length, whatever the column says; and to build the tables anew would take long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TABLES = ("customers", "accounts")


def upgrade() -> None:
    """Room for them."""
    if op.get_bind().dialect.name != "sqlite":
        for table in _TABLES:
            op.alter_column(table, "phone", type_=sa.String(16), existing_type=sa.String(9), existing_nullable=True)


def downgrade() -> None:
    """Who gave one has none; the program of before took only Polish ones."""
    for table in _TABLES:
        op.execute(sa.text(f"UPDATE {table} SET phone = NULL WHERE length(phone) > 9"))  # nosec B608  # names of tables of ours
        if op.get_bind().dialect.name != "sqlite":
            op.alter_column(table, "phone", type_=sa.String(9), existing_type=sa.String(16), existing_nullable=True)
