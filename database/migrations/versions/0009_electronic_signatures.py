"""What was found of the electronic signatures of a file, kept with each document of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("signatures", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Without that evidence."""
    op.drop_column("documents", "signatures")
