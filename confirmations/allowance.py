"""How many e-mails a day may leave to an address that nobody has proven: anybody can type one into a form."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from access import tries
from environment.settings import get_settings

_DAY: Final = 24 * 60


def has_room(session: Session, address: str) -> bool:
    """Whether one more message may leave today to an address that nobody has proven."""
    most = get_settings().unproven_mails_per_day
    return tries.allowed(session, _mailbox(address), most=most, minutes=_DAY)


def take_room(session: Session, address: str) -> bool:
    """The same, and count the message that leaves; False when it has to wait."""
    if not has_room(session, address):
        return False
    tries.note_wrong(session, _mailbox(address))
    return True


def _mailbox(address: str) -> str:
    """What an address is counted as: what stands after a plus goes to the same person, and anybody can make it up."""
    name, _, domain = address.lower().rpartition("@")
    return f"mail:{name.partition('+')[0] or name}@{domain}"
