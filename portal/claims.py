"""Whose an account is, as the office sees it: who has a customer's number, whether he is known, and what a clerk says.

A neighbour who knows number, name and address of a customer can open an account (``portal.vouching``), which shows him
nothing and stands in the customer's way: a number is in one account alone. With the customer before him, an identity
document in his hand, or after the caller check on the telephone, a clerk says that the account is his, or ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from confirmations.account_messages import compose_account_notice, compose_number_watched
from customers.accounts import open_account
from customers.caller_check import Caller, can_be_asked, is_customer
from customers.erasing import end_account, open_consents
from customers.proofs import lock_customer, void_proofs
from customers.records import RegisterLookup
from customers.tables import Account, AccountNumber
from environment import clock
from environment.settings import get_settings
from portal import authorities
from portal.vouching import Way, vouch

_ACCOUNT: Final = "account"
_MINUTES: Final = 60


class Shown(StrEnum):
    """By what a clerk knows that somebody is the customer."""

    DOCUMENT = "document"
    """An identity document, held against the register."""
    CALLER = "caller"
    """The caller check (``customers.caller_check``)."""


class NotShownError(Exception):
    """It is not known that who asks is the customer; the text is Polish."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The account that has a customer's number. ``home``: it was opened for that very number, and not joined by it.

    ``known_by`` is how its owner is known to be the customer, None where he is not; ``works``: its address is proven.
    ``acts_for`` counts the customers for whom its owner acts.
    """

    account_id: int
    login: str = field(repr=False)
    home: bool
    works: bool
    opened_at: datetime
    known_since: datetime | None
    known_by: str | None
    further: tuple[str, ...]
    acts_for: int
    tracking: str

    @property
    def blocks(self) -> bool:
        """Whether nobody knows its owner to be the customer, who cannot join because of it."""
        return self.home and self.known_since is None


def claim_on(session: Session, customer_no: str) -> Claim | None:
    """The account that has that number; None where it is free."""
    account = open_account(session, customer_no)
    if account is None:
        return None
    further = select(AccountNumber.customer_no).where(
        AccountNumber.account_id == account.id, AccountNumber.state == "active"
    )
    return Claim(
        account.id,
        account.login,
        account.customer_no == customer_no,
        account.state == "active",
        account.activated_at or account.created_at,
        account.vouched_at,
        account.vouched_by,
        tuple(session.scalars(further.order_by(AccountNumber.customer_no))),
        session.scalar(select(func.count()).select_from(authorities.held_by(account.id).subquery())) or 0,
        account.tracking,
    )


def require_shown(session: Session, customer_no: str, shown: Shown, caller: Caller, actor: str) -> str | None:
    """That it is known by what is said that somebody is the customer; NotShownError where he cannot be asked (now).

    What to say, in Polish, where his answer is wrong: that he was asked is kept. None where all is well.
    """
    customer = RegisterLookup(session).find(customer_no)
    if customer is None:
        raise NotShownError("Nie ma klienta o tym numerze.")
    if shown is Shown.DOCUMENT:
        return None
    if not can_be_asked(customer):
        raise NotShownError("Rejestr nie zna ani PESEL, ani telefonu tego klienta. Poproś go o dokument w biurze.")
    tried = f"caller of:{customer_no}"
    if not tries.allowed(session, tried, most=get_settings().case_tries, minutes=_MINUTES):
        raise NotShownError("Było już za dużo złych odpowiedzi. Spróbuj za godzinę albo poproś o dokument w biurze.")
    if is_customer(caller, customer):
        return None
    tries.note_wrong(session, tried)
    record(session, actor=actor, action="caller_unknown", subject=f"customer:{customer_no}")
    return "Odpowiedź się nie zgadza. Nie mów rozmówcy, co jest w rejestrze, i niczego nie zmieniaj."


def say_his(session: Session, customer_no: str, account_id: int, shown: Shown, actor: str) -> bool:
    """A clerk says that an account is the customer's; False where there is no such account to be said of (any more)."""
    account = _unknown(session, customer_no, account_id)
    if account is None or account.state != "active":
        return False
    vouch(session, account, Way(shown.value), actor=actor)
    _tell(session, "account_vouched", account)
    customer = RegisterLookup(session).find(customer_no)
    if customer is not None:
        again = f"account-{account.id}"
        compose_number_watched(session, customer, account.login, tracking=account.tracking, again=again)
    return True


def end_claim(session: Session, customer_no: str, account_id: int, shown: Shown, actor: str) -> bool:
    """End the account of somebody who is not known to be the customer, so that the customer can have one.

    What its owner gave of authority, and was given, ends with it. False where there is none (any more), or its owner
    is known by now.
    """
    account = _unknown(session, customer_no, account_id)
    if account is None:
        return False
    authorities.end_all(session, account, actor)
    _tell(session, "account_ended", account)
    for consent in open_consents(session, customer_no):
        if consent.subject == _ACCOUNT:
            void_proofs(session, consent.id, "withdrawn")
    detail = {"account": account.id, "by": shown.value}
    record(session, actor=actor, action="account_ended", subject=f"customer:{customer_no}", detail=detail)
    end_account(session, account, clock.today())
    return True


def _unknown(session: Session, customer_no: str, account_id: int) -> Account | None:
    """That account, where it was opened for that number by somebody who is not known to be its customer."""
    lock_customer(session, customer_no)
    account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None or account.customer_no != customer_no or account.state == "closed":
        return None
    return account if account.vouched_at is None else None


def _tell(session: Session, template: str, account: Account) -> None:
    """Tell whoever reads the account's mailbox, in words that name nobody."""
    again = f"account-{account.id}"
    compose_account_notice(
        session, template, account.login, account.customer_no, tracking=account.tracking, again=again
    )
