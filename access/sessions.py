"""Sessions of staff: signing in step by step, knowing who asks, signing out.

Signing in takes three steps, because comparing a password takes time that no transaction should last::

    with transaction() as session:
        attempt = begin_sign_in(session, login, client)
    right = attempt.is_right(password)
    with transaction() as session:
        token = sign_in(session, attempt) if right else None
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from access import passwords, tries
from access.staff import StaffMember, is_login, member_of, normalised_login, token_digest
from access.tables import Staff, StaffSession
from database import clock
from database.settings import get_settings

_NOTED_EVERY: Final = timedelta(seconds=30)
"""A use of a session is not written down more often: most requests then change no row."""


class TooManyTriesError(Exception):
    """Too many wrong tries for that login or from that client: nothing was looked at."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in, counted as wrong until it turns out right."""

    login: str
    """The login of an account, empty when there is none of what was typed."""
    own_key: str = field(repr=False)
    client_key: str = field(repr=False)
    stored: str | None = field(repr=False)

    def is_right(self, password: str) -> bool:
        """Whether the password is the account's; takes as long for a login that does not exist."""
        return passwords.matches(self.stored, password)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who is signed in, and the secret that every form of this session carries."""

    member: StaffMember
    csrf: str = field(repr=False)


def begin_sign_in(session: Session, typed_login: str, client: str) -> Attempt:
    """Count a try of that login from that client ('client:203.0.113.7'); TooManyTriesError when it is one too many."""
    login, settings = normalised_login(typed_login)[:100], get_settings()
    own, from_there = f"staff:{login.encode(errors='replace').decode()}", f"staff-{client}"
    minutes = settings.sign_in_minutes
    of_login = tries.allowed(session, own, most=settings.sign_in_tries, minutes=minutes)
    of_client = tries.allowed(session, from_there, most=settings.sign_in_tries_per_client, minutes=minutes)
    if not (of_login and of_client):
        raise TooManyTriesError
    tries.note_wrong(session, own, from_there)
    row = None
    if is_login(login):
        row = session.scalar(select(Staff).where(Staff.login == login, Staff.active.is_(True)))
    return Attempt("" if row is None else login, own, from_there, None if row is None else row.password_hash)


def settle(session: Session, attempt: Attempt) -> None:
    """The password was right: the try does not count, and the login has all its tries again."""
    tries.forget(session, attempt.own_key)
    tries.take_back(session, attempt.client_key)


def sign_in(session: Session, attempt: Attempt) -> str | None:
    """A new session after the right password; gives its token. None when the account was changed meanwhile."""
    at = clock.now()
    row = session.scalar(
        select(Staff)
        .where(Staff.login == attempt.login, Staff.active.is_(True), Staff.password_hash == attempt.stored)
        .with_for_update()
    )
    if row is None:
        return None
    settle(session, attempt)
    session.execute(delete(StaffSession).where(_over(at)))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_digest=token_digest(token),
            staff_id=row.id,
            csrf=secrets.token_urlsafe(32),
            created_at=at,
            last_used=at,
        )
    )
    row.last_sign_in = at
    session.flush()
    return token


def who(session: Session, token: str) -> OpenSession | None:
    """Who is signed in with that token; None when nobody is, or is no longer."""
    at = clock.now()
    found = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.token_digest == token_digest(token), Staff.active.is_(True), ~_over(at))
    ).first()
    if found is None:
        return None
    visit, row = found
    if at - visit.last_used >= _NOTED_EVERY:
        noted = update(StaffSession).where(StaffSession.id == visit.id).values(last_used=at)
        session.execute(noted.execution_options(synchronize_session=False))  # no row is left when it ends meanwhile
    return OpenSession(member_of(row), visit.csrf)


def sign_out(session: Session, token: str) -> None:
    """End one session."""
    session.execute(delete(StaffSession).where(StaffSession.token_digest == token_digest(token)))


def _over(at: datetime) -> ColumnElement[bool]:
    settings = get_settings()
    return or_(
        StaffSession.last_used <= at - timedelta(minutes=settings.staff_idle_minutes),
        StaffSession.created_at <= at - timedelta(hours=settings.staff_session_hours),
    )
