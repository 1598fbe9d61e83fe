"""Finding documents by their tracking numbers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.tables import Document


class UnknownDocumentError(LookupError):
    """No document has that tracking number."""


def load(session: Session, tracking: str) -> Document:
    """The document of that tracking number, in its written form; UnknownDocumentError when there is none."""
    found = session.scalar(
        select(Document).where(Document.tracking == tracking).execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownDocumentError(f"no document has the tracking number {tracking}")
    return found


def lock(session: Session, document: Document) -> Document:
    """The present row of a document, kept from all others until the transaction ends."""
    return session.scalars(
        select(Document).where(Document.id == document.id).with_for_update().execution_options(populate_existing=True)
    ).one()
