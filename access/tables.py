"""Tables of who may come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant


class Try(Base):
    """One wrong try of a secret; ``key_digest`` tells nothing of whose it was."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_key_digest_at", "key_digest", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Staff(Base):
    """An account of somebody who works here; never deleted, because what was done stays with its name.

    ``login`` is lower-case. ``password_hash`` is as ``access.passwords`` makes it.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_sign_in: Mapped[datetime | None] = mapped_column(Instant)


class StaffSession(Base):
    """One browser of one member of staff; the token itself is only in its cookie."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used: Mapped[datetime] = mapped_column(Instant)
