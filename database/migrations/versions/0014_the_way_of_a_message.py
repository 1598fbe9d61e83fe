"""Each try to send a message with what came of it, whose address a message goes to, and when its link was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What is known of the last try of each message becomes its history; where it went to is not looked for anew."""
    op.create_table(
        "sendings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("transport", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("return_token", sa.String(length=24), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("accepted_at", _INSTANT, nullable=True),
        sa.Column("reply", sa.String(length=200), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("bounce", sa.String(length=40), nullable=True),
        sa.Column("bounced_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_sendings_message_id_messages"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("claim", name=op.f("uq_sendings_claim")),
    )
    for column in ("message_id", "return_token", "reference"):
        op.create_index(f"ix_sendings_{column}", "sendings", [column])
    op.execute(
        "INSERT INTO sendings (message_id, claim, at, channel, transport, recipient, return_token, reference,"
        " accepted_at, error)"
        " SELECT id, coalesce(claim, 'message ' || id), coalesce(sent_at, created_at), channel, transport, recipient,"
        " return_token, reference, sent_at, last_error FROM messages WHERE transport IS NOT NULL"
    )
    op.drop_index("ix_messages_return_token", "messages")
    op.drop_column("messages", "return_token")
    op.add_column("messages", sa.Column("role", sa.String(length=8), nullable=False, server_default="exact"))
    op.add_column("messages", sa.Column("customer_no", sa.String(length=12), nullable=True))
    op.execute(
        "UPDATE messages SET customer_no ="
        " (SELECT documents.customer_no FROM documents WHERE documents.tracking = messages.tracking)"
    )
    op.execute(  # what is to be done about a link that did not arrive is known by that it is one
        "UPDATE messages SET role = 'link' WHERE erased_at IS NULL"
        " AND template IN ('account_link', 'einvoice_link', 'email_change_link')"
    )
    op.add_column("messages", sa.Column("readdressed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("closing", sa.LargeBinary(), nullable=True))
    op.add_column("proofs", sa.Column("opened_at", _INSTANT, nullable=True))
    op.add_column("proofs", sa.Column("last_opened_at", _INSTANT, nullable=True))
    op.create_table(
        "returned_mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_look_at", _INSTANT, nullable=False),
        sa.Column("trouble", sa.String(length=300), nullable=True),
        sa.Column("since", _INSTANT, nullable=True),
        sa.Column("left_alone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_mailbox")),
    )


def downgrade() -> None:
    """Of the tries of a message the token of the last one stays, by which it is known when it comes back."""
    op.drop_table("returned_mailbox")
    for column in ("last_opened_at", "opened_at"):
        op.drop_column("proofs", column)
    for column in ("closing", "readdressed", "customer_no", "role"):
        op.drop_column("messages", column)
    op.add_column("messages", sa.Column("return_token", sa.String(24), nullable=True))
    op.execute(
        "UPDATE messages SET return_token = (SELECT return_token FROM sendings WHERE message_id = messages.id"
        " ORDER BY id DESC LIMIT 1)"
    )
    op.create_index("ix_messages_return_token", "messages", ["return_token"])
    op.drop_table("sendings")
