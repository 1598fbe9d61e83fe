"""Who the owner of an account is at a provider of identities, as a keyed digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is known there yet."""
    op.add_column("accounts", sa.Column("identity_digest", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_accounts_identity_digest"), "accounts", ["identity_digest"], unique=True)


def downgrade() -> None:
    """Everybody signs in by password."""
    op.drop_index(op.f("ix_accounts_identity_digest"), table_name="accounts")
    op.drop_column("accounts", "identity_digest")
