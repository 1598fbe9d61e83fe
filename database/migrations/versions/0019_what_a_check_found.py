"""What the nightly check of all that is kept found, and when it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing was checked yet."""
    op.create_table(
        "integrity_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_check")),
    )
    op.create_table(
        "integrity_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_findings")),
        sa.UniqueConstraint("mark", name=op.f("uq_integrity_findings_mark")),
    )


def downgrade() -> None:
    """What was found is found again."""
    op.drop_table("integrity_findings")
    op.drop_table("integrity_check")
