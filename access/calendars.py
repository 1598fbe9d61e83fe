"""The secret address at which a crew's telephone asks for its calendar: made, replaced, ended, found."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.roles import Right, Role
from access.staff import locked
from access.tables import CrewCalendar, Staff
from database.encryption import digest
from environment import clock


def made_at(session: Session, login: str) -> datetime | None:
    """When the address of that account's calendar was made; None where it has none."""
    return session.scalar(
        select(CrewCalendar.made_at).join(Staff, Staff.id == CrewCalendar.staff_id).where(Staff.login == login)
    )


def renew(session: Session, login: str) -> str:
    """A new address instead of any before; gives its secret, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    row = locked(session, login)
    session.execute(delete(CrewCalendar).where(CrewCalendar.staff_id == row.id))
    session.add(CrewCalendar(staff_id=row.id, token_digest=_digest(token), made_at=clock.now()))
    session.flush()
    return token


def end(session: Session, login: str) -> None:
    """No address any more."""
    session.execute(delete(CrewCalendar).where(CrewCalendar.staff_id == locked(session, login).id))


def opens(session: Session, token: str) -> bool:
    """Whether that secret opens a calendar: its account is in use and still works in the field."""
    found = select(Staff.role).join(CrewCalendar, CrewCalendar.staff_id == Staff.id)
    role = session.scalar(found.where(CrewCalendar.token_digest == _digest(token), Staff.active.is_(True)))
    return role is not None and Right.FIELD_WORK in Role(role).rights


def _digest(token: str) -> str:
    return digest("crew-calendar", token)
