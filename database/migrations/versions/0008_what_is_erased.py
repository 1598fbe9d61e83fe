"""What was erased once its time was over, and when a list last named a customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0009"
branch_labels = None
depends_on = None

_ADDED = (
    ("originals", "erased_at"),
    ("documents", "values_erased_at"),
    ("documents", "original_released_at"),
    ("messages", "erased_at"),
    ("customers", "listed_at"),
)


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Without the moments; what was erased stays erased."""
    for table, column in reversed(_ADDED):
        op.drop_column(table, column)
