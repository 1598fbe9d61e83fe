"""Kinds of values that are held for a clerk for a time, with the reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is held yet."""
    op.add_column("tolerance", sa.Column("held", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Nothing is held."""
    op.drop_column("tolerance", "held")
