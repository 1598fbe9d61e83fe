"""What customers read from their meters, and what was handed to billing of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0040"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """None so far."""
    op.create_table(
        "reading_exports",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reading_exports")),
    )
    op.create_table(
        "reported_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("meter_no", sa.String(length=40), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("doubt", sa.String(length=12), nullable=True),
        sa.Column("doubt_told", sa.LargeBinary(), nullable=True),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("export_no", sa.Integer(), nullable=True),
        sa.Column("message_key", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["export_no"], ["reading_exports.number"], name=op.f("fk_reported_readings_export_no_reading_exports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_readings")),
        sa.UniqueConstraint("number", name=op.f("uq_reported_readings_number")),
        sa.UniqueConstraint("mark", name=op.f("uq_reported_readings_mark")),
        sa.UniqueConstraint("message_key", name=op.f("uq_reported_readings_message_key")),
    )
    for column in ("customer_no", "meter_no", "state", "photo_sha256", "export_no"):
        op.create_index(op.f(f"ix_reported_readings_{column}"), "reported_readings", [column], unique=False)


def downgrade() -> None:
    """Photos lose their claim; messages belong to no case, so nobody would know them any more."""
    op.execute("UPDATE originals SET kept_for = NULL WHERE kept_for = 'readings'")
    op.execute("DELETE FROM messages WHERE tracking = '' AND (key LIKE 'sms:%' OR key LIKE 'reading:%')")
    op.drop_table("reported_readings")
    op.drop_table("reading_exports")
