"""Who works on which document: leases that expire, so that a killed worker's documents are taken up again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from documents.tables import Document


def claim(session: Session, tracking: str, owner: str) -> Document | None:
    """Lease one open document to ``owner`` (unique per run); None when another holds it or there is nothing to do.

    The owner of a live lease may claim again: that prolongs it and counts no attempt. Taken by hand, a document that
    waits after a fault is leased at once; a stuck one (attempts used up) only after ``unstick``.
    """
    raise NotImplementedError


def claim_open(session: Session, owner: str, limit: int) -> list[str]:
    """Lease up to ``limit`` documents that the machine can move on (received, ready, applied) and give their trackings.

    Left out: those leased to others, waiting after a fault, or with all attempts used up. Each lease counts an attempt.
    ``claim`` with the same owner then loads them.
    """
    raise NotImplementedError


def release(session: Session, tracking: str, owner: str) -> None:
    """End a lease after work that went well: attempts start anew. Nothing happens when the lease is another's."""
    raise NotImplementedError


def record_fault(session: Session, tracking: str, owner: str, code: str) -> None:
    """End a lease after a fault: ``code`` (no personal data) is kept, the next attempt waits longer each time."""
    raise NotImplementedError


def unstick(session: Session, tracking: str, actor: str) -> None:
    """Give a document whose attempts are used up new ones."""
    raise NotImplementedError
