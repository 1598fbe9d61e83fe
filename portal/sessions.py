"""Sessions of customers: signing in by e-mail and password, knowing who asks, signing out here or everywhere.

Signing in takes three steps (``portal.entering``), as comparing a password takes time that no transaction should last::

    with transaction() as session:
        attempt = begin_sign_in(session, email, client, device_mark)
    right = attempt.is_right(password)
    with transaction() as session:
        token = sign_in(session, attempt, browser) if right else refuse(session, attempt)
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from access import passwords
from access.devices import Whose
from access.lockout import CountedTry, TooManyTriesError, count_password
from access.session_rows import SessionRows
from audit.trail import record
from customers.accounts import is_vouched
from customers.tables import Account, AccountSession
from database.encryption import digest
from environment import clock
from environment.settings import get_settings
from forms.kinds import Email
from portal import vouching
from portal.terms import NewTerms, new_terms
from portal.views import View, unknown, views_of

__all__ = [
    "Attempt",
    "Device",
    "OpenSession",
    "TooManyTriesError",
    "begin_session",
    "begin_sign_in",
    "devices",
    "end_device",
    "end_everywhere",
    "look_at",
    "note_use",
    "refuse",
    "sign_in",
    "sign_out",
    "sweep_away",
    "who",
]

_EMAIL: Final = Email()
_OWNER: Final = "customer"
"""Who acts, as the audit has it: the subject says which customer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in, counted as wrong until it turns out right; ``account_id`` is None where there is no account."""

    account_id: int | None
    login: str = field(repr=False)
    counted: CountedTry = field(repr=False)
    stored: str | None = field(repr=False)

    def is_right(self, password: str) -> bool:
        """Whether the password is the account's; takes as long where there is no account."""
        return passwords.matches(self.stored, password)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who is signed in, and the secret that every form of this session carries.

    ``home_no`` is the customer number that the account was opened for, ``views`` all that it may look at, ``view`` the
    one that is looked at. ``terms`` is a version of the Regulamin that is still to be answered. ``vouched``: it is
    known that he is the customer of ``home_no`` (``portal.vouching``). ``unnoted``: this use is to be written down
    (``note_use``).
    """

    account_id: int
    home_no: str
    views: tuple[View, ...]
    view: View
    terms: NewTerms | None
    login: str = field(repr=False)
    csrf: str = field(repr=False)
    vouched: bool
    unnoted: bool


@dataclass(frozen=True, slots=True)
class Device:
    """One session of an account as its owner sees it; ``number`` names it, ``here`` is the one that asks."""

    number: int
    browser: str
    created_at: datetime
    last_used: datetime
    here: bool


def begin_sign_in(session: Session, typed: str, client: str, device_mark: str = "") -> Attempt:
    """Count a try with that e-mail address from that client; TooManyTriesError when it is one too many.

    ``device_mark`` is what the browser kept of an earlier sign-in (``access.devices``).
    """
    parsed = _EMAIL.parse(typed)
    login = parsed.value if parsed.fault is None and isinstance(parsed.value, str) else ""
    account = session.scalar(select(Account).where(Account.login == login, Account.state == "active"))
    since = None if account is None else account.password_set_at
    counted = count_password(
        session, login or typed.strip().lower()[:100], client, device_mark, since, whose=Whose.CUSTOMER
    )
    if account is None:
        return Attempt(None, login, counted, None)
    return Attempt(account.id, login, counted, account.password_hash)


def sign_in(session: Session, attempt: Attempt, browser: str) -> str | None:
    """A new session after the right password; gives its token. None when the account was changed meanwhile."""
    account = session.scalar(
        select(Account)
        .where(
            Account.id == attempt.account_id,
            Account.state == "active",
            Account.login == attempt.login,
            Account.password_hash == attempt.stored,
        )
        .with_for_update()
    )
    if account is None:
        return None
    attempt.counted.settle(session)
    return _begun(session, account, browser)


def refuse(session: Session, attempt: Attempt) -> None:
    """Say in the audit whose account somebody could not enter; nothing where there is no such account."""
    account = None if attempt.account_id is None else session.get(Account, attempt.account_id)
    if account is not None:
        _audit(session, account, "account_sign_in_failed", actor="unknown")


def begin_session(session: Session, customer_no: str, browser: str) -> str | None:
    """A session for who may come in to that customer's account without typing its password; None without account.

    By a link with which he has just chosen it, by a passkey, or from a provider of identities.
    """
    found = select(Account).where(Account.customer_no == customer_no, Account.state == "active").with_for_update()
    account = session.scalar(found)
    return None if account is None else _begun(session, account, browser)


def who(session: Session, token: str) -> OpenSession | None:
    """Who is signed in with that token; None when nobody is, or is no longer. Only reads."""
    at = clock.now()
    found = session.execute(
        select(
            AccountSession.csrf,
            AccountSession.last_used,
            AccountSession.viewed_no,
            Account.id,
            Account.customer_no,
            Account.login,
            Account.terms_version,
            Account.vouched_at,
        )
        .join(Account, Account.id == AccountSession.account_id)
        .where(AccountSession.token_digest == _digest(token), Account.state == "active", ~_ROWS.over(at))
    ).first()
    if found is None:
        return None
    day, home_no = clock.local_day(at), found.customer_no
    vouched = is_vouched(found.vouched_at)
    views = views_of(session, found.id, home_no, day)
    if not vouched:
        views = (unknown(home_no), *views[1:])
    view = next((one for one in views if one.customer_no == found.viewed_no), views[0])
    terms = new_terms(session, home_no, found.terms_version, day)
    unnoted = _ROWS.is_unnoted(found.last_used, at)
    return OpenSession(found.id, home_no, views, view, terms, found.login, found.csrf, vouched, unnoted)


def look_at(session: Session, token: str, customer_no: str) -> None:
    """Have a session look at that customer number from now on, as far as its account may."""
    of_token = AccountSession.token_digest == _digest(token)
    session.execute(update(AccountSession).where(of_token).values(viewed_no=customer_no))


def note_use(session: Session, token: str) -> None:
    """Write down that a session is in use, from which its idle time counts; nothing happens when it is over."""
    _ROWS.note_use(session, token)


def sign_out(session: Session, token: str) -> None:
    """End one session."""
    _ROWS.end(session, token)


def devices(session: Session, customer_no: str, token: str) -> list[Device]:
    """The sessions of that customer's account that are still open, the last used first."""
    here = _digest(token)
    found = (
        select(AccountSession)
        .where(AccountSession.account_id.in_(_accounts(customer_no)), ~_ROWS.over(clock.now()))
        .order_by(AccountSession.last_used.desc(), AccountSession.id.desc())
    )
    return [
        Device(row.id, row.browser, row.created_at, row.last_used, row.token_digest == here)
        for row in session.scalars(found)
    ]


def end_device(session: Session, customer_no: str, number: int) -> bool:
    """End one session of that customer's account; whether there was one."""
    of_him = AccountSession.account_id.in_(_accounts(customer_no))
    ended = delete(AccountSession).where(AccountSession.id == number, of_him).returning(AccountSession.id)
    return session.execute(ended.execution_options(synchronize_session=False)).first() is not None


def end_everywhere(session: Session, customer_no: str) -> None:
    """Sign that customer out in every browser, the one that asks too."""
    ended = delete(AccountSession).where(AccountSession.account_id.in_(_accounts(customer_no)))
    session.execute(ended.execution_options(synchronize_session=False))
    record(session, actor=_OWNER, action="account_signed_out_everywhere", subject=f"customer:{customer_no}")


def sweep_away(session: Session) -> int:
    """Delete the sessions that are over; gives how many."""
    return _ROWS.sweep_away(session)


def _begun(session: Session, account: Account, browser: str) -> str:
    at, token = clock.now(), secrets.token_urlsafe(32)
    sweep_away(session)
    vouching.note_known(session, account)
    session.add(
        AccountSession(
            token_digest=_digest(token),
            account_id=account.id,
            csrf=secrets.token_urlsafe(32),
            created_at=at,
            last_used=at,
            browser=browser,
        )
    )
    _audit(session, account, "account_signed_in")
    session.flush()
    return token


def _audit(session: Session, account: Account, action: str, actor: str = _OWNER) -> None:
    record(session, actor=actor, action=action, subject=f"customer:{account.customer_no}")


def _accounts(customer_no: str) -> ColumnElement[int]:
    return select(Account.id).where(Account.customer_no == customer_no, Account.state == "active").scalar_subquery()


def _digest(token: str) -> str:
    return digest("account-session", token)


def _lasts() -> tuple[timedelta, timedelta]:
    settings = get_settings()
    return timedelta(minutes=settings.account_idle_minutes), timedelta(hours=settings.account_session_hours)


_ROWS: Final = SessionRows(AccountSession, _digest, _lasts)
