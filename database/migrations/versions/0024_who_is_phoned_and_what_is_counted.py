"""Customers are phoned until a clerk says what came of it; indexes by which the report counts a span of time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_WAITING = sa.text("used_at IS NULL AND void IS NULL")
_BOUNCED = sa.text("bounced_at IS NOT NULL")
_BY_HAND = sa.text("source = 'handprint'")


def upgrade() -> None:
    """That an address was named in a report says nothing of whether anybody phoned: all such are tasks again."""
    op.drop_column("proofs", "warned_at")
    op.add_column("proofs", sa.Column("phoned_at", _INSTANT, nullable=True))
    op.add_column("proofs", sa.Column("call_outcome", sa.String(length=10), nullable=True))
    op.create_index(
        "ix_proofs_waiting", "proofs", ["expires_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_transitions_at", "transitions", ["at"])
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index(
        "ix_sendings_bounced_at", "sendings", ["bounced_at"], sqlite_where=_BOUNCED, postgresql_where=_BOUNCED
    )
    op.create_index(
        "ix_readings_by_hand", "readings", ["document_id"], sqlite_where=_BY_HAND, postgresql_where=_BY_HAND
    )


def downgrade() -> None:
    """Whom a clerk has phoned counts as told."""
    for index, table in (
        ("ix_readings_by_hand", "readings"),
        ("ix_sendings_bounced_at", "sendings"),
        ("ix_messages_created_at", "messages"),
        ("ix_transitions_at", "transitions"),
        ("ix_proofs_waiting", "proofs"),
    ):
        op.drop_index(index, table)
    op.add_column("proofs", sa.Column("warned_at", _INSTANT, nullable=True))
    op.execute("UPDATE proofs SET warned_at = phoned_at")
    for column in ("call_outcome", "phoned_at"):
        op.drop_column("proofs", column)
