"""Several customer numbers in one account, authority over somebody else's, answers to a new Regulamin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0032"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    """Every account has one number, and nobody acts for anybody."""
    op.create_table(
        "account_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("agreed", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_numbers_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_numbers")),
    )
    op.create_index("uq_account_numbers_asked", "account_numbers", ["account_id", "customer_no"], unique=True)
    op.create_index(op.f("ix_account_numbers_customer_no"), "account_numbers", ["customer_no"])
    op.create_index(
        "uq_account_numbers_active",
        "account_numbers",
        ["customer_no"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.create_table(
        "authorities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("paper", sa.String(length=16), nullable=True),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("link_ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_authorities_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customers.customer_no"], name=op.f("fk_authorities_customer_no_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorities")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_authorities_token_digest")),
    )
    op.create_index(op.f("ix_authorities_account_id"), "authorities", ["account_id"])
    op.create_index(op.f("ix_authorities_customer_no"), "authorities", ["customer_no"])
    op.create_table(
        "terms_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customers.customer_no"], name=op.f("fk_terms_answers_customer_no_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_answers")),
    )
    op.create_index(op.f("ix_terms_answers_customer_no"), "terms_answers", ["customer_no"])
    op.add_column("account_sessions", sa.Column("viewed_no", sa.String(length=12), nullable=True))


def downgrade() -> None:
    """Further numbers are not looked at any more, and nobody acts for anybody."""
    op.drop_column("account_sessions", "viewed_no")
    for table in ("terms_answers", "authorities", "account_numbers"):
        op.drop_table(table)
