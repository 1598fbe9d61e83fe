"""The chain of the audit, and a database that refuses to change its entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SQLITE = (
    """CREATE TRIGGER audit_entry_is_not_changed
    BEFORE UPDATE OF id, at, actor, action, subject ON audit
    BEGIN SELECT RAISE(ABORT, 'an entry of the audit is never changed'); END""",
    """CREATE TRIGGER audit_entry_is_sealed_once
    BEFORE UPDATE OF position, digest ON audit WHEN OLD.position IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'an entry of the audit is never changed'); END""",
    """CREATE TRIGGER audit_entry_is_not_deleted
    BEFORE DELETE ON audit
    WHEN OLD.position IS NULL OR OLD.position > COALESCE((SELECT removed_through FROM audit_head), 0)
    BEGIN SELECT RAISE(ABORT, 'an entry of the audit is never deleted'); END""",
    """CREATE TRIGGER audit_head_is_not_deleted BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'the head of the audit is never deleted'); END""",
)

_POSTGRES = (
    """CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN
            IF OLD.position <= (SELECT removed_through FROM audit_head) THEN
                RETURN OLD;
            END IF;
        ELSIF TG_OP = 'UPDATE' THEN
            IF (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject)
                    IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject)
                AND (OLD.position IS NULL
                    OR (NEW.position, NEW.digest) IS NOT DISTINCT FROM (OLD.position, OLD.digest)) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'an entry of the audit is never changed or deleted';
    END $$""",
    """CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_kept()""",
    """CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()""",
    """CREATE TRIGGER audit_head_is_kept BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_is_kept()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("removed_through", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.add_column("audit", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("digest", sa.String(length=64), nullable=True))
    op.create_index("ix_audit_position", "audit", ["position"], unique=True)
    op.create_index("ix_audit_subject_at", "audit", ["subject", "at"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.drop_index("ix_audit_subject", table_name="audit")
    for statement in _POSTGRES if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Without the chain."""
    if op.get_bind().dialect.name == "postgresql":
        for name, table in (
            ("audit_entry_is_kept", "audit"),
            ("audit_is_not_emptied", "audit"),
            ("audit_head_is_kept", "audit_head"),
        ):
            op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute("DROP FUNCTION audit_is_kept()")
    else:
        for name in ("entry_is_not_changed", "entry_is_sealed_once", "entry_is_not_deleted", "head_is_not_deleted"):
            op.execute(f"DROP TRIGGER audit_{name}")
    op.create_index("ix_audit_subject", "audit", ["subject"])
    for name in ("ix_audit_at", "ix_audit_subject_at", "ix_audit_position"):
        op.drop_index(name, table_name="audit")
    op.drop_column("audit", "digest")
    op.drop_column("audit", "position")
    op.drop_table("audit_head")
