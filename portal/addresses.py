"""An e-mail address as the owner of an account types it."""

from __future__ import annotations

from typing import Final

from forms.kinds import Email

_EMAIL: Final = Email()


def address_of(typed: str, missing: str) -> tuple[str, str | None]:
    """The address as addresses are kept, and what is wrong with it; ``missing`` is what to say where there is none."""
    parsed = _EMAIL.parse(typed)
    if parsed.fault or not isinstance(parsed.value, str):
        return "", parsed.fault.message if parsed.fault else missing
    return parsed.value, None
