"""Using a link that proves an e-mail address: what the effect waited for comes about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from customers.effects import proving_for
from customers.proofs import REDIRECTED, ProofError, Renewal, lock_customer, replace, usable, void_proofs, waiting
from customers.tables import Change, Consent, Proof
from environment.clock import local_day, now


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What a link is for. ``password_set``: the account got its password too."""

    purpose: str
    customer_no: str
    tracking: str
    email: str
    password_set: bool = False


def check(session: Session, token: str) -> ProofResult:
    """What a link would do, doing nothing: for the page that opens, because mail scanners open links too."""
    return _result(usable(session, token))


def prove(session: Session, token: str, password_hash: str | None = None) -> ProofResult:
    """Use a link: the account becomes active, or invoices go to the address from today on.

    ``password_hash`` is what is kept of the password chosen for the account; other links take none.
    """
    lock_customer(session, usable(session, token).customer_no)
    proof = usable(session, token)  # again: another use of the link may have held the lock
    consent = session.get_one(Consent, proof.consent_id, populate_existing=True)
    way = proving_for(proof.purpose)
    proof.used_at = consent.email_proven_at = now()
    consent.email = proof.email
    consent.effective_from = consent.effective_from or local_day(proof.used_at)
    way.activate(session, proof, password_hash)
    session.flush()
    void_proofs(session, consent.id, "replaced", purpose=None if way.replaces_all else proof.purpose)
    return _result(proof, password_set=way.password and password_hash is not None)


def readdress(session: Session, tracking: str, email: str) -> Renewal:
    """A link to another address instead of the one that waits for its proof, which the customer gave wrong.

    Nothing comes about by it: the new address counts once its owner has used the link. ProofError when none waits (any
    more), or ('unfit') when this cannot be the address.
    """
    proof = waiting(session, tracking)
    if not proving_for(proof.purpose).readdress(session, proof, email):
        raise ProofError("unfit")
    change = session.scalar(select(Change).where(Change.tracking == tracking))
    if change is not None and "facts" in change.detail:
        change.detail = {**change.detail, "facts": {**change.detail["facts"], "email": email}}
    earlier = update(Proof).where(Proof.tracking == tracking, Proof.void == "replaced")
    session.execute(earlier.values(void=REDIRECTED))  # who holds one is told the same, and gets no newer one
    return replace(session, proof, email, REDIRECTED)


def _result(proof: Proof, *, password_set: bool = False) -> ProofResult:
    return ProofResult(proof.purpose, proof.customer_no, proof.tracking, proof.email, password_set)
