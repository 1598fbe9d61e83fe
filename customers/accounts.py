"""The eBOK account that a customer or a link has."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from customers.tables import Account, AccountNumber, Proof
from environment.settings import get_settings


def active_account(session: Session, customer_no: str, *, hold: bool = False) -> Account | None:
    """The account that works and was opened for that very number; ``hold`` until the transaction ends."""
    his = select(Account).where(Account.customer_no == customer_no, Account.state == "active")
    return session.scalar((his.with_for_update() if hold else his).execution_options(populate_existing=True))


def is_vouched(vouched_at: datetime | None) -> bool:
    """Whether the owner of an account is known to be its customer, or nobody is asked to show it."""
    return vouched_at is not None or not get_settings().account_letter_code


def known_login(session: Session, customer_no: str) -> str | None:
    """The login by which a customer's number is looked at, where its owner is known to be that customer."""
    account = open_account(session, customer_no)
    if account is None or account.state != "active":
        return None
    known = account.customer_no != customer_no or is_vouched(account.vouched_at)
    return account.login if known else None


def open_account(session: Session, customer_no: str) -> Account | None:
    """The account in which a customer's number is, pending or active: its own one, or one that has further numbers."""
    joined = select(AccountNumber.account_id).where(
        AccountNumber.customer_no == customer_no, AccountNumber.state == "active"
    )
    return session.scalar(
        select(Account)
        .where(or_(Account.customer_no == customer_no, Account.id.in_(joined)), Account.state != "closed")
        .execution_options(populate_existing=True)
    )


def activated_by(session: Session, proof: Proof) -> Account | None:
    """The account that a link activated, while it is open; its login may be another one since."""
    return session.scalar(
        select(Account).where(
            Account.customer_no == proof.customer_no,
            or_(Account.login == proof.email, Account.tracking == proof.tracking),
            Account.state == "active",
        )
    )
