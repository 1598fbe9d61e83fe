"""Tables for staff, their sessions and counted attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson, EncryptedText
from database.engine import Base, Instant


class Try(Base):
    """One wrong try of a secret, or ``amount`` of something limited; ``key_digest`` tells nothing of whose it was."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_key_digest_at", "key_digest", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=1)


class Staff(Base):
    """An account of somebody who works here; never deleted, because what was done stays with its name.

    ``login`` is lower-case. ``password_hash`` is as ``access.passwords`` makes it. ``second_factor`` is the secret of
    the app that makes codes, ``second_factor_step`` the time step of the last code used. Wrong tries to sign in count
    from ``tries_since`` on. ``sign_in_way`` tells whether the password or a provider of identities lets in,
    ``identity_digest`` who that is at the provider. ``crew`` is the name of the crew of who works in the field.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool]
    first_password_until: Mapped[datetime | None] = mapped_column(Instant)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_sign_in: Mapped[datetime | None] = mapped_column(Instant)
    second_factor: Mapped[str | None] = mapped_column(EncryptedText)
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)
    tries_since: Mapped[datetime | None] = mapped_column(Instant)
    sign_in_way: Mapped[str] = mapped_column(String(20), default="password")
    identity_digest: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    crew: Mapped[str | None] = mapped_column(String(40))


class RecoveryCode(Base):
    """A code that stands for the second factor once; only its digest is kept, and it is deleted when used."""

    __tablename__ = "staff_recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)


class StaffSession(Base):
    """One browser of one member of staff; the token itself is only in its cookie.

    ``proven`` tells whether the second factor was given, ``offered_secret`` is the one that this browser may set up,
    ``ends_others`` that the person wished all other sessions ended once signed in, ``by_provider`` that no password of
    ours was asked for.
    """

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used: Mapped[datetime] = mapped_column(Instant)
    browser: Mapped[str] = mapped_column(String(60), default="")
    proven: Mapped[bool] = mapped_column(default=False)
    ends_others: Mapped[bool] = mapped_column(default=False)
    offered_secret: Mapped[str | None] = mapped_column(EncryptedText)
    by_provider: Mapped[bool] = mapped_column(default=False)


class BegunSignIn(Base):
    """A sign-in that is to be finished (``access.begun``); deleted when it is, or when it is too late to.

    ``browser_digest`` tells by its secret who may finish it, ``content`` what it was begun with.
    """

    __tablename__ = "begun_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    browser_digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    begun_at: Mapped[datetime] = mapped_column(Instant, index=True)


class CrewCalendar(Base):
    """The secret address of the calendar of one account; only a digest of it is kept, a new one replaces it."""

    __tablename__ = "crew_calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
