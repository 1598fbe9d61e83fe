"""Questions to the register: what came of a document, and how a customer gets invoices on a given day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.consents import EINVOICE, is_taken_back
from customers.tables import Change, Consent, Proof
from environment.clock import local_day, now

_AT_ONCE: Final = 500


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
    return deliveries_on(session, [(customer_no, day)])[customer_no, day]


def deliveries_on(
    session: Session, wanted: Collection[tuple[str, date]], *, to_send: bool = False
) -> dict[tuple[str, date], InvoiceDelivery]:
    """The same for many customers and days, in few questions.

    ``to_send``: for what leaves now; an address that was taken back since, because it was misread, gets nothing more,
    whatever day an invoice is of.
    """
    numbers = sorted({number for number, _ in wanted})
    consents: dict[str, list[Consent]] = {}
    proofs: dict[int, list[Proof]] = {}
    for at in range(0, len(numbers), _AT_ONCE):
        of_these = (Consent.customer_no.in_(numbers[at : at + _AT_ONCE]), Consent.subject == EINVOICE)
        for consent in session.scalars(select(Consent).where(*of_these).order_by(Consent.id.desc())):
            consents.setdefault(consent.customer_no, []).append(consent)
        used = select(Proof).join(Consent, Consent.id == Proof.consent_id).where(*of_these, Proof.used_at.is_not(None))
        for proof in session.scalars(used.order_by(Proof.used_at)):
            proofs.setdefault(proof.consent_id, []).append(proof)
    if to_send:
        consents = {number: [one for one in given if not is_taken_back(one)] for number, given in consents.items()}
        proofs = {number: [one for one in used if one.void is None] for number, used in proofs.items()}
    return {(number, day): _delivery(consents.get(number, ()), proofs, day) for number, day in wanted}


def holds_on(consent: Consent, day: date) -> bool:
    """Whether an acceptance is in force on that day: its address is proven, and it is not over."""
    begun, over = consent.effective_from, consent.effective_to
    return begun is not None and begun <= day and (over is None or over >= day)


def _delivery(consents: Sequence[Consent], proofs: dict[int, list[Proof]], day: date) -> InvoiceDelivery:
    """By the newest of these consents that holds on that day."""
    for one in consents:
        if holds_on(one, day):
            of_it = proofs.get(one.id, ())
            proven = [proof.email for proof in of_it if proof.used_at and local_day(proof.used_at) <= day]
            return InvoiceDelivery("email", proven[-1] if proven else one.email)
    return InvoiceDelivery("paper")


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
