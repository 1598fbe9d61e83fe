"""Staff accounts.

Passwords come in as ``access.passwords.hashed`` gives them: hashing takes time that no transaction should last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access.roles import Role, SignInWay
from access.tables import Staff, StaffSession
from database.encryption import digest
from environment import clock
from environment.settings import get_settings

__all__ = [
    "Role",
    "SignInWay",
    "StaffError",
    "StaffMember",
    "add_staff",
    "change_role",
    "deactivate",
    "end_sessions",
    "is_login",
    "list_staff",
    "locked",
    "locked_administrators",
    "member_of",
    "normalised_login",
    "reactivate",
    "set_password",
    "token_digest",
    "unlock",
]

_LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_LONGEST_NAME: Final = 100
_LAST: Final = "To jedyne czynne konto administratora. Najpierw nadaj tę rolę komuś innemu."


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account, without its password; ``bound`` tells whether we know who its owner is at the provider."""

    login: str
    name: str
    role: Role
    active: bool
    must_change_password: bool
    created_at: datetime
    last_sign_in: datetime | None
    has_second_factor: bool = False
    way: SignInWay = SignInWay.PASSWORD
    bound: bool = False
    crew: str | None = None

    @property
    def actor(self) -> str:
        """How what this person does is noted in the register."""
        return f"clerk:{self.login}"


class StaffError(ValueError):
    """An account cannot be made or changed so; ``message`` is Polish, ``field`` names the input that is wrong."""

    def __init__(self, message: str, field: str = "login") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def add_staff(session: Session, login: str, name: str, role: Role, password_hash: str) -> StaffMember:
    """A new account whose first password must be changed at the first sign-in; StaffError for a bad or taken login."""
    login, name = normalised_login(login), " ".join(name.split())
    if not is_login(login):
        raise StaffError("Login ma 2–40 znaków: małe litery bez polskich znaków, cyfry, kropka, minus. Zacznij literą.")
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise StaffError("Wpisz imię i nazwisko.", "name")
    row = Staff(
        login=login,
        name=name,
        role=role.value,
        password_hash=password_hash,
        must_change_password=True,
        first_password_until=_first_password_until(),
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise StaffError("Jest już konto o tym loginie. Wybierz inny.") from error
    return member_of(row)


def set_password(
    session: Session, login: str, password_hash: str, *, must_change: bool, keep: str | None = None
) -> StaffMember:
    """Another password; all sessions of the account end but that of the token ``keep``. StaffError when unknown."""
    return _with_password(session, locked(session, login), password_hash, must_change=must_change, keep=keep)


def change_role(session: Session, login: str, role: Role) -> StaffMember:
    """Another role, in force at once. StaffError when unknown, or when no administrator would be left."""
    administrators = locked_administrators(session)
    row = locked(session, login)
    if role is not Role.ADMINISTRATOR and administrators == [row.id]:
        raise StaffError(_LAST)
    row.role = role.value
    session.flush()
    return member_of(row)


def deactivate(session: Session, login: str) -> StaffMember:
    """Keep somebody out from now on. StaffError when unknown, or when no administrator would be left."""
    administrators = locked_administrators(session)
    row = locked(session, login)
    if administrators == [row.id]:
        raise StaffError(_LAST)
    row.active = False
    end_sessions(session, row)
    return member_of(row)


def reactivate(session: Session, login: str, password_hash: str) -> StaffMember:
    """Let somebody in again, with a new first password that counts; all sessions end. StaffError when unknown."""
    row = locked(session, login)
    if SignInWay(row.sign_in_way) is SignInWay.PROVIDER:
        row.sign_in_way = SignInWay.EITHER.value
    row.active, row.tries_since = True, clock.now()
    return _with_password(session, row, password_hash, must_change=True)


def unlock(session: Session, login: str) -> StaffMember:
    """Start counting wrong passwords from zero, for somebody they have locked out. StaffError when unknown."""
    row = locked(session, login)
    row.tries_since = clock.now()
    session.flush()
    return member_of(row)


def list_staff(session: Session) -> list[StaffMember]:
    """All accounts: those in use first, by login."""
    return [member_of(row) for row in session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.login))]


def normalised_login(typed: str) -> str:
    """A login as it is kept."""
    return typed.strip().lower()


def is_login(normalised: str) -> bool:
    """Whether an account could have that login; no other text is asked of the database."""
    return _LOGIN.fullmatch(normalised) is not None


def token_digest(token: str) -> str:
    """What is kept of a session's token."""
    return digest("staff-session", token)


def end_sessions(session: Session, row: Staff, *, keep: str | None = None) -> None:
    """Sign somebody out everywhere, but for the token ``keep``."""
    ended = delete(StaffSession).where(StaffSession.staff_id == row.id)
    if keep is not None:
        ended = ended.where(StaffSession.token_digest != token_digest(keep))
    session.execute(ended)
    session.flush()


def _with_password(
    session: Session, row: Staff, password_hash: str, *, must_change: bool, keep: str | None = None
) -> StaffMember:
    row.password_hash, row.must_change_password = password_hash, must_change
    row.first_password_until = _first_password_until() if must_change else None
    end_sessions(session, row, keep=keep)
    return member_of(row)


def _first_password_until() -> datetime:
    return clock.now() + timedelta(days=get_settings().first_password_days)


def member_of(row: Staff) -> StaffMember:
    """The account of a row."""
    return StaffMember(
        row.login,
        row.name,
        Role(row.role),
        row.active,
        row.must_change_password,
        row.created_at,
        row.last_sign_in,
        row.second_factor is not None,
        SignInWay(row.sign_in_way),
        row.identity_digest is not None,
        row.crew,
    )


def locked(session: Session, login: str) -> Staff:
    """The row of an account, so that nobody else changes it meanwhile. StaffError when unknown."""
    login = normalised_login(login)
    found = select(Staff).where(Staff.login == login).with_for_update().execution_options(populate_existing=True)
    row = session.scalar(found) if is_login(login) else None
    if row is None:
        raise StaffError("Nie ma konta o tym loginie.")
    return row


def locked_administrators(session: Session) -> list[int]:
    """Who is in office, locked before any other row and in one order: two cannot lay down their offices at once."""
    in_office = select(Staff.id).where(Staff.role == Role.ADMINISTRATOR.value, Staff.active.is_(True))
    return list(session.scalars(in_office.order_by(Staff.id).with_for_update()))
