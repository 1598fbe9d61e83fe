"""Switching notices off from an e-mail, without signing in: by an address that nobody can make up.

It works by itself for ever: who still finds an old message switches off what that was about, and nothing else.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.tables import Medium
from customers.tables import Account
from database.encryption import digest
from environment.settings import get_settings
from notices.choices import switch_off
from notices.kinds import LABELS, NoticeKind

PATH: Final = "/powiadomienia/wylacz"
_ALL: Final = "wszystkie"
_DIGITS: Final = 40
_LONGEST: Final = 18
"""Of a number of an account."""


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """What an address switches off: e-mails of that kind, of every kind where it is None."""

    account_id: int
    kind: NoticeKind | None


def token_for(account_id: int, kind: NoticeKind | None) -> str:
    """What the address ends with."""
    name = _ALL if kind is None else kind.value
    return f"{account_id}.{name}.{digest('unsubscribe', str(account_id), name)[:_DIGITS]}"


def address_for(account_id: int, kind: NoticeKind | None) -> str:
    """The address that stands in e-mails."""
    return f"{get_settings().public_url.rstrip('/')}{PATH}/{token_for(account_id, kind)}"


def read(token: str) -> Unsubscription | None:
    """What that token switches off; None where it is none of ours."""
    number, _, rest = token.partition(".")
    name = rest.partition(".")[0]
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST and name in {_ALL, *LABELS}):
        return None
    found = Unsubscription(int(number), None if name == _ALL else NoticeKind(name))
    right = token_for(found.account_id, found.kind)
    return found if hmac.compare_digest(right.encode(), token.encode()) else None


def unsubscribe(session: Session, wanted: Unsubscription) -> None:
    """Switch it off, in the caller's transaction; nothing where the account is there no more."""
    account = session.get(Account, wanted.account_id, with_for_update=True)
    if account is None:
        return
    switch_off(session, account, Medium.EMAIL, wanted.kind)
    detail = {"kind": wanted.kind.value if wanted.kind else _ALL}
    subject = f"customer:{account.customer_no}"
    record(session, actor="customer", action="notices_switched_off", subject=subject, detail=detail)
