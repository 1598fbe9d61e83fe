"""The documents that the machine may move on, in the order in which it takes them up: an index of them alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('received', 'ready', 'applied')")


def upgrade() -> None:
    op.create_index(
        "ix_documents_attempts_received_at_id",
        "documents",
        ["attempts", "received_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_documents_attempts_received_at_id", "documents")
