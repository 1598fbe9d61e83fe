"""Where a customer can be reached, and which of these addresses are proven; which one counts: ``addressing``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from confirmations.tables import Medium, RecipientRole
from customers.consents import EINVOICE
from customers.records import CustomerRecord
from customers.tables import Account, Consent, Proof
from environment.clock import last_day, today
from environment.settings import get_settings

_SHOWN_DIGITS: Final = 3
STILL_KNOWN: Final = timedelta(days=60)
"""So long after a withdrawal its proven address still serves to answer the customer."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address; ``proven``: its owner used a link of ours, or it is the letter box of the register.

    ``role`` says whose it is, ``customer_no`` which customer's: an address that was looked up is looked up again when
    the message is sent.
    """

    medium: Medium
    address: str = field(repr=False)
    proven: bool
    role: RecipientRole = RecipientRole.EXACT
    customer_no: str | None = None


def reach(session: Session, customer: CustomerRecord) -> Recipient:
    """How to tell a customer something: by a proven address, else the register's e-mail, else by letter."""
    number = customer.customer_no
    found = _proven(session, number, of_customer=True)
    if found:
        return Recipient(Medium.EMAIL, found[0], True, RecipientRole.CUSTOMER, number)
    if customer.email:
        return Recipient(Medium.EMAIL, customer.email, False, RecipientRole.CUSTOMER, number)
    return Recipient(Medium.LETTER, postal_address(customer), True, RecipientRole.CUSTOMER, number)


def by_email(session: Session, customer_no: str, email: str, role: RecipientRole = RecipientRole.EXACT) -> Recipient:
    """That address, proven or not."""
    return Recipient(Medium.EMAIL, email, email in _proven(session, customer_no), role, customer_no)


def reference(recipient: Recipient, customer_no: str | None) -> str | None:
    """The customer number: whole in a closed envelope, its end in an e-mail to a proven address, else not at all."""
    if customer_no is None or not recipient.proven:
        return None
    return customer_no if recipient.medium is Medium.LETTER else f"…{customer_no[-_SHOWN_DIGITS:]}"


def postal_address(customer: CustomerRecord) -> str:
    """The lines of the register's address as they stand on an envelope; fewer than three when it is not whole."""
    place = customer.street or customer.town  # villages without streets number their houses
    house = customer.house if not customer.flat else f"{customer.house}/{customer.flat}"
    findable = place and customer.house and not customer.unknown & {"street", "flat"}
    lines = [
        customer.name,
        f"{place} {house}" if findable else None,
        f"{customer.postcode} {customer.town}" if customer.postcode and customer.town else None,
    ]
    return "\n".join(line for line in lines if line)


def proof_ends_on(session: Session, tracking: str, email: str) -> date | None:
    """The last whole local day on which the link to that address works; None when nothing waits for proof."""
    waiting = select(Proof.expires_at).where(
        Proof.tracking == tracking, Proof.email == email, Proof.used_at.is_(None), Proof.void.is_(None)
    )
    expires_at = session.scalars(waiting.order_by(Proof.id.desc()).limit(1)).first()
    return None if expires_at is None else last_day(expires_at)


def awaits_proof(session: Session, customer_no: str, email: str) -> bool:
    """Whether a link to that address is out and not yet used."""
    waiting = select(Proof.id).where(
        Proof.customer_no == customer_no, Proof.email == email, Proof.used_at.is_(None), Proof.void.is_(None)
    )
    return session.scalars(waiting.limit(1)).first() is not None


def _proven(session: Session, customer_no: str, *, of_customer: bool = False) -> list[str]:
    """Proven addresses of consents in force or withdrawn not long ago: those of e-invoices first, of each the newest.

    Not of one that was taken back (``is_taken_back``): its address is somebody else's. ``of_customer``: nor of an
    account whose owner is not known to be the customer (decision 56), for a stranger may have opened it.
    """
    found = select(Consent.email).where(
        Consent.customer_no == customer_no,
        Consent.email_proven_at.is_not(None),
        or_(Consent.effective_to.is_(None), and_(Consent.withdrawn, Consent.effective_to >= today() - STILL_KNOWN)),
    )
    if of_customer and get_settings().account_letter_code:
        unknown = exists().where(
            Account.customer_no == customer_no, Account.state != "closed", Account.vouched_at.is_(None)
        )
        found = found.where(or_(Consent.subject == EINVOICE, Consent.effective_to.is_not(None), ~unknown))
    of_invoices = Consent.subject == EINVOICE
    return list(session.scalars(found.order_by(of_invoices.desc(), Consent.email_proven_at.desc())))
