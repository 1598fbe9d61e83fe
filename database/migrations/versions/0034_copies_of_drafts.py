"""Who goes on with a form in another browser does so with a copy: of which draft it is, and at which revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No draft is a copy yet."""
    op.add_column("drafts", sa.Column("origin", sa.String(64), nullable=True))
    op.add_column("drafts", sa.Column("origin_revision", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Copies are drafts like any other."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_column("origin_revision")
        drafts.drop_column("origin")
