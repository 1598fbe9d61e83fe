"""Messages that come back: by what they are known then, how often they did, and addresses that take no mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("return_token", sa.String(24), nullable=True))
    op.add_column("messages", sa.Column("bounces", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_messages_return_token", "messages", ["return_token"])
    op.create_index("ix_messages_reference", "messages", ["reference"])
    op.create_table(
        "stopped_addresses",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("address_key", sa.String(64), nullable=False, unique=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Messages that came back have failed, and those that a clerk closed count as sent."""
    op.execute("UPDATE messages SET state = 'failed' WHERE state = 'bounced'")
    op.execute("UPDATE messages SET state = 'sent' WHERE state = 'closed'")
    op.drop_table("stopped_addresses")
    op.drop_index("ix_messages_reference", "messages")
    op.drop_index("ix_messages_return_token", "messages")
    op.drop_column("messages", "bounces")
    op.drop_column("messages", "return_token")
