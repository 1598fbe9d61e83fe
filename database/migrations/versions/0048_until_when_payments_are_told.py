"""Until which day a delivery of billing told all payments: before that nobody is said to be late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of earlier deliveries it is not known: the next one tells."""
    op.add_column("billing_deliveries", sa.Column("paid_until", sa.Date(), nullable=True))


def downgrade() -> None:
    """Deliveries tell it again."""
    op.drop_column("billing_deliveries", "paid_until")
