"""Customers are told of invoices, payment dates and outages: what they want, and what they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is told anything before the settings say so."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notice_choices",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("by_sms", sa.Boolean(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notice_choices_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "notice_phones",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("proven_at", moment, nullable=True),
        sa.Column("asked_phone", sa.String(length=16), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("code_until", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notice_phones_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notice_phones")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("decided_at", moment, nullable=False),
        sa.Column("sms_key", sa.String(length=120), nullable=True),
        sa.Column("email_key", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("customer_no", "kind", "subject", name=op.f("uq_notices_customer_no_kind_subject")),
    )
    for column in ("subject", "decided_at", "sms_key", "email_key"):
        op.create_index(op.f(f"ix_notices_{column}"), "notices", [column], unique=False)
    op.create_table(
        "outages",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(length=100), nullable=False),
        sa.Column("streetless", sa.Boolean(), nullable=False),
        sa.Column("first_house", sa.Integer(), nullable=True),
        sa.Column("last_house", sa.Integer(), nullable=True),
        sa.Column("parity", sa.String(length=4), nullable=False),
        sa.Column("begins_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("written_at", moment, nullable=False),
        sa.Column("announced_at", moment, nullable=True),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("restored_at", moment, nullable=True),
        sa.Column("restored_told_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outages")),
    )


def downgrade() -> None:
    """Notices belong to no case: nobody would know them any more."""
    op.execute("DELETE FROM messages WHERE role = 'notice'")
    for table in ("outages", "notices", "notice_phones", "notice_choices"):
        op.drop_table(table)
