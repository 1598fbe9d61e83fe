"""Closing an account at its owner's wish: at once, with a message to the login, and with what the law keeps kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.account_messages import compose_account_closed
from customers.erasing import end_account
from customers.proofs import lock_customer
from customers.tables import Account
from portal import authorities


def close_account(session: Session, customer_no: str, day: date) -> bool:
    """Erase the account with its password and sessions; whether there was one. Its consent is over with that day.

    What its owner gave of authority, and was given, ends with it.
    """
    lock_customer(session, customer_no)
    account = session.scalar(select(Account).where(Account.customer_no == customer_no, Account.state == "active"))
    if account is None:
        return False
    authorities.end_all(session, account)
    compose_account_closed(session, customer_no, account.login, account.tracking)
    record(session, actor="customer", action="account_closed", subject=f"customer:{customer_no}")
    end_account(session, account, day)
    return True
