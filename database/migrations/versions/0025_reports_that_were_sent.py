"""Which reports of a day were sent to whom, so that nobody gets one twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No report was sent before."""
    op.create_table(
        "report_mails",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recipient_key", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", "recipient_key", name=op.f("pk_report_mails")),
    )


def downgrade() -> None:
    """Reports are not sent any more."""
    op.drop_table("report_mails")
