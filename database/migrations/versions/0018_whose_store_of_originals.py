"""Which store of originals is the register's: one row with the mark that it bears."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who starts the program next marks the store."""
    op.create_table(
        "store_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_mark")),
    )


def downgrade() -> None:
    """The mark in the store stays, and is taken over by the next upgrade."""
    op.drop_table("store_mark")
