"""Another e-mail address for an account: asked for by its owner, counted once whoever has the mailbox used a link.

Whether an address is the login of somebody else is never told: what is done then looks the same from outside.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from confirmations.account_messages import compose_login_changed, compose_login_link
from confirmations.allowance import has_room
from customers import logins
from environment.settings import get_settings
from portal.addresses import address_of

_MINUTES: Final = 60


def new_address(login: str, typed: str) -> tuple[str, str | None]:
    """The address as it is kept, and what is wrong with it, for the account with that login."""
    email, fault = address_of(typed, "Wpisz nowy adres e-mail.")
    return email, fault or ("To jest Twój obecny adres. Wpisz nowy." if email == login else None)


def send_link(session: Session, customer_no: str, email: str) -> None:
    """Put the message into the outbox, where the address is nobody's login and hour and day leave room."""
    key, most = f"login:{customer_no}", get_settings().links_per_hour
    if tries.allowed(session, key, most=most, minutes=_MINUTES) and has_room(session, email):
        tries.note_wrong(session, key)
        asked = logins.ask(session, customer_no, email)
        if asked is not None:
            compose_login_link(session, asked)


def use_link(session: Session, token: str) -> None:
    """The address to which that link went is the login from now on; LoginLinkError when it does not work (any more)."""
    done = logins.change(session, token)
    compose_login_changed(session, done)
    record(session, actor="customer", action="account_login_changed", subject=f"customer:{done.customer_no}")
