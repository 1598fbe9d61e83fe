"""Whoever acts for customers and is none himself has an account, too: it goes by a number that no customer has.

The register holds that number as a row that says nothing: no name, no address, on no list of billing and in no index.
So all that an account has (its consent, links, sessions, answers to a Regulamin) is kept, told and ended as everybody
else's is. Why it is no table of its own: docs/decisions/0063-an-account-of-an-agent.md.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from customers.erasing import REDUCED, rests_on
from customers.tables import Account, Consent, Customer
from environment import clock

_LETTER: Final = "P"
"""Customers' numbers have digits only."""
_DIGITS: Final = 9
_NUMBER: Final = re.compile(rf"{_LETTER}[0-9]{{{_DIGITS}}}")
"""Numbers of cases may begin with the same letter and have other signs behind it."""
FORM: Final = "authority"
"""What an agent consented in, in the place of a form's code: the page that his invitation opened."""
_KNOWN_BY: Final = "agent"


def is_agent(number: str) -> bool:
    """Whether that is the number of an agent's account, and no customer's."""
    return _NUMBER.fullmatch(number) is not None


def is_customer() -> ColumnElement[bool]:
    """Condition: the row of the register is a customer."""
    return Customer.customer_no.not_like(f"{_LETTER}%")


def forget_agent(session: Session, number: str) -> None:
    """Take an agent's number out of the register once nothing of his account is kept any more."""
    row = session.get(Customer, number) if is_agent(number) and not rests_on(session, number) else None
    if row is not None:
        session.delete(row)
        session.flush()


def open_agent_account(session: Session, login: str, password_hash: str, terms_version: str) -> Account:
    """An account that works, for the owner of a mailbox who has just shown that it is his; IntegrityError where taken.

    There is nobody to be mistaken for: it shows nothing but what he is given.
    """
    at, number = clock.now(), f"{_LETTER}{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    session.add(Customer(customer_no=number, name="", content_digest=REDUCED, invoice_delivery="paper", updated_at=at))
    session.flush()
    account = Account(
        customer_no=number,
        login=login,
        state="active",
        notify_sms=False,
        notify_email=False,
        terms_version=terms_version,
        tracking=number,
        created_at=at,
        activated_at=at,
        password_hash=password_hash,
        password_set_at=at,
        vouched_at=at,
        vouched_by=_KNOWN_BY,
    )
    consent = Consent(
        customer_no=number,
        subject="account",
        form=FORM,
        form_version=terms_version,
        terms_version=terms_version,
        received_on=clock.local_day(at),
        effective_from=clock.local_day(at),
        email=login,
        email_proven_at=at,
        tracking=number,
        withdrawn=False,
    )
    session.add_all((account, consent))
    session.flush()
    return account
