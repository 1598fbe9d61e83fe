"""Devices somebody has signed in from before, known by a mark in the browser that our key signs.

Whoever guesses passwords has none, so a crowd of guessers can be kept out without keeping out the owner of the account.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final

from access.staff import normalised_login
from database.encryption import digest
from environment import clock

DAYS: Final = 180
"""How long a device is known after its last sign-in."""


class Whose(StrEnum):
    """Whose account it is that somebody signs in to: a login of one says nothing about the other."""

    STAFF = "staff"
    CUSTOMER = "customer"


def device_mark(login: str, whose: Whose = Whose.STAFF) -> str:
    """A new mark for the device on which that account has just been signed in."""
    name, until = secrets.token_hex(12), str(int((clock.now() + timedelta(days=DAYS)).timestamp()))
    return f"{name}.{until}.{_signature(whose, login, name, until)}"


def device_of(mark: str, login: str, whose: Whose = Whose.STAFF) -> str | None:
    """The name of the device where the mark is one of ours for that account; None for all else."""
    if not mark.isascii():
        return None
    name, _, rest = mark.partition(".")
    until, _, signature = rest.partition(".")
    right = hmac.compare_digest(signature.encode(), _signature(whose, login, name, until).encode())
    return name if right and int(until) > clock.now().timestamp() else None


def _signature(whose: Whose, login: str, name: str, until: str) -> str:
    return digest(f"{whose} device", normalised_login(login), name, until)
