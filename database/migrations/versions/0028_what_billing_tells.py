"""What billing tells: points, meters, readings, tariffs, invoices with positions, payments, settlements; deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_OVER = sa.text("until IS NOT NULL")


def upgrade() -> None:
    """Nothing is known yet."""
    op.create_table(
        "billing_charges",
        sa.Column("invoice_no", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("tariff", sa.String(length=40), nullable=True),
        sa.Column("point_no", sa.String(length=40), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("net_price", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.String(length=10), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("invoice_no", "position", "since", name=op.f("pk_billing_charges")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_charges_over",
        "billing_charges",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_charges_since", "billing_charges", ["since"], unique=False)
    op.create_table(
        "billing_deliveries",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("applied_at", _INSTANT, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_billing_deliveries")),
    )
    op.create_index(op.f("ix_billing_deliveries_digest"), "billing_deliveries", ["digest"], unique=False)
    op.create_table(
        "billing_invoices",
        sa.Column("invoice_no", sa.String(length=40), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("corrects", sa.String(length=40), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("ksef_no", sa.String(length=64), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("invoice_no", "since", name=op.f("pk_billing_invoices")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_invoices_customer_no_issued_on", "billing_invoices", ["customer_no", "issued_on"], unique=False
    )
    op.create_index("ix_billing_invoices_issued_on", "billing_invoices", ["issued_on"], unique=False)
    op.create_index(
        "ix_billing_invoices_over",
        "billing_invoices",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_invoices_pdf_sha256", "billing_invoices", ["pdf_sha256"], unique=False)
    op.create_index("ix_billing_invoices_since", "billing_invoices", ["since"], unique=False)
    op.create_table(
        "billing_meters",
        sa.Column("meter_no", sa.String(length=40), nullable=False),
        sa.Column("point_no", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("verified_until", sa.Date(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("meter_no", "since", name=op.f("pk_billing_meters")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_meters_over", "billing_meters", ["until"], unique=False, sqlite_where=_OVER, postgresql_where=_OVER
    )
    op.create_index("ix_billing_meters_point_no", "billing_meters", ["point_no"], unique=False)
    op.create_index("ix_billing_meters_since", "billing_meters", ["since"], unique=False)
    op.create_table(
        "billing_payments",
        sa.Column("payment_no", sa.String(length=40), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("invoice_no", sa.String(length=40), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("payment_no", "since", name=op.f("pk_billing_payments")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_payments_customer_no_paid_on", "billing_payments", ["customer_no", "paid_on"], unique=False
    )
    op.create_index(
        "ix_billing_payments_over",
        "billing_payments",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_payments_paid_on", "billing_payments", ["paid_on"], unique=False)
    op.create_index("ix_billing_payments_since", "billing_payments", ["since"], unique=False)
    op.create_table(
        "billing_points",
        sa.Column("point_no", sa.String(length=40), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("street", sa.String(length=100), nullable=True),
        sa.Column("house", sa.String(length=20), nullable=True),
        sa.Column("flat", sa.String(length=20), nullable=True),
        sa.Column("postcode", sa.String(length=12), nullable=True),
        sa.Column("town", sa.String(length=100), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("point_no", "since", name=op.f("pk_billing_points")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_billing_points_customer_no", "billing_points", ["customer_no"], unique=False)
    op.create_index(
        "ix_billing_points_over", "billing_points", ["until"], unique=False, sqlite_where=_OVER, postgresql_where=_OVER
    )
    op.create_index("ix_billing_points_since", "billing_points", ["since"], unique=False)
    op.create_table(
        "billing_readings",
        sa.Column("meter_no", sa.String(length=40), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("meter_no", "read_on", "since", name=op.f("pk_billing_readings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_readings_over",
        "billing_readings",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_readings_read_on", "billing_readings", ["read_on"], unique=False)
    op.create_index("ix_billing_readings_since", "billing_readings", ["since"], unique=False)
    op.create_table(
        "billing_settlements",
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("bank_account", sa.LargeBinary(), nullable=True),
        sa.Column("opening_on", sa.Date(), nullable=False),
        sa.Column("opening_balance", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("customer_no", "since", name=op.f("pk_billing_settlements")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_settlements_over",
        "billing_settlements",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_settlements_since", "billing_settlements", ["since"], unique=False)
    op.create_table(
        "billing_tariffs",
        sa.Column("tariff", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("net_price", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tariff", "valid_from", "since", name=op.f("pk_billing_tariffs")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_billing_tariffs_over",
        "billing_tariffs",
        ["until"],
        unique=False,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_index("ix_billing_tariffs_since", "billing_tariffs", ["since"], unique=False)
    op.add_column("originals", sa.Column("kept_for", sa.String(length=10), nullable=True))


def downgrade() -> None:
    """Billing tells it again; pictures of its invoices go with the next night."""
    op.drop_column("originals", "kept_for")
    for name in (
        "charges",
        "deliveries",
        "invoices",
        "meters",
        "payments",
        "points",
        "readings",
        "settlements",
        "tariffs",
    ):
        op.drop_table(f"billing_{name}")
