"""The secret address at which a crew's telephone asks for its calendar: made, replaced, ended, found, looked at."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.roles import Right, Role
from access.staff import locked
from access.tables import CrewCalendar, Staff
from audit.trail import note_view
from database.encryption import digest
from environment import clock

_MARK: Final = 12
"""As much of the digest of an address as tells one from another."""


@dataclass(frozen=True, slots=True)
class CrewCalendarAddress:
    """Whose calendar an address opens, and a ``mark`` that tells it from those before and opens nothing."""

    login: str
    mark: str


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


def opened_by(session: Session, token: str) -> CrewCalendarAddress | None:
    """Whose calendar that secret opens; None unless its account is in use and still works in the field."""
    kept = _digest(token)
    found = select(Staff.login, Staff.role).join(CrewCalendar, CrewCalendar.staff_id == Staff.id)
    owner = session.execute(found.where(CrewCalendar.token_digest == kept, Staff.active.is_(True))).first()
    if owner is None or Right.FIELD_WORK not in Role(owner.role).rights:
        return None
    return CrewCalendarAddress(owner.login, kept[:_MARK])


def note_look(address: CrewCalendarAddress) -> None:
    """Say in the audit that whoever has that address looked, once a day: telephones ask every few minutes."""
    subject = f"crew_calendar:{address.mark}"
    note_view(actor=f"calendar:{address.login}", action="viewed", subject=subject, daily=True)


def _digest(token: str) -> str:
    return digest("crew-calendar", token)
