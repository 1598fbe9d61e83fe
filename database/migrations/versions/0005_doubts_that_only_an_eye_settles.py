"""Doubts that only a human who looks may settle: what is struck out or covered is not proven by the register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("readings", sa.Column("by_eye", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Without telling these doubts from others."""
    op.drop_column("readings", "by_eye")
