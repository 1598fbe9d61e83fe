"""Another login for an account: an e-mail address that counts once its owner has used a link sent there.

The address before it is told (``confirmations.account_messages``), and its unused links to a password end: whoever has
only the old mailbox cannot come in any more.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from customers.accounts import open_account
from customers.proofs import lock_customer, token_digest
from customers.tables import Account, Consent, PasswordLink
from environment.clock import now
from environment.settings import get_settings

_TOKEN_BYTES: Final = 24


class LoginLinkError(Exception):
    """A link that changes no login: none of ours, used, over, replaced by a newer one, or its address is taken.

    ``done``: it was used, and its address is the login.
    """

    def __init__(self, *, done: bool = False) -> None:
        super().__init__("login link")
        self.done = done


@dataclass(frozen=True, slots=True)
class LoginChange:
    """Whose login changes, from which address to which; ``token`` is that of the link."""

    customer_no: str
    tracking: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    expires_at: datetime
    token: str = field(repr=False)


def ask(session: Session, customer_no: str, email: str) -> LoginChange | None:
    """A link to that address; older ones stop working. None where it is the login of any account already."""
    account = open_account(session, customer_no)
    if account is None or account.state != "active" or _is_taken(session, email):
        return None
    token, moment = secrets.token_hex(_TOKEN_BYTES), now()
    expires_at = moment + timedelta(hours=get_settings().password_link_hours)
    session.add(
        PasswordLink(
            token_digest=token_digest(token),
            account_id=account.id,
            new_login=email,
            created_at=moment,
            expires_at=expires_at,
        )
    )
    session.flush()
    return LoginChange(account.customer_no, account.tracking, account.login, email, expires_at, token)


def check(session: Session, token: str) -> LoginChange:
    """What a link would change, doing nothing; LoginLinkError."""
    link, account = _usable(session, token)
    return LoginChange(
        account.customer_no, account.tracking, account.login, str(link.new_login), link.expires_at, token
    )


def change(session: Session, token: str) -> LoginChange:
    """Use a link: its address is the login from now on. LoginLinkError when it does not work (any more)."""
    lock_customer(session, check(session, token).customer_no)
    found = check(session, token)  # again: another use of the link may have held the lock
    link, account = _usable(session, token)
    try:
        with session.begin_nested():
            account.login = found.after
    except IntegrityError as error:  # another customer took the address at the same moment
        raise LoginLinkError from error
    link.used_at = now()
    unused = (PasswordLink.account_id == account.id, PasswordLink.used_at.is_(None))
    session.execute(delete(PasswordLink).where(*unused, PasswordLink.id != link.id))
    consent = session.scalar(
        select(Consent).where(
            Consent.customer_no == account.customer_no, Consent.subject == "account", Consent.effective_to.is_(None)
        )
    )
    if consent is not None:  # what we write to the owner of the account goes to the mailbox that is his now
        consent.email, consent.email_proven_at = found.after, link.used_at
    session.flush()
    return found


def _usable(session: Session, token: str) -> tuple[PasswordLink, Account]:
    of_logins = PasswordLink.new_login.is_not(None)
    found = select(PasswordLink).where(PasswordLink.token_digest == token_digest(token), of_logins)
    link = session.scalar(found.execution_options(populate_existing=True))
    if link is None:
        raise LoginLinkError
    account = session.get_one(Account, link.account_id, populate_existing=True)
    if link.used_at is not None:
        raise LoginLinkError(done=account.state == "active" and account.login == link.new_login)
    if link.expires_at <= now():
        raise LoginLinkError
    newest = select(PasswordLink.id).where(PasswordLink.account_id == account.id, of_logins)
    if account.state != "active" or session.scalar(newest.order_by(PasswordLink.id.desc()).limit(1)) != link.id:
        raise LoginLinkError
    if _is_taken(session, str(link.new_login)):
        raise LoginLinkError
    return link, account


def _is_taken(session: Session, email: str) -> bool:
    taken = select(Account.id).where(Account.login == email, Account.state != "closed")
    return session.scalar(taken) is not None
