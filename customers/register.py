"""What the register says: of a customer, of a document, of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from customers.records import COLUMNS
from customers.tables import Account, Change, Consent, Customer, Proof
from database.clock import local_day, now
from forms.fields import PESEL


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an invoice is delivered: ``channel`` 'paper' or 'email', with the address."""

    channel: str
    email: str | None = None


def delivery_on(session: Session, customer_no: str, day: date) -> Delivery:
    """How an invoice of that Polish local day is delivered to that customer.

    By e-mail from the day on which the address was proven to the last day of the consent; to the address last proven
    by then.
    """
    consent = session.scalar(
        select(Consent)
        .where(
            Consent.customer_no == customer_no,
            Consent.subject == "einvoice",
            Consent.effective_from <= day,
            or_(Consent.effective_to.is_(None), Consent.effective_to >= day),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
    if consent is None:
        return Delivery("paper")
    proofs = session.scalars(
        select(Proof).where(Proof.consent_id == consent.id, Proof.used_at.is_not(None)).order_by(Proof.used_at)
    )
    proven = [proof.email for proof in proofs if proof.used_at and local_day(proof.used_at) <= day]
    return Delivery("email", proven[-1] if proven else consent.email)


def register_row(session: Session, customer_no: str) -> dict[str, Any] | None:
    """The customer with delivery, open account and consents (oldest first), PESEL masked; None when unknown.

    Dates and moments are ISO texts, ready for JSON.
    """
    customer = session.get(Customer, customer_no)
    if customer is None:
        return None
    account = session.scalar(select(Account).where(Account.customer_no == customer_no, Account.state != "closed"))
    consents = session.scalars(select(Consent).where(Consent.customer_no == customer_no).order_by(Consent.id))
    return {
        **{name: getattr(customer, name) for name in COLUMNS},
        "pesel": PESEL.kind.masked(customer.pesel) if customer.pesel else None,
        "invoice_delivery": customer.invoice_delivery,
        "invoice_email": customer.invoice_email,
        "delivery_from": _iso(customer.delivery_from),
        "account": None if account is None else _account(account),
        "consents": [_consent(consent) for consent in consents],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "login": account.login,
        "state": account.state,
        "phone": account.phone,
        "notify_sms": account.notify_sms,
        "notify_email": account.notify_email,
        "terms_version": account.terms_version,
        "tracking": account.tracking,
        "activated_at": _iso(account.activated_at),
        "password_set_at": _iso(account.password_set_at),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "subject": consent.subject,
        "form": consent.form,
        "form_version": consent.form_version,
        "terms_version": consent.terms_version,
        "signed_on": _iso(consent.signed_on),
        "received_on": consent.received_on.isoformat(),
        "effective_from": _iso(consent.effective_from),
        "effective_to": _iso(consent.effective_to),
        "email": consent.email,
        "email_proven_at": _iso(consent.email_proven_at),
        "tracking": consent.tracking,
        "original_sha256": consent.original_sha256,
        "ended_by_tracking": consent.ended_by_tracking,
        "withdrawn": consent.withdrawn,
    }


def changes_of(session: Session, tracking: str) -> list[dict[str, Any]]:
    """What came of a document: outcome, effect, facts and the state of its link; empty when nothing was tried yet.

    ``proof`` is as ``proof_of`` tells it.
    """
    proof = proof_of(session, tracking)
    return [
        {
            "effect": change.effect,
            "outcome": change.outcome,
            "code": change.code,
            "message": change.detail["message"],
            "facts": change.detail["facts"],
            "customer_no": change.customer_no,
            "duplicate_of": change.detail["duplicate_of"],
            "at": change.at.isoformat(),
            "proof": proof,
        }
        for change in session.scalars(select(Change).where(Change.tracking == tracking))
    ]


def proof_of(session: Session, tracking: str) -> str | None:
    """The state of the newest link of a document: 'waiting', 'proven', 'expired', 'replaced' or 'withdrawn'.

    None when there is nothing to prove.
    """
    proof = session.scalar(select(Proof).where(Proof.tracking == tracking).order_by(Proof.id.desc()).limit(1))
    if proof is None:
        return None
    if proof.used_at is not None:
        return "proven"
    if proof.void is not None:
        return proof.void
    return "expired" if proof.expires_at <= now() else "waiting"


def _iso(when: date | None) -> str | None:
    """A day, or a moment (which is a day too), as text."""
    return None if when is None else when.isoformat()
