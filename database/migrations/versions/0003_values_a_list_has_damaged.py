"""What a customer list says where it is no value, kept for the clerk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("unusable", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Without what was kept."""
    op.drop_column("customers", "unusable")
