"""Links that prove an e-mail address: made once, used once, for a set number of days.

A link and its row in ``proofs`` are one thing: made here, used in ``proving``, shown in ``links``.

A token is the keyed digest of a random nonce. The database holds the nonce and the token's SHA-256: a stolen copy
gives no token, while a crash between making a link and writing the message loses nothing, for the token can be made
again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from customers.tables import Consent, Customer, Proof
from database.encryption import digest
from environment.clock import now
from environment.settings import get_settings

VOID_ERASED = "erased"
"""Of a link whose time of keeping is over: it has no address any more."""
REDIRECTED = "redirected"
"""Of a link whose address was corrected with the customer on the telephone."""
_TOKEN_LENGTH = 48


class ProofError(Exception):
    """A link that proves nothing; ``message`` is Polish and says what to do.

    ``code`` is 'unknown', 'expired', 'used', 'replaced', 'withdrawn', 'corrected', 'redirected' or 'erased'; of an
    address that is to take the place of another, 'unfit'.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = _MESSAGES[code].format(phone=get_settings().company_phones[0])


_MESSAGES = {
    "unknown": "Nie znamy tego odnośnika. Otwórz go jeszcze raz z wiadomości, w całości, albo zadzwoń do nas: {phone}.",
    "expired": "Ten odnośnik stracił ważność. Otwórz go w przeglądarce i poproś o nowy albo zadzwoń do nas: {phone}.",
    "used": "Ten odnośnik został już użyty i adres jest potwierdzony.",
    "replaced": "Wysłaliśmy już nowszy odnośnik. Otwórz ostatnią wiadomość od nas. Nie ma jej? Sprawdź folder SPAM "
    "albo zadzwoń: {phone}.",
    "withdrawn": "Zgoda, której dotyczył ten odnośnik, została wycofana. Jeśli to pomyłka, zadzwoń do nas: {phone}.",
    "erased": "Tego odnośnika nikt nie użył na czas, więc usunęliśmy go zgodnie z okresem przechowywania. Wyślij "
    "formularz jeszcze raz albo zadzwoń do nas: {phone}.",
    "unfit": "Tego adresu nie można tu wpisać: jest loginem kogoś innego, jest tym, który klient zmienia, albo "
    "sprawę załatwiono inaczej.",
    "corrected": "Ten odnośnik wysłaliśmy przez pomyłkę i już nie działa. Przepraszamy. Niczego nie musisz robić.",
    REDIRECTED: "Adres e-mail w tej sprawie poprawiono w biurze po telefonie do nas, więc ten odnośnik już nie działa; "
    "nowy wysłaliśmy na poprawiony adres. Jeśli to Twoja sprawa, a o zmianę prosił ktoś inny, zadzwoń do nas jak "
    "najszybciej: {phone}.",
}


@dataclass(frozen=True, slots=True)
class Renewal:
    """A link for a document whose address is not yet proven."""

    token: str
    purpose: str
    customer_no: str
    tracking: str
    email: str


def renew(session: Session, tracking: str) -> Renewal:
    """A new link for that document; older ones stop working. ProofError when nothing waits for proof."""
    proof = waiting(session, tracking)
    return replace(session, proof, proof.email, "replaced")


def another(session: Session, tracking: str) -> Renewal:
    """One more link for that document; older ones go on working, for anybody may ask. ProofError as ``renew``."""
    proof = waiting(session, tracking)
    token = issue(session, proof.purpose, session.get_one(Consent, proof.consent_id), proof.email, proof.tracking)
    return Renewal(token, proof.purpose, proof.customer_no, proof.tracking, proof.email)


def waiting(session: Session, tracking: str) -> Proof:
    """The link of a document that waits for its use, with its customer held; ProofError when none does."""
    newest = select(Proof).where(Proof.tracking == tracking).order_by(Proof.id.desc()).limit(1)
    proof = session.scalar(newest)
    if proof is None:
        raise ProofError("unknown")
    lock_customer(session, proof.customer_no)
    proof = session.scalars(newest.execution_options(populate_existing=True)).one()
    if code := _dead(proof):
        raise ProofError(code)
    return proof


def replace(session: Session, proof: Proof, email: str, why: str) -> Renewal:
    """A new link to that address instead of a link that waits, which ends; ``why`` as for ``void_proofs``."""
    proof.void = why
    token = issue(session, proof.purpose, session.get_one(Consent, proof.consent_id), email, proof.tracking)
    return Renewal(token, proof.purpose, proof.customer_no, proof.tracking, email)


def issue(session: Session, purpose: str, consent: Consent, email: str, tracking: str) -> str:
    """Make a link that proves an address for a consent; returns its token."""
    nonce, moment = secrets.token_hex(16), now()
    token = _token(nonce)
    session.add(
        Proof(
            token_digest=token_digest(token),
            nonce=nonce,
            purpose=purpose,
            customer_no=consent.customer_no,
            email=email,
            tracking=tracking,
            consent_id=consent.id,
            created_at=moment,
            expires_at=moment + timedelta(days=get_settings().proof_days),
        )
    )
    session.flush()
    return token


def token_of(session: Session, tracking: str) -> str | None:
    """The token that a message about this document must carry, made again; None when nothing waits for proof."""
    waiting = [proof for proof in _proofs_of(session, tracking) if not _dead(proof)]
    return _token(waiting[-1].nonce) if waiting else None


def stands(session: Session, tracking: str) -> bool:
    """Whether the effect of a document still stands: nothing to prove, proven, or its link is still good."""
    proofs = _proofs_of(session, tracking)
    return not proofs or any(proof.used_at or not (_dead(proof) or proof.expires_at <= now()) for proof in proofs)


def void_proofs(session: Session, consent_id: int, why: str, *, purpose: str | None = None) -> None:
    """End the unused links of a consent (of one purpose); ``why`` is 'replaced', 'withdrawn' or 'corrected'."""
    unused = update(Proof).where(Proof.consent_id == consent_id, Proof.used_at.is_(None), Proof.void.is_(None))
    if purpose is not None:
        unused = unused.where(Proof.purpose == purpose)
    session.execute(unused.values(void=why))


def lock_customer(session: Session, customer_no: str) -> Customer | None:
    """The customer's row, held until the transaction ends: documents and links of one customer take turns."""
    return session.scalar(
        select(Customer)
        .where(Customer.customer_no == customer_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _proofs_of(session: Session, tracking: str) -> list[Proof]:
    found = select(Proof).where(Proof.tracking == tracking).order_by(Proof.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def by_token(token: str) -> Select[tuple[Proof]]:
    """Asks for the link of that token."""
    return select(Proof).where(Proof.token_digest == token_digest(token))


def usable(session: Session, token: str) -> Proof:
    """The link of that token; ProofError when it cannot be used (any more)."""
    proof = session.scalar(by_token(token).execution_options(populate_existing=True))
    if proof is None:
        raise ProofError("unknown")
    if code := _dead(proof):
        raise ProofError(code)
    if proof.expires_at <= now():
        raise ProofError("expired")
    return proof


def _dead(proof: Proof) -> str | None:
    return "used" if proof.used_at else proof.void


def _token(nonce: str) -> str:
    return digest("proof-token", nonce)[:_TOKEN_LENGTH]


def token_digest(token: str) -> str:
    """What is kept of the token of a link."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
