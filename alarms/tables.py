"""The table of alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant

_OPEN: Final = text("closed_at IS NULL")


class Alarm(Base):
    """One trouble from its beginning to its end; nothing in it says whose document it is about.

    ``subject`` tells those of one kind apart, ``waits`` is how many wait because of it, ``since`` when that began as
    far as known. ``told_at`` is when its beginning was told by mail, with ``told_waits`` waiting; ``end_told_at`` its
    end.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        Index("ux_alarms_open", "kind", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    waits: Mapped[int | None] = mapped_column()
    detail: Mapped[str] = mapped_column(String(300))
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    told_waits: Mapped[int | None] = mapped_column()
    end_told_at: Mapped[datetime | None] = mapped_column(Instant)
