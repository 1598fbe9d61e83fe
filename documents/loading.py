"""Finding documents by their tracking numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from documents.tables import Document

_FRESH: Final = select(Document).execution_options(populate_existing=True)
_BY_TRACKING: Final = _FRESH.where(Document.tracking == bindparam("tracking"))
_AMONG: Final = _FRESH.where(Document.tracking.in_(bindparam("trackings", expanding=True)))
_LOCKED: Final = _FRESH.where(Document.id == bindparam("id")).with_for_update()
"""Made once: to put a question together costs more than to ask it."""


class UnknownDocumentError(LookupError):
    """No document has that tracking number."""


def load(session: Session, tracking: str) -> Document:
    """The document of that tracking number, in its written form; UnknownDocumentError when there is none."""
    found = session.scalar(_BY_TRACKING, {"tracking": tracking})
    if found is None:
        raise UnknownDocumentError(f"no document has the tracking number {tracking}")
    return found


def load_all(session: Session, trackings: Sequence[str]) -> list[Document]:
    """The documents of these tracking numbers, in their order, of those that there are."""
    if not trackings:
        return []
    found = {each.tracking: each for each in session.scalars(_AMONG, {"trackings": list(trackings)})}
    return [found[tracking] for tracking in trackings if tracking in found]


def authorities_of(session: Session, trackings: Sequence[str]) -> dict[str, int | None]:
    """By which authority each was sent for a customer, by tracking number; None where by none."""
    known = session.execute(select(Document.tracking, Document.authority).where(Document.tracking.in_(trackings)))
    return {**dict.fromkeys(trackings), **dict(known.tuples().all())}


def lock(session: Session, document: Document) -> Document:
    """The present row of a document, kept from all others until the transaction ends."""
    return session.scalars(_LOCKED, {"id": document.id}).one()
