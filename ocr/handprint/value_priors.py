"""How often people write one valid value rather than another, where the rules of its kind do not say.

For ``decoding.decode``: house numbers begin with digits, forms are signed some days before they come.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

_HOUSE: Final = (
    (re.compile(r"[1-9][0-9]{0,2}"), 1.0),
    (re.compile(r"[1-9][0-9]{0,2}[A-H]"), 0.5),
    (re.compile(r"[1-9][0-9]{0,2}[A-H]?/[1-9][0-9]{0,2}[A-H]?"), 0.3),
    (re.compile(r"[1-9][0-9]{0,2}[A-Z]"), 0.05),
    (re.compile(r"[1-9][0-9]{0,2}[A-H]?-[1-9][0-9]{0,2}[A-H]?"), 0.05),
    (re.compile(r"[1-9][0-9]{3}[A-H]?|[A-Z]"), 0.01),
)
"""Shapes of house and flat numbers by how usual they are, and how usual against plain numbers."""
_ODD_HOUSE: Final = 0.001
_WEEKS: Final = ((2, 1.0), (6, 0.4), (14, 0.1), (53, 0.03), (106, 0.005))
"""How old a signature is, in weeks at most, and how often against one of today, day by day."""
_OLD: Final = 0.0005


def house_number(value: str) -> float:
    """Digits first, perhaps one letter, perhaps a flat after a slash."""
    return next((share for shape, share in _HOUSE if shape.fullmatch(value)), _ODD_HOUSE)


def signed_before(today: date) -> Callable[[str], float]:
    """The prior of an ISO date on which a form was signed that is read today; seldom long ago."""

    def prior(value: str) -> float:
        age = (today - date.fromisoformat(value)).days / 7
        return next((share for weeks, share in _WEEKS if age <= weeks), _OLD)

    return prior
