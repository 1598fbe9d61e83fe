"""Invoices that billing moves to another customer after they went: a clerk is told, and settles it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None

_TABLE = "invoice_deliveries"
_TO_SETTLE = sa.text("moved_to IS NOT NULL AND moved_settled_at IS NULL")


def upgrade() -> None:
    """What moved before is found by the next look at billing's figures."""
    op.add_column(_TABLE, sa.Column("moved_to", sa.String(12), nullable=True))
    op.add_column(_TABLE, sa.Column("moved_settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_invoice_deliveries_moved",
        _TABLE,
        ["invoice_no"],
        unique=False,
        sqlite_where=_TO_SETTLE,
        postgresql_where=_TO_SETTLE,
    )


def downgrade() -> None:
    """Nobody is told any more."""
    op.drop_index("ix_invoice_deliveries_moved", table_name=_TABLE)
    op.drop_column(_TABLE, "moved_settled_at")
    op.drop_column(_TABLE, "moved_to")
