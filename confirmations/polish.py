"""Polish as it is written to customers: dates in words, and texts without diacritics for SMS."""

from __future__ import annotations

from datetime import date
from typing import Final

_MONTHS: Final = (
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
)
_PLAIN: Final = str.maketrans(
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ–—„”\N{NO-BREAK SPACE}",
    'acelnoszzACELNOSZZ--"" ',
)


def long_date(day: date | str) -> str:
    """A day, or its ISO text, in words: '23 listopada 2026 r.', with spaces that do not break."""
    known = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{known.day} {_MONTHS[known.month - 1]} {known.year} r.".replace(" ", "\N{NO-BREAK SPACE}")


def short_date(day: date | str) -> str:
    """A day, or its ISO text, in figures, as SMS have it: '23.11.2026'."""
    known = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{known:%d.%m.%Y}"


def without_diacritics(text: str) -> str:
    """The text in the letters that an SMS carries at 160 characters instead of 70."""
    return text.translate(_PLAIN)
