"""What the owner of an account is told of it: passwords, logins, keys, codes, answers, authority.

An account is not a document: nothing here comes from what a form did. Notices to an address that may be somebody
else's name nobody.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from confirmations.message import account_address, mark, page_address, put_message
from confirmations.polish import long_date
from confirmations.recipients import Recipient, by_email, postal_address, reach
from confirmations.tables import Medium, RecipientRole
from customers.logins import LoginChange
from customers.passwords import PasswordWay
from customers.records import CustomerRecord
from environment import clock
from environment.settings import get_settings


def compose_password_link(session: Session, way: PasswordWay) -> list[str]:
    """The link by which the owner of an account's mailbox chooses a password."""
    ends = way.expires_at.astimezone(get_settings().zone)
    said: dict[str, Any] = {
        "link": page_address(f"haslo/{way.token}"),
        "until": f"{long_date(ends.date())}, {ends:%H:%M}",
    }
    recipient = by_email(session, way.customer_no, way.login)
    return [put_message(session, way.tracking, "password_link", recipient, None, again=mark(way.token), **said)]


def compose_password_set(session: Session, way: PasswordWay, token: str) -> list[str]:
    """The notice that a password was chosen by that link: who did not do it must learn of it."""
    recipient = by_email(session, way.customer_no, way.login)
    said: dict[str, Any] = {"password_page": page_address("haslo")}
    return [put_message(session, way.tracking, "password_set", recipient, None, again=mark(token), **said)]


def compose_login_link(session: Session, asked: LoginChange) -> str:
    """The link by which the owner of a mailbox proves that it may be the login; the key of the message."""
    ends = asked.expires_at.astimezone(get_settings().zone)
    said: dict[str, Any] = {
        "link": page_address(f"ebok/e-mail/{asked.token}"),
        "until": f"{long_date(ends.date())}, {ends:%H:%M}",
    }
    recipient = by_email(session, asked.customer_no, asked.after)
    return put_message(session, asked.tracking, "login_link", recipient, None, again=mark(asked.token), **said)


def compose_login_changed(session: Session, done: LoginChange) -> str:
    """To the address that was the login: who did not change it must learn of it; the key of the message."""
    recipient = by_email(session, done.customer_no, done.before)
    return put_message(session, done.tracking, "login_changed", recipient, None, again=mark(done.token))


def compose_passkey_added(session: Session, customer_no: str, login: str, tracking: str, passkey: str) -> str:
    """To who added a passkey to his account, or learns that somebody did; the key of the message."""
    said: dict[str, Any] = {"password_page": page_address("haslo")}
    recipient = by_email(session, customer_no, login)
    return put_message(session, tracking, "passkey_added", recipient, None, again=mark(passkey), **said)


def compose_provider_bound(session: Session, customer_no: str, login: str, tracking: str, identity: str) -> str:
    """To whose account was bound to an identity at a provider, or who learns of it; the key of the message.

    Bound once more after it was ended, it is told once more.
    """
    said: dict[str, Any] = {"password_page": page_address("haslo"), "provider": get_settings().account_oidc_name}
    again = mark(f"{identity} {clock.now().isoformat()}")
    return put_message(
        session, tracking, "provider_bound", by_email(session, customer_no, login), None, again=again, **said
    )


def compose_letter_code(
    session: Session, customer: CustomerRecord, tracking: str, *, code: str, until: date, again: str
) -> str:
    """A letter with the code by which the customer shows that an account is his; the key of the message.

    ``again`` tells it from those before, and nothing of the code.
    """
    recipient = Recipient(Medium.LETTER, postal_address(customer), True, RecipientRole.EXACT, customer.customer_no)
    said: dict[str, Any] = {"code": code, "until": long_date(until)}
    return put_message(session, tracking, "letter_code", recipient, customer.customer_no, again=again, **said)


def compose_account_closed(session: Session, customer_no: str, login: str, tracking: str) -> str:
    """To who closed his account, or learns that somebody did; the key of the message."""
    return put_message(session, tracking, "account_closed", by_email(session, customer_no, login), None)


def compose_account_notice(
    session: Session, template: str, to: str, customer_no: str, *, tracking: str, again: str, **said: Any
) -> str:
    """To an address about the account of a customer, naming nobody; ``again`` tells it from those before."""
    return put_message(
        session, tracking, template, by_email(session, customer_no, to), None, again=again, asked=True, **said
    )


def compose_customer_notice(
    session: Session, template: str, customer: CustomerRecord, *, tracking: str, again: str, **said: Any
) -> str:
    """The same to a customer wherever he is reached."""
    return put_message(session, tracking, template, reach(session, customer), None, again=again, **said)


def compose_number_watched(
    session: Session, customer: CustomerRecord, login: str, *, tracking: str, again: str
) -> str | None:
    """To the register's e-mail of a customer whose number an account looks at by now; None where it has no other one.

    Not to wherever he is reached: that may be the mailbox of which this is to warn him.
    """
    if customer.email in (None, login):
        return None
    number, email = customer.customer_no, customer.email or ""
    return compose_account_notice(session, "number_watched", email, number, tracking=tracking, again=again)


def compose_question_answered(session: Session, customer_no: str, login: str, tracking: str, answer: str) -> str:
    """To the account that asked: there is an answer, which is read after signing in; the key of the message.

    ``answer`` tells one answer from another. What was asked and answered stands in no e-mail.
    """
    said = {"questions_page": account_address("pytania", customer_no)}
    return compose_account_notice(
        session, "question_answered", login, customer_no, tracking=tracking, again=answer, **said
    )
