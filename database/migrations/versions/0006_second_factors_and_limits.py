"""Second factors of staff, what tells their sessions apart, and limits that count amounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_recovery_codes_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery_codes")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_staff_recovery_codes_code_digest")),
    )
    op.create_index(op.f("ix_staff_recovery_codes_staff_id"), "staff_recovery_codes", ["staff_id"], unique=False)
    op.add_column("staff", sa.Column("second_factor", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("second_factor_step", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("tries_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_sessions", sa.Column("browser", sa.String(length=60), server_default="", nullable=False))
    op.add_column("staff_sessions", sa.Column("proven", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("staff_sessions", sa.Column("ends_others", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("staff_sessions", sa.Column("offered_secret", sa.LargeBinary(), nullable=True))
    op.add_column("tries", sa.Column("amount", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    """Without second factors."""
    op.drop_column("tries", "amount")
    for name in ("offered_secret", "ends_others", "proven", "browser"):
        op.drop_column("staff_sessions", name)
    for name in ("tries_since", "second_factor_step", "second_factor"):
        op.drop_column("staff", name)
    op.drop_index(op.f("ix_staff_recovery_codes_staff_id"), table_name="staff_recovery_codes")
    op.drop_table("staff_recovery_codes")
