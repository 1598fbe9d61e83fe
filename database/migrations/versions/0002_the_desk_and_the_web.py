"""The review desk and the customers' pages: staff, wrong tries, drafts, passwords, the queue, the second look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _access()
    _drafts()
    _customer_accounts()
    _desk()
    _pictures()
    _second_look()


def _access() -> None:
    op.create_table(
        "tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
    )
    op.create_index(op.f("ix_tries_at"), "tries", ["at"], unique=False)
    op.create_index("ix_tries_key_digest_at", "tries", ["key_digest", "at"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_sessions_token_digest")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False)


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tracking", sa.String(length=12), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_drafts_token_digest")),
    )
    op.create_index(op.f("ix_drafts_expires_at"), "drafts", ["expires_at"], unique=False)


def _customer_accounts() -> None:
    op.add_column("accounts", sa.Column("password_hash", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "password_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_password_links_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_links_token_digest")),
    )
    op.create_index(op.f("ix_password_links_account_id"), "password_links", ["account_id"], unique=False)


def _desk() -> None:
    op.add_column("documents", sa.Column("desk_owner", sa.String(length=40), nullable=True))
    op.add_column("documents", sa.Column("desk_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("desk_level", sa.String(length=10), server_default="clerk", nullable=False))
    op.add_column("documents", sa.Column("desk_note", sa.LargeBinary(), nullable=True))
    op.add_column("documents", sa.Column("overruled", sa.JSON(), nullable=True))
    op.add_column("documents", sa.Column("paper_from", sa.Date(), nullable=True))
    for names in (
        ("duplicate_of",),
        ("desk_owner", "state", "received_at"),
        ("state", "desk_level", "received_at"),
        ("state", "desk_level", "form", "reason_code"),
    ):
        op.create_index(f"ix_documents_{'_'.join(names)}", "documents", list(names), unique=False)
    op.create_index(op.f("ix_customers_nip"), "customers", ["nip"], unique=False)
    for name, length in (("name_key", 200), ("address_key", 200), ("pesel_key", 64)):
        op.add_column("customers", sa.Column(name, sa.String(length=length), nullable=True))
        op.create_index(op.f(f"ix_customers_{name}"), "customers", [name], unique=False)


def _desk_undone() -> None:
    for name in ("name_key", "address_key", "pesel_key"):
        op.drop_index(op.f(f"ix_customers_{name}"), table_name="customers")
        op.drop_column("customers", name)
    op.drop_index(op.f("ix_customers_nip"), table_name="customers")
    for names in (
        "state_desk_level_form_reason_code",
        "state_desk_level_received_at",
        "desk_owner_state_received_at",
        "duplicate_of",
    ):
        op.drop_index(f"ix_documents_{names}", table_name="documents")
    for name in ("paper_from", "overruled", "desk_note", "desk_level", "desk_until", "desk_owner"):
        op.drop_column("documents", name)


def _pictures() -> None:
    op.add_column("documents", sa.Column("turns", sa.JSON(), nullable=True))


def _second_look() -> None:
    op.create_table(
        "second_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking", sa.String(length=16), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clerk", sa.String(length=100), nullable=True),
        sa.Column("clerk_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("checked", sa.Integer(), nullable=True),
        sa.Column("wrong", sa.JSON(), nullable=True),
        sa.Column("correction", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint("tracking", name=op.f("uq_second_looks_tracking")),
    )
    op.create_index("ix_second_looks_verdict_chosen_at", "second_looks", ["verdict", "chosen_at"])


def downgrade() -> None:
    """In the other order."""
    op.drop_table("second_looks")
    op.drop_column("documents", "turns")
    _desk_undone()
    op.drop_index(op.f("ix_password_links_account_id"), table_name="password_links")
    op.drop_table("password_links")
    op.drop_column("accounts", "password_set_at")
    op.drop_column("accounts", "password_hash")
    op.drop_table("drafts")
    op.drop_table("staff_sessions")
    op.drop_table("staff")
    op.drop_table("tries")
