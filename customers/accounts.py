"""The eBOK account that a customer or a link has."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from customers.tables import Account, AccountNumber, Proof


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
