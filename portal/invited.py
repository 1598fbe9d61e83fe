"""Who is given authority and has no account: the link of his invitation opens one, which has what he is given.

The link came to his mailbox, so that is proven by it; what is left to ask for is the Regulamin and a password. Whether
he takes up the authority he says afterwards, signed in, as everybody does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.account_messages import compose_account_notice
from customers.acting import agent
from customers.agents import open_agent_account
from customers.proofs import lock_customer
from customers.tables import Account
from environment import clock
from forms.terms import Terms, in_force
from portal.authorities import InvitationError, invitation

_TERMS = "ebok"


@dataclass(frozen=True, slots=True)
class Invited:
    """To whom an invitation went; ``has_account``: that address is a login already."""

    email: str = field(repr=False)
    has_account: bool


def terms_today() -> Terms:
    """The Regulamin that whoever opens an account accepts."""
    return in_force(_TERMS, clock.today())


def invited(session: Session, token: str) -> Invited:
    """To whom that link went, doing nothing; InvitationError."""
    email = invitation(session, token).email
    taken = exists().where(Account.login == email, Account.state != "closed")
    return Invited(email, bool(session.scalar(select(taken))))


def open_account(session: Session, token: str, password_hash: str, terms_version: str) -> str:
    """Open the account of whoever an invitation went to; gives the number by which it goes. InvitationError.

    ``terms_version`` is that of the Regulamin which he accepted.
    """
    row = invitation(session, token)
    lock_customer(session, row.customer_no)
    if invited(session, token).has_account:
        raise InvitationError
    try:
        with session.begin_nested():
            account = open_agent_account(session, row.email, password_hash, terms_version)
    except IntegrityError as error:  # somebody signed up with that address at the same moment
        raise InvitationError from error
    number = account.customer_no
    detail = {"terms": terms_version}
    record(
        session, actor=agent(number, row.id), action="agent_account_opened", subject=f"customer:{number}", detail=detail
    )
    compose_account_notice(session, "agent_account", row.email, number, tracking=number, again=str(account.id))
    return number
