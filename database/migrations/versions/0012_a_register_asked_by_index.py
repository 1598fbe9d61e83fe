"""Customers are found by telephone and by the words of their names, and the words of the register are counted.

Customers who are there already come into the index afterwards (``customers.register_index.index_rest``), in short
transactions: with many of them it takes a minute, and their keys need the key of the installation.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WORD = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "customer_name_words",
        sa.Column("word", _WORD, nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("word", "customer_no", name=op.f("pk_customer_name_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_words",
        sa.Column("field", sa.String(length=6), nullable=False),
        sa.Column("word", _WORD, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("field", "word", name=op.f("pk_register_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_index",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(length=12), nullable=True),
        sa.Column("words_state", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_index")),
    )
    op.execute(
        "INSERT INTO register_index (id, reached, words_state) SELECT 1, '', 0 WHERE EXISTS (SELECT 1 FROM customers)"
    )
    op.drop_index(op.f("ix_customers_name"), "customers")
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"])
    for name in ("received_at", "channel", "form"):
        columns = ["received_at", "id"] if name == "received_at" else [name, "received_at", "id"]
        op.create_index(f"ix_documents_{'_'.join(columns)}", "documents", columns)


def downgrade() -> None:
    """Names are searched by reading all of them again."""
    for name in ("form_received_at_id", "channel_received_at_id", "received_at_id"):
        op.drop_index(f"ix_documents_{name}", "documents")
    op.drop_index(op.f("ix_customers_phone"), "customers")
    op.create_index(op.f("ix_customers_name"), "customers", ["name"])
    for table in ("register_index", "register_words", "customer_name_words"):
        op.drop_table(table)
