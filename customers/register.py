"""Questions to the register: what came of a document, and how a customer gets invoices on a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from customers.tables import Change, Consent, Proof
from environment.clock import local_day, now


@dataclass(frozen=True, slots=True)
class InvoiceDelivery:
    """How an invoice is delivered: ``channel`` 'paper' or 'email', with the address."""

    channel: str
    email: str | None = None


def delivery_on(session: Session, customer_no: str, day: date) -> InvoiceDelivery:
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
        return InvoiceDelivery("paper")
    proofs = session.scalars(
        select(Proof).where(Proof.consent_id == consent.id, Proof.used_at.is_not(None)).order_by(Proof.used_at)
    )
    proven = [proof.email for proof in proofs if proof.used_at and local_day(proof.used_at) <= day]
    return InvoiceDelivery("email", proven[-1] if proven else consent.email)


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
    """How the newest link of a document stands.

    'waiting', 'proven', 'expired', 'replaced', 'withdrawn', 'corrected', 'redirected' or 'erased'; None when there is
    nothing to prove.
    """
    proof = session.scalar(select(Proof).where(Proof.tracking == tracking).order_by(Proof.id.desc()).limit(1))
    if proof is None:
        return None
    if proof.used_at is not None:
        return "proven"
    if proof.void is not None:
        return proof.void
    return "expired" if proof.expires_at <= now() else "waiting"
