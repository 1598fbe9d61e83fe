"""Passwords of eBOK accounts: chosen by the owner of the mailbox that is the login, by a link sent there.

The link of the sign-up does it for a new account (``customers.proofs``); the links made here do it for an account
that works without a password, and for a password that was forgotten. Anybody may ask for one, so a newer link ends no
older one: whoever asks again and again would keep the owner out. Each works until its time is over, or a password is
chosen by any of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers.proofs import ProofError, Renewal, another, lock_customer, token_digest
from customers.tables import Account, AccountSession, Passkey, PasswordLink
from environment.clock import now
from environment.settings import get_settings

_TOKEN_BYTES: Final = 24


class PasswordLinkError(Exception):
    """A link by which no password can be chosen.

    ``message`` is Polish; ``code`` is 'unknown', 'expired', 'used' or 'old'.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = _MESSAGES[code]


_MESSAGES: Final = {
    "unknown": "Nie znamy tego odnośnika. Otwórz go jeszcze raz z wiadomości, w całości.",
    "expired": "Ten odnośnik stracił ważność.",
    "used": "Ten odnośnik został już użyty: hasło jest ustawione.",
    "old": "Po wysłaniu tego odnośnika ustawiono już hasło innym. Jeśli to nie Ty, poproś o nowy odnośnik.",
}


@dataclass(frozen=True, slots=True)
class PasswordWay:
    """An account whose owner may choose a password; ``token`` is that of a new link, empty when there is none."""

    login: str = field(repr=False)
    customer_no: str
    tracking: str
    expires_at: datetime
    token: str = field(default="", repr=False)


def ask(session: Session, login: str) -> PasswordWay | Renewal | None:
    """A new link for the account of that login, beside those that work; None when there is no such account.

    An account that still waits for the proof of its address gets a link of its sign-up again, which leads to a password
    too.
    """
    account = _account(session, login)
    if account is None:
        return None
    if account.state == "pending":
        try:
            return another(session, account.tracking)
        except ProofError:
            return None
    token, moment = secrets.token_hex(_TOKEN_BYTES), now()
    expires_at = moment + timedelta(hours=get_settings().password_link_hours)
    session.add(
        PasswordLink(token_digest=token_digest(token), account_id=account.id, created_at=moment, expires_at=expires_at)
    )
    session.flush()
    return PasswordWay(account.login, account.customer_no, account.tracking, expires_at, token)


def is_proven(session: Session, login: str) -> bool:
    """Whether that is the login of an account that works: its owner has shown that the mailbox is his."""
    account = _account(session, login)
    return account is not None and account.state == "active"


def check(session: Session, token: str) -> PasswordWay:
    """Whose password a link would set, doing nothing; PasswordLinkError when none."""
    link, account = _usable(session, token)
    return PasswordWay(account.login, account.customer_no, account.tracking, link.expires_at)


def choose(session: Session, token: str, password_hash: str) -> PasswordWay:
    """Use a link: keep the hash of the chosen password; whoever came in by the one before is out.

    His passkeys, and the provider that he may have bound the account to, let nobody in any more; links to another login
    that were asked for until then, with the password before, change nothing any more.

    PasswordLinkError when the link does not work (any more).
    """
    lock_customer(session, check(session, token).customer_no)
    link, account = _usable(session, token)  # again: another use of the link may have held the lock
    link.used_at = account.password_set_at = now()
    account.password_hash, account.identity_digest = password_hash, None
    session.execute(delete(AccountSession).where(AccountSession.account_id == account.id))
    session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    to_another_login = (PasswordLink.account_id == account.id, PasswordLink.new_login.is_not(None))
    session.execute(delete(PasswordLink).where(*to_another_login, PasswordLink.used_at.is_(None)))
    session.flush()
    return PasswordWay(account.login, account.customer_no, account.tracking, link.expires_at)


def _account(session: Session, login: str) -> Account | None:
    return session.scalar(select(Account).where(Account.login == login, Account.state != "closed"))


def _usable(session: Session, token: str) -> tuple[PasswordLink, Account]:
    of_passwords = PasswordLink.new_login.is_(None)
    found = select(PasswordLink).where(PasswordLink.token_digest == token_digest(token), of_passwords)
    link = session.scalar(found.execution_options(populate_existing=True))
    if link is None:
        raise PasswordLinkError("unknown")
    account = session.get_one(Account, link.account_id, populate_existing=True)
    if link.used_at is not None:
        raise PasswordLinkError("used")
    if link.expires_at <= now() or account.state != "active":
        raise PasswordLinkError("expired")
    if account.password_set_at is not None and link.created_at <= account.password_set_at:
        raise PasswordLinkError("old")
    return link, account
