"""Requests for a visit have a state and a day; crews have a secret address of their calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0056"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("visit_state", sa.String(length=10)),
    ("step", sa.Integer()),
    ("since", sa.DateTime(timezone=True)),
    ("wished_on", sa.Date()),
    ("day", sa.Date()),
    ("part", sa.String(length=10)),
    ("report", sa.String(length=10)),
    ("note", sa.LargeBinary()),
    ("wish", sa.LargeBinary()),
)


def upgrade() -> None:
    """Requests that there are already ask for no visit."""
    for name, kind in _COLUMNS:
        op.add_column("requests", sa.Column(name, kind, nullable=True))
    op.create_index("ix_requests_visit_state_day", "requests", ["visit_state", "day"])
    op.create_table(
        "crew_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_crew_calendars_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crew_calendars")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_crew_calendars_staff_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_crew_calendars_token_digest")),
    )


def downgrade() -> None:
    """Visits end; what was asked for stays as a request."""
    op.drop_table("crew_calendars")
    op.drop_index("ix_requests_visit_state_day", table_name="requests")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("requests", name)
