"""Alarms: troubles of the installation; and which steps of a document the workflow engine was told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Of what happened before nobody needs events."""
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("waits", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("told_at", _INSTANT, nullable=True),
        sa.Column("told_waits", sa.Integer(), nullable=True),
        sa.Column("end_told_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(
        "ux_alarms_open", "alarms", ["kind", "subject"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.add_column("documents", sa.Column("told_step", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE documents SET told_step = "
        "(SELECT max(transitions.id) FROM transitions WHERE transitions.document_id = documents.id)"
    )


def downgrade() -> None:
    """Troubles are found again."""
    op.drop_column("documents", "told_step")
    op.drop_index("ux_alarms_open", table_name="alarms")
    op.drop_table("alarms")
