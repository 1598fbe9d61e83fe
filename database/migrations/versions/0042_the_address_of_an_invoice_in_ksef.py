"""Billing may tell what the QR code of an invoice in KSeF says; what came before has none until it is told again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column more."""
    op.add_column("billing_invoices", sa.Column("ksef_link", sa.String(length=120), nullable=True))


def downgrade() -> None:
    """And gone."""
    op.drop_column("billing_invoices", "ksef_link")
