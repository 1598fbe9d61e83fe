"""How many wrong passwords, codes and secrets were tried, for what account or case, and from where.

A lock that anybody can shut would keep out the owner: wrong tries from one address close the account to that address
only, and a crowd of addresses closes it to all but the devices on which its owner signed in before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from access import tries
from access.devices import Whose, device_of
from environment.settings import get_settings

_DAY: Final = 24 * 60
_CROWD: Final = 6
"""So many addresses, each with all its tries, close to everybody what anybody may name."""
_CODES: Final = 5
"""Wrong codes from one address or device: a code has six digits only."""
_CODES_A_DAY: Final = 30
"""Wrong codes for one account from all strange devices in a day: one guess in eleven thousand is right."""


class TooManyTriesError(Exception):
    """Too many wrong tries for that account from there: nothing was looked at. ``minutes`` says how long it lasts."""

    def __init__(self, minutes: int) -> None:
        super().__init__("too many tries")
        self.minutes = minutes


@dataclass(frozen=True, slots=True)
class CountedTry:
    """A try that counts as wrong until it turns out right."""

    own: str = field(repr=False)
    shared: tuple[str, ...] = field(repr=False)

    def settle(self, session: Session) -> None:
        """It was right: who gave it has all tries again, and keys that others share lose this one only."""
        tries.forget(session, self.own)
        tries.uncount(session, *self.shared)


def count_password(
    session: Session, login: str, client: str, device_mark: str, since: datetime | None, *, whose: Whose = Whose.STAFF
) -> CountedTry:
    """Count a password for that login; TooManyTriesError. ``since``: when tries for the account began to count."""
    settings = get_settings()
    minutes, most = settings.sign_in_minutes, settings.sign_in_tries
    login = login.encode(errors="replace").decode()  # without halves of signs, which no digest takes
    account = f"{whose}:{login}"
    known = device_of(device_mark, login, whose)
    if known is not None:
        own = f"{account} device:{known}"
        if not tries.allowed(session, own, most=most, minutes=minutes, since=since):
            raise TooManyTriesError(minutes)
        return _counted(session, own)
    own, there = f"{account} {client}", f"{whose}-{client}"
    from_there = tries.allowed(session, there, most=settings.sign_in_tries_per_client, minutes=minutes)
    of_both = tries.allowed(session, own, most=most, minutes=minutes, since=since)
    of_all = tries.allowed(session, account, most=settings.sign_in_tries_per_login, minutes=minutes, since=since)
    if not (from_there and of_both and of_all):
        raise TooManyTriesError(minutes)
    return _counted(session, own, account, there)


def count_code(session: Session, login: str, client: str, device_mark: str, since: datetime | None) -> CountedTry:
    """Count a code of the second factor for that account; TooManyTriesError."""
    minutes, account = get_settings().sign_in_minutes, f"code:{login}"
    known = device_of(device_mark, login)
    own = f"{account} {client}" if known is None else f"{account} device:{known}"
    if not tries.allowed(session, own, most=_CODES, minutes=minutes, since=since):
        raise TooManyTriesError(minutes)
    if known is not None:
        return _counted(session, own)
    if not tries.allowed(session, account, most=_CODES_A_DAY, minutes=_DAY, since=since):
        raise TooManyTriesError(_DAY)
    return _counted(session, own, account)


def count_secret(session: Session, kind: str, named: str, client: str, *, minutes: int) -> CountedTry:
    """Count a secret for what anybody may name, as a case by its number; TooManyTriesError.

    ``kind`` is what it is, ``named`` which one, ``minutes`` how long a wrong try counts.
    """
    settings, guarded, there = get_settings(), f"{kind}:{named}", f"{kind} {client}"
    own, most = f"{guarded} {client}", settings.case_tries
    from_there = tries.allowed(session, there, most=settings.case_tries_per_client, minutes=minutes)
    of_both = tries.allowed(session, own, most=most, minutes=minutes)
    if not (from_there and of_both and tries.allowed(session, guarded, most=most * _CROWD, minutes=minutes)):
        raise TooManyTriesError(minutes)
    return _counted(session, own, guarded, there)


def count_departure(session: Session, client: str, whose: Whose = Whose.STAFF) -> None:
    """Count a browser from there that begins to sign in without a password; TooManyTriesError.

    It is sent to the provider of identities, or asked for a passkey.
    """
    settings = get_settings()
    key, minutes = _departure(client, whose), settings.sign_in_minutes
    if not tries.allowed(session, key, most=settings.sign_in_tries_per_client, minutes=minutes):
        raise TooManyTriesError(minutes)
    tries.note_wrong(session, key)


def settle_departure(session: Session, client: str, whose: Whose = Whose.STAFF) -> None:
    """A browser from there came back with what lets somebody in."""
    tries.uncount(session, _departure(client, whose))


def _departure(client: str, whose: Whose) -> str:
    return f"{whose}-departure {client}"


def _counted(session: Session, own: str, *shared: str) -> CountedTry:
    tries.note_wrong(session, own, *shared)
    return CountedTry(own, shared)
