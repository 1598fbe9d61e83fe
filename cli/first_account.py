"""What is told where nobody can sign in yet; apart from the rest of accounts, which what goes on running needs not."""

from __future__ import annotations

from typing import Final

from access.staff import list_staff
from database.engine import reading

HOW_TO_BEGIN: Final = (
    'Nie ma jeszcze konta do biura. Załóż je: ebok staff add LOGIN --name "Imię Nazwisko" --role administrator'
)
"""What to tell where nobody can sign in yet."""


def how_to_begin() -> str | None:
    """What to tell the administrator of an installation without any account; None where there is one."""
    with reading() as session:
        return None if any(member.active for member in list_staff(session)) else HOW_TO_BEGIN
