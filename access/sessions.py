"""Sessions of staff: signing in step by step, knowing who asks and what that person owes first, signing out.

Signing in takes three steps, because comparing a password takes time that no transaction should last::

    with transaction() as session:
        attempt = begin_sign_in(session, login, client, device_mark)
    right = attempt.is_right(password)
    with transaction() as session:
        token = sign_in(session, attempt) if right else None

Whoever has a second factor gives it within the new session (``access.second_factor``).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access import passwords
from access.lockout import CountedTry, TooManyTriesError, count_code, count_password
from access.roles import Role
from access.second_factor import is_required_of
from access.session_rows import SessionRows
from access.staff import SignInWay, StaffMember, end_sessions, is_login, member_of, normalised_login, token_digest
from access.tables import Staff, StaffSession
from environment import clock
from environment.settings import get_settings

__all__ = [
    "Attempt",
    "FirstPasswordOverError",
    "OpenSession",
    "Owed",
    "TooManyTriesError",
    "Visit",
    "begin_code",
    "begin_sign_in",
    "begin_visit",
    "end_visit",
    "note_use",
    "sign_in",
    "sign_out",
    "sweep_away",
    "visits",
    "who",
]


class Owed(StrEnum):
    """What somebody who came in has to do before anything else."""

    CODE = "code"
    """Give the second factor."""
    PASSWORD = "password"  # nosec B105  # what is still to be done, no secret
    """Choose a password that nobody else knows."""
    SECOND_FACTOR = "second_factor"
    """Set up the second factor that the role requires."""


class FirstPasswordOverError(Exception):
    """The password was right, but it was given by somebody else and not replaced in time."""

    message: ClassVar[str] = (
        "To hasło na pierwszy raz straciło ważność, bo nikt go na czas nie zmienił. Poproś administratora o nowe."
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in, counted as wrong until it turns out right."""

    login: str
    """The login of an account, empty when there is none of what was typed."""
    counted: CountedTry = field(repr=False)
    stored: str | None = field(repr=False)

    def is_right(self, password: str) -> bool:
        """Whether the password is the account's; takes as long for a login that does not exist."""
        return passwords.matches(self.stored, password)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who is signed in, and the secret that every form of this session carries."""

    member: StaffMember
    csrf: str = field(repr=False)
    owed: Owed | None = None
    by_provider: bool = False
    unnoted: bool = False
    """Whether this use is to be written down (``note_use``)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One session of an account as its owner sees it; ``number`` names it, ``here`` is the one that asks."""

    number: int
    browser: str
    created_at: datetime
    last_used: datetime
    proven: bool
    here: bool


def begin_sign_in(session: Session, typed_login: str, client: str, device_mark: str = "") -> Attempt:
    """Count a try of that login from that client ('client:203.0.113.7'); TooManyTriesError when it is one too many.

    ``device_mark`` is what the browser kept of an earlier sign-in (``access.devices``).
    """
    login = normalised_login(typed_login)[:100]
    row = None
    if is_login(login):
        row = session.scalar(select(Staff).where(Staff.login == login, Staff.active.is_(True)))
    counted = count_password(session, login, client, device_mark, None if row is None else row.tries_since)
    if row is None:
        return Attempt("", counted, None)
    return Attempt(login, counted, row.password_hash if SignInWay(row.sign_in_way).has_password else None)


def begin_code(session: Session, login: str, client: str, device_mark: str) -> CountedTry:
    """Count a code of the second factor from that client; TooManyTriesError when it is one too many."""
    since = session.scalar(select(Staff.tries_since).where(Staff.login == login))
    return count_code(session, login, client, device_mark, since)


def sign_in(session: Session, attempt: Attempt, *, browser: str = "", ends_others: bool = False) -> str | None:
    """A new session after the right password; gives its token. None when the account was changed meanwhile.

    FirstPasswordOverError where nobody replaced the first password in time.

    ``browser`` is what its owner will know it by. With ``ends_others`` all other sessions of the account end, once the
    second factor is given where there is one.
    """
    row = session.scalar(
        select(Staff)
        .where(
            Staff.login == attempt.login,
            Staff.active.is_(True),
            Staff.password_hash == attempt.stored,
            Staff.sign_in_way != SignInWay.PROVIDER.value,
        )
        .with_for_update()
    )
    if row is None:
        return None
    if row.first_password_until is not None and row.first_password_until < clock.now():
        raise FirstPasswordOverError
    attempt.counted.settle(session)
    return begin_visit(session, row, browser=browser, ends_others=ends_others)


def begin_visit(
    session: Session,
    row: Staff,
    *,
    browser: str,
    ends_others: bool,
    by_provider: bool = False,
    proven: bool = False,
) -> str:
    """A new session of that account, whose row is locked; gives its token. ``proven``: the provider saw two factors."""
    at = clock.now()
    sweep_away(session)
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_digest=token_digest(token),
            staff_id=row.id,
            csrf=secrets.token_urlsafe(32),
            created_at=at,
            last_used=at,
            browser=browser,
            proven=proven,
            ends_others=ends_others,
            by_provider=by_provider,
        )
    )
    row.last_sign_in = at
    session.flush()
    if ends_others and (proven or row.second_factor is None):
        end_sessions(session, row, keep=token)
    return token


def who(session: Session, token: str) -> OpenSession | None:
    """Who is signed in with that token; None when nobody is, or is no longer. Only reads."""
    at = clock.now()
    found = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.token_digest == token_digest(token), Staff.active.is_(True), ~_ROWS.over(at))
    ).first()
    if found is None:
        return None
    visit, row = found
    unnoted = _ROWS.is_unnoted(visit.last_used, at)
    return OpenSession(member_of(row), visit.csrf, _owed(visit, row), visit.by_provider, unnoted)


def note_use(session: Session, token: str) -> None:
    """Write down that a session is in use, from which its idle time counts; nothing happens when it is over."""
    _ROWS.note_use(session, token)


def sweep_away(session: Session) -> int:
    """Delete the sessions that are over; gives how many."""
    return _ROWS.sweep_away(session)


def sign_out(session: Session, token: str) -> None:
    """End one session."""
    _ROWS.end(session, token)


def visits(session: Session, login: str, token: str) -> list[Visit]:
    """The sessions of an account that are still open, the last used first."""
    here = token_digest(token)
    found = (
        select(StaffSession, Staff.second_factor)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(Staff.login == login, ~_ROWS.over(clock.now()))
        .order_by(StaffSession.last_used.desc(), StaffSession.id.desc())
    )
    return [
        Visit(
            row.id,
            row.browser,
            row.created_at,
            row.last_used,
            row.proven or second_factor is None,
            row.token_digest == here,
        )
        for row, second_factor in session.execute(found)
    ]


def end_visit(session: Session, login: str, number: int) -> bool:
    """End one session of that account; whether there was one."""
    of_login = select(Staff.id).where(Staff.login == login).scalar_subquery()
    ended = delete(StaffSession).where(StaffSession.id == number, StaffSession.staff_id == of_login)
    return session.execute(ended.returning(StaffSession.id)).first() is not None


def _owed(visit: StaffSession, row: Staff) -> Owed | None:
    if row.second_factor is not None and not visit.proven:
        return Owed.CODE
    if row.must_change_password and not visit.by_provider:
        return Owed.PASSWORD
    if row.second_factor is None and not visit.proven and is_required_of(Role(row.role)):
        return Owed.SECOND_FACTOR
    return None


def _lasts() -> tuple[timedelta, timedelta]:
    settings = get_settings()
    return timedelta(minutes=settings.staff_idle_minutes), timedelta(hours=settings.staff_session_hours)


_ROWS: Final = SessionRows(StaffSession, token_digest, _lasts)
