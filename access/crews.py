"""Crews: the accounts that go into the field together bear one name, and a crew is there while such an account is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import Right, Role
from access.staff import StaffError, StaffMember, locked, member_of
from access.tables import Staff

_LONGEST: Final = 40
_ROLES: Final = tuple(role.value for role in Role if Right.FIELD_WORK in role.rights)


def crews(session: Session) -> list[str]:
    """The names of all crews, in order."""
    found = select(Staff.crew).where(Staff.crew.is_not(None), Staff.active.is_(True), Staff.role.in_(_ROLES))
    return sorted({name for name in session.scalars(found) if name}, key=str.casefold)


def crew_of(session: Session, login: str) -> str | None:
    """The crew in which that account works; None where it belongs to none, and so sees the work of all."""
    return session.scalar(select(Staff.crew).where(Staff.login == login, Staff.role.in_(_ROLES)))


def join_crew(session: Session, login: str, typed: str) -> StaffMember:
    """Put an account into the crew of that name, which is a new one where none has it; '' takes it out of any.

    StaffError where the name is none, or the account does not go into the field.
    """
    name = " ".join(typed.split())
    if len(name) > _LONGEST or not name.isprintable():
        raise StaffError(f"Nazwa ekipy ma najwyżej {_LONGEST} znaków.", "crew")
    row = locked(session, login)
    if name and row.role not in _ROLES:
        raise StaffError("Tylko konto z rolą „ekipa w terenie” należy do ekipy.", "crew")
    same = [one for one in crews(session) if one.casefold() == name.casefold()]
    row.crew = (same[0] if same else name) or None
    session.flush()
    return member_of(row)
