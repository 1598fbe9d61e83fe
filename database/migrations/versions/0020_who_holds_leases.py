"""Which runs hold leases, with their signs of life, and who is sending a message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Leases of runs of the version before end by their time."""
    op.create_table(
        "holders",
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("machine", sa.String(length=60), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("birth", sa.String(length=20), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_holders")),
    )
    op.add_column("messages", sa.Column("lease_owner", sa.String(length=100), nullable=True))
    op.execute("UPDATE messages SET lease_owner = '' WHERE state = 'sending'")


def downgrade() -> None:
    """Leases end by their time again."""
    op.drop_column("messages", "lease_owner")
    op.drop_table("holders")
