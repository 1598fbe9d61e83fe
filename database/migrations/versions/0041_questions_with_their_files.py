"""Questions of customers with turns and attachments; an original may be claimed by several rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0038"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_WAITS = sa.text("waits_since IS NOT NULL")


def upgrade() -> None:
    """None was asked so far."""
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_no", sa.String(length=12), nullable=False),
        sa.Column("account_tracking", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("invoice_no", sa.String(length=40), nullable=True),
        sa.Column("case_tracking", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("waits_since", _INSTANT, nullable=True),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("held_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_customer_no"), "questions", ["customer_no"], unique=False)
    op.create_index(op.f("ix_questions_last_at"), "questions", ["last_at"], unique=False)
    op.create_index(
        "ix_questions_waiting",
        "questions",
        ["waits_since"],
        unique=False,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_table(
        "question_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("clerk", sa.String(length=40), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("waited_since", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_turns_question_id_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_turns")),
        sa.UniqueConstraint("key", name=op.f("uq_question_turns_key")),
    )
    op.create_index(op.f("ix_question_turns_question_id"), "question_turns", ["question_id"], unique=False)
    op.create_index(op.f("ix_question_turns_at"), "question_turns", ["at"], unique=False)
    op.create_table(
        "question_attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["question_turns.id"], name=op.f("fk_question_attachments_turn_id_question_turns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_attachments")),
    )
    op.create_index(op.f("ix_question_attachments_turn_id"), "question_attachments", ["turn_id"], unique=False)
    op.create_index(op.f("ix_question_attachments_sha256"), "question_attachments", ["sha256"], unique=False)
    if op.get_bind().dialect.name == "postgresql":  # SQLite minds no length
        op.alter_column("originals", "kept_for", type_=sa.String(60), existing_type=sa.String(10), existing_nullable=True)


def downgrade() -> None:
    """Questions go, and with them all claims to what came with them."""
    op.drop_table("question_attachments")
    op.drop_table("question_turns")
    op.drop_table("questions")
    op.execute("UPDATE originals SET kept_for = NULL WHERE kept_for = 'questions'")
    op.execute("UPDATE originals SET kept_for = 'invoices' WHERE kept_for IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("originals", "kept_for", type_=sa.String(10), existing_type=sa.String(60), existing_nullable=True)
