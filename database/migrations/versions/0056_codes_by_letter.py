"""Whether the owner of an account is known to be the customer, and codes that went by letter to show it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of nobody it is known; whose address the register has is known once he signs in."""
    op.add_column("accounts", sa.Column("vouched_at", _INSTANT, nullable=True))
    op.add_column("accounts", sa.Column("vouched_by", sa.String(length=8), nullable=True))
    op.create_table(
        "letter_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_letter_codes_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_codes")),
    )
    for column in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_letter_codes_{column}"), "letter_codes", [column], unique=False)


def downgrade() -> None:
    """Every account shows all again."""
    op.drop_table("letter_codes")
    op.drop_column("accounts", "vouched_by")
    op.drop_column("accounts", "vouched_at")
