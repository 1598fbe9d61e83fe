"""What a manager tolerates, what a document rested on, and at which rate it was drawn for a second look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One wrong value of a thousand is tolerated; nothing is tightened yet."""
    tolerance = op.create_table(
        "tolerance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tolerated", sa.Double(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("since", sa.JSON(), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("drifting", sa.JSON(), nullable=False),
        sa.Column("considered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tolerance")),
    )
    op.bulk_insert(
        tolerance, [{"id": 1, "tolerated": 1.0, "steps": {}, "since": {}, "rates": {}, "drifting": []}]
    )
    op.add_column("documents", sa.Column("relied_on", sa.JSON(), nullable=True))
    op.add_column("second_looks", sa.Column("rate", sa.Double(), nullable=True))


def downgrade() -> None:
    """Back to what was fitted."""
    op.drop_column("second_looks", "rate")
    op.drop_column("documents", "relied_on")
    op.drop_table("tolerance")
