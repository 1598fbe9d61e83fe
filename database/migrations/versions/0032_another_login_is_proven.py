"""A link may prove the address that is to be the login of an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All links there are lead to a password."""
    op.add_column("password_links", sa.Column("new_login", sa.String(length=254), nullable=True))


def downgrade() -> None:
    """Links to another login end."""
    op.execute("DELETE FROM password_links WHERE new_login IS NOT NULL")
    op.drop_column("password_links", "new_login")
