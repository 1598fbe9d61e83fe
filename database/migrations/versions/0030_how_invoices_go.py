"""How invoices go to customers: by e-mail or in a run of the printer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TO_PRINT = sa.text("print_run IS NULL")


def upgrade() -> None:
    """None was delivered by us so far."""
    op.create_table(
        "invoice_print_runs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("written_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_invoice_print_runs")),
    )
    op.create_table(
        "invoice_deliveries",
        sa.Column("invoice_no", sa.String(length=40), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("message_key", sa.String(length=120), nullable=True),
        sa.Column("print_run", sa.Integer(), nullable=True),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["print_run"], ["invoice_print_runs.number"], name=op.f("fk_invoice_deliveries_print_run_invoice_print_runs")
        ),
        sa.PrimaryKeyConstraint("invoice_no", name=op.f("pk_invoice_deliveries")),
        sa.UniqueConstraint("message_key", name=op.f("uq_invoice_deliveries_message_key")),
    )
    op.create_index(op.f("ix_invoice_deliveries_customer_no"), "invoice_deliveries", ["customer_no"], unique=False)
    op.create_index(op.f("ix_invoice_deliveries_print_run"), "invoice_deliveries", ["print_run"], unique=False)
    op.create_index(
        "ix_invoice_deliveries_to_print",
        "invoice_deliveries",
        ["invoice_no"],
        unique=False,
        sqlite_where=_TO_PRINT,
        postgresql_where=_TO_PRINT,
    )


def downgrade() -> None:
    """E-mails of invoices belong to no case: nobody would know them any more."""
    op.execute("DELETE FROM messages WHERE tracking = ''")
    op.drop_table("invoice_deliveries")
    op.drop_table("invoice_print_runs")
