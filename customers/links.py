"""What became of a link that proves an address, for the pages that speak of it; nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.accounts import activated_by
from customers.consents import EINVOICE, EINVOICE_CHANGE
from customers.effects import proving_for
from customers.ksef import gets_pictures
from customers.proofs import ProofError, by_token
from customers.tables import Proof
from environment.clock import now


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands now.

    ``state`` is 'waiting', 'used', 'expired', 'replaced', 'withdrawn', 'corrected', 'redirected' or 'erased'.
    ``password``: its page asks for the password of the account too.
    ``in_force``: what the used link brought about still holds; ``password_missing``: its account works, but nobody has
    chosen a password.
    ``newest_at`` is when the link was made that works now in the same case, None when there is none; ``renewable``: the
    case still waits for its proof, so that a new link may be sent to the same address. ``pictures``: what comes to the
    address are pictures of invoices in KSeF.
    """

    purpose: str
    password: bool
    tracking: str
    email: str = field(repr=False)
    state: str
    expires_at: datetime
    used_at: datetime | None
    in_force: bool
    password_missing: bool
    newest_at: datetime | None
    renewable: bool
    pictures: bool = False


def link_of_token(session: Session, token: str) -> Link:
    """The link that somebody opens; ProofError ('unknown') when it is none of ours."""
    proof = session.scalar(by_token(token))
    if proof is None:
        raise ProofError("unknown")
    return _link(session, proof)


def link_of_case(session: Session, tracking: str) -> Link | None:
    """The newest link of a case; None when the case has no address to prove."""
    proof = _newest(session, tracking)
    return None if proof is None else _link(session, proof)


def waiting_address(session: Session, token: str) -> str | None:
    """The address that the link of that token is to prove; None when it is over: used, replaced or ended."""
    proof = session.scalar(by_token(token))
    return None if proof is None or proof.used_at is not None or proof.void is not None else proof.email


def note_opening(session: Session, token: str) -> None:
    """Note that the page of a link was opened: by its reader, or by a program that looks into mails."""
    proof = session.scalar(by_token(token).with_for_update())
    if proof is not None:
        proof.last_opened_at = now()
        proof.opened_at = proof.opened_at or proof.last_opened_at
        session.flush()


def openings(session: Session, token: str) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When the page of a link was opened first and last, and when the link was used; None for never."""
    proof = session.scalar(by_token(token))
    return (None, None, None) if proof is None else (proof.opened_at, proof.last_opened_at, proof.used_at)


def _link(session: Session, proof: Proof) -> Link:
    newest = _newest(session, proof.tracking) or proof
    waits = newest.used_at is None and newest.void is None
    way = proving_for(proof.purpose)
    account = activated_by(session, proof) if way.password else None
    return Link(
        purpose=proof.purpose,
        password=way.password,
        tracking=proof.tracking,
        email=proof.email,
        state=_state(proof),
        expires_at=proof.expires_at,
        used_at=proof.used_at,
        in_force=proof.used_at is not None and way.in_force(session, proof),
        password_missing=account is not None and account.password_hash is None,
        newest_at=newest.created_at if waits and newest.expires_at > now() else None,
        renewable=waits and newest.email == proof.email,
        pictures=proof.purpose in (EINVOICE, EINVOICE_CHANGE) and gets_pictures(session, proof.customer_no),
    )


def _newest(session: Session, tracking: str) -> Proof | None:
    return session.scalar(select(Proof).where(Proof.tracking == tracking).order_by(Proof.id.desc()).limit(1))


def _state(proof: Proof) -> str:
    if proof.used_at is not None:
        return "used"
    return proof.void or ("expired" if proof.expires_at <= now() else "waiting")
