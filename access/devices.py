"""Devices somebody has signed in from before, known by a mark in the browser that our key signs.

Whoever guesses passwords has none, so a crowd of guessers can be kept out without keeping out the owner of the account.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Final

from access.staff import normalised_login
from database.encryption import digest
from environment import clock

DAYS: Final = 180
"""How long a device is known after its last sign-in."""


def device_mark(login: str) -> str:
    """A new mark for the device on which that account has just been signed in."""
    name, until = secrets.token_hex(12), str(int((clock.now() + timedelta(days=DAYS)).timestamp()))
    return f"{name}.{until}.{_signature(login, name, until)}"


def device_of(mark: str, login: str) -> str | None:
    """The name of the device where the mark is one of ours for that account; None for all else."""
    if not mark.isascii():
        return None
    name, _, rest = mark.partition(".")
    until, _, signature = rest.partition(".")
    right = hmac.compare_digest(signature.encode(), _signature(login, name, until).encode())
    return name if right and int(until) > clock.now().timestamp() else None


def _signature(login: str, name: str, until: str) -> str:
    return digest("staff device", normalised_login(login), name, until)
