"""Passkeys of an account: added by its owner, who is told of it by e-mail, and in the place of the password then.

What is asked is kept under its challenge (``access.begun``), answered once and in time; the counter of a passkey has
to go on where it has one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access import begun, passkeys
from access.devices import Whose
from access.lockout import count_departure, settle_departure
from access.passkeys import PasskeyError, Site, site_of
from audit.trail import record
from confirmations.account_messages import compose_passkey_added
from customers.accounts import active_account
from customers.tables import Account, Passkey
from environment import clock
from environment.settings import get_settings
from portal.entering import Entered
from portal.sessions import begin_session

MOST: Final = 10
"""Passkeys of one account."""
LONGEST_NAME: Final = 40
_UNNAMED: Final = "klucz"
_ADDING: Final = "passkey to add"
_SIGN_IN: Final = "passkey to sign in"
_OWNER_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey as its owner sees it; ``number`` names it."""

    number: int
    name: str
    created_at: datetime
    last_used: datetime | None


def here() -> Site | None:
    """Where passkeys count; None where our public address is none for which browsers make any."""
    return site_of(get_settings().public_url)


def passkeys_of(session: Session, customer_no: str) -> list[OwnPasskey]:
    """Those of that customer's account, the oldest first."""
    return [OwnPasskey(row.id, row.name, row.created_at, row.last_used) for row in _of(session, customer_no)]


def name_of(typed: str) -> str:
    """The name of a passkey as it is kept: in one line, without signs that nobody sees; 'klucz' where none is given."""
    visible = "".join(sign if sign.isprintable() else " " for sign in typed)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip() or _UNNAMED


def offer(session: Session, site: Site, customer_no: str, name: str) -> dict[str, Any]:
    """What the browser of that customer makes a passkey of, which is to have that name; PasskeyError."""
    account, known = active_account(session, customer_no), _of(session, customer_no)
    if account is None or len(known) >= MOST:
        raise PasskeyError
    owner = known[0].owner if known else secrets.token_urlsafe(_OWNER_BYTES)
    kept = {"account": account.id, "name": name_of(name), "owner": owner}
    return passkeys.offer(
        site,
        begun.keep(session, _ADDING, kept),
        name=f"eBOK {get_settings().company_short}",
        login=account.login,
        owner=owner,
        others=[row.credential_id for row in known],
    )


def add(session: Session, site: Site, customer_no: str, answer: str) -> bool:
    """Take the passkey that was made for that customer, who is told by e-mail; False where the answer is none.

    Commit either way: what was asked is over.
    """
    try:
        told = passkeys.read(answer)
        kept, account = begun.take(session, _ADDING, told.challenge), active_account(session, customer_no, hold=True)
        if kept is None or account is None or kept["account"] != account.id or len(_of(session, customer_no)) >= MOST:
            return False
        made = passkeys.added(site, told)
    except PasskeyError:
        return False
    row = Passkey(
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        owner=kept["owner"],
        counter=made.counter,
        name=kept["name"],
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody has brought a passkey that an account has already
        return False
    _audit(session, account, "account_passkey_added")
    compose_passkey_added(session, customer_no, account.login, account.tracking, made.credential_id)
    return True


def rename(session: Session, customer_no: str, number: int, name: str) -> bool:
    """Give a passkey of that customer's account another name; whether there was one."""
    account = active_account(session, customer_no, hold=True)
    if account is None:
        return False
    of_him = (Passkey.id == number, Passkey.account_id == account.id)
    renamed = session.execute(update(Passkey).where(*of_him).values(name=name_of(name)).returning(Passkey.id)).first()
    if renamed is not None:
        _audit(session, account, "account_passkey_renamed")
    return renamed is not None


def remove(session: Session, customer_no: str, number: int) -> bool:
    """Take a passkey from that customer's account; whether there was one."""
    account = active_account(session, customer_no, hold=True)
    if account is None:
        return False
    of_him = (Passkey.id == number, Passkey.account_id == account.id)
    removed = session.execute(delete(Passkey).where(*of_him).returning(Passkey.id)).first() is not None
    if removed:
        _audit(session, account, "account_passkey_removed")
    return removed


def question(session: Session, site: Site, client: str) -> dict[str, Any]:
    """What a browser there is asked in which nobody is signed in; TooManyTriesError when it began too often."""
    count_departure(session, client, Whose.CUSTOMER)
    return passkeys.question(site, begun.keep(session, _SIGN_IN, {}))


def sign_in(session: Session, site: Site, answer: str, browser: str, client: str) -> Entered | None:
    """A session for whose passkey answered from there; None for all else. Commit either way: what was asked is over."""
    entered = _entered(session, site, answer, browser)
    if entered is not None:
        settle_departure(session, client, Whose.CUSTOMER)
    return entered


def _entered(session: Session, site: Site, answer: str, browser: str) -> Entered | None:
    try:
        told = passkeys.read(answer)
        if begun.take(session, _SIGN_IN, told.challenge) is None:
            return None
        found = session.execute(_WANTED.where(Passkey.credential_id == told.credential_id)).first()
        if found is None:
            return None
        passkey, account = found
        if told.owner != passkey.owner:
            return None
        counter = passkeys.answered(site, told, passkey.public_key)
    except PasskeyError:
        return None
    if (counter or passkey.counter) and counter <= passkey.counter:  # a copy of it was used, or this one is the copy
        _audit(session, account, "account_passkey_copied", actor="unknown")
        return None
    passkey.counter, passkey.last_used = counter, clock.now()
    token = begin_session(session, account.customer_no, browser)
    return None if token is None else Entered(token, account.login)


_WANTED: Final = (
    select(Passkey, Account)
    .join(Account, Account.id == Passkey.account_id)
    .where(Account.state == "active")
    .with_for_update()
)


def _of(session: Session, customer_no: str) -> list[Passkey]:
    of_account = select(Passkey).join(Account, Account.id == Passkey.account_id)
    his = of_account.where(Account.customer_no == customer_no, Account.state == "active")
    return list(session.scalars(his.order_by(Passkey.id)))


def _audit(session: Session, account: Account, action: str, actor: str = "customer") -> None:
    record(session, actor=actor, action=action, subject=f"customer:{account.customer_no}")
