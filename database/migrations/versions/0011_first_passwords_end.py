"""A password that somebody else gave has a day until which it opens the account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("first_password_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """First passwords that are good until they are replaced."""
    op.drop_column("staff", "first_password_until")
