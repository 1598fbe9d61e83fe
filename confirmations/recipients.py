"""Where a customer can be told something, and which of these addresses are proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from confirmations.tables import Medium
from customers.records import CustomerRecord
from customers.tables import Consent, Proof
from database.clock import local_day, today

STILL_KNOWN: Final = timedelta(days=60)
"""So long after a withdrawal its proven address still serves to answer the customer."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address; ``proven``: its owner used a link of ours, or it is the letter box of the register."""

    medium: Medium
    address: str = field(repr=False)
    proven: bool


def reach(session: Session, customer: CustomerRecord) -> Recipient:
    """How to tell a customer something: by a proven address, else the register's e-mail, else by letter."""
    found = _proven(session, customer.customer_no)
    if found:
        return Recipient(Medium.EMAIL, found[0], proven=True)
    if customer.email:
        return Recipient(Medium.EMAIL, customer.email, proven=False)
    return Recipient(Medium.LETTER, postal_address(customer), proven=True)


def by_email(session: Session, customer_no: str, email: str) -> Recipient:
    """That address, proven or not."""
    return Recipient(Medium.EMAIL, email, proven=email in _proven(session, customer_no))


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
    return None if expires_at is None else local_day(expires_at) - timedelta(days=1)


def awaits_proof(session: Session, customer_no: str, email: str) -> bool:
    """Whether a link to that address is out and not yet used."""
    waiting = select(Proof.id).where(
        Proof.customer_no == customer_no, Proof.email == email, Proof.used_at.is_(None), Proof.void.is_(None)
    )
    return session.scalars(waiting.limit(1)).first() is not None


def _proven(session: Session, customer_no: str) -> list[str]:
    """Proven addresses of consents in force or ended not long ago, the newest of e-invoices first."""
    found = select(Consent.email).where(
        Consent.customer_no == customer_no,
        Consent.email_proven_at.is_not(None),
        or_(Consent.effective_to.is_(None), Consent.effective_to >= today() - STILL_KNOWN),
    )
    return list(session.scalars(found.order_by(Consent.subject.desc(), Consent.email_proven_at.desc())))
