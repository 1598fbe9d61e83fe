"""Staff sign in at a provider of identities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "begun_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("browser_digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_begun_sign_ins")),
        sa.UniqueConstraint("browser_digest", name=op.f("uq_begun_sign_ins_browser_digest")),
    )
    op.create_index(op.f("ix_begun_sign_ins_begun_at"), "begun_sign_ins", ["begun_at"], unique=False)
    op.add_column("staff", sa.Column("sign_in_way", sa.String(length=20), server_default="password", nullable=False))
    op.add_column("staff", sa.Column("identity_digest", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_staff_identity_digest"), "staff", ["identity_digest"], unique=True)
    op.add_column("staff_sessions", sa.Column("by_provider", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """With passwords alone."""
    op.drop_column("staff_sessions", "by_provider")
    op.drop_index(op.f("ix_staff_identity_digest"), table_name="staff")
    for name in ("identity_digest", "sign_in_way"):
        op.drop_column("staff", name)
    op.drop_index(op.f("ix_begun_sign_ins_begun_at"), table_name="begun_sign_ins")
    op.drop_table("begun_sign_ins")
