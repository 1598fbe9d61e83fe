"""By which authority an agent wrote, asked, answered or reported: None is the customer himself, or nobody known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_TABLES = ("documents", "drafts", "question_turns", "reported_readings", "requests")


def upgrade() -> None:
    """What came before is told as the customer's own, as it was; the audit has who it was."""
    for table in _TABLES:
        op.add_column(table, sa.Column("authority", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Only the audit tells again."""
    for table in reversed(_TABLES):
        op.drop_column(table, "authority")
