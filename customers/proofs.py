"""Links that prove an e-mail address: made once, used once, for a set number of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


class ProofError(Exception):
    """A link that proves nothing; ``message`` is Polish and says what to do.

    ``code`` is 'unknown', 'expired', 'used', 'replaced' or 'withdrawn'.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What a link is for; ``old_email`` is the address that a change replaces, None otherwise."""

    purpose: str
    customer_no: str
    tracking: str
    email: str
    old_email: str | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new link for a document whose address is not yet proven."""

    token: str
    purpose: str
    customer_no: str
    tracking: str
    email: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """An address that nobody proved in time."""

    purpose: str
    customer_no: str
    tracking: str
    expires_at: datetime


def check(session: Session, token: str) -> ProofResult:
    """What a link would do, doing nothing: for the page that opens (mail scanners open links too)."""
    raise NotImplementedError


def prove(session: Session, token: str) -> ProofResult:
    """Use a link: the account becomes active, or invoices go to the address from today on."""
    raise NotImplementedError


def renew(session: Session, tracking: str) -> Renewal:
    """A new link for that document; older ones stop working. ProofError when nothing waits for proof."""
    raise NotImplementedError


def expired_unproven(session: Session) -> list[Unproven]:
    """Addresses whose time ran out unproven; each is given once (marked as told in this transaction)."""
    raise NotImplementedError
