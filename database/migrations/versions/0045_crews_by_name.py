"""Crews have names: who works in the field belongs to one, and the office gives visits to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLES = ("staff", "requests")


def upgrade() -> None:
    """Nobody belongs to a crew yet, so everybody in the field goes on seeing all visits."""
    for table in _TABLES:
        op.add_column(table, sa.Column("crew", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """All see all again."""
    for table in reversed(_TABLES):
        op.drop_column(table, "crew")
