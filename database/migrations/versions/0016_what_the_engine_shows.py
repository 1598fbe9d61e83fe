"""Of each document what the workflow engine shows of it, and who sees to that; whose turn it is to be read."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from environment import clock

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEPT = timedelta(days=90)
_NOT_SHOWN = sa.text("shown IS NULL")


def upgrade() -> None:
    """What ended long ago is taken for shown: the engine would have forgotten it by now."""
    for table in ("documents", "sightings"):
        op.add_column(table, sa.Column("turn", _INSTANT, nullable=True))
    op.add_column("documents", sa.Column("shown", sa.String(length=12), nullable=True))
    op.add_column("documents", sa.Column("shown_run", sa.String(length=36), nullable=True))
    ended = ("confirmed", "rejected", "quarantined", "duplicate")
    documents = sa.table("documents", sa.column("shown"), sa.column("state"), sa.column("updated_at", _INSTANT))
    long_ago = sa.and_(documents.c.state.in_(ended), documents.c.updated_at < clock.now() - _KEPT)
    op.execute(documents.update().where(long_ago).values(shown=documents.c.state))
    op.create_index(
        "ix_documents_not_shown",
        "documents",
        ["updated_at"],
        sqlite_where=_NOT_SHOWN,
        postgresql_where=_NOT_SHOWN,
    )
    op.create_table(
        "mirror",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=True),
        sa.Column("until", _INSTANT, nullable=True),
        sa.Column("deployment", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror")),
    )


def downgrade() -> None:
    """A later upgrade shows what is recent anew."""
    op.drop_table("mirror")
    op.drop_index("ix_documents_not_shown", "documents")
    for table in ("documents", "sightings"):
        op.drop_column(table, "turn")
    op.drop_column("documents", "shown_run")
    op.drop_column("documents", "shown")
