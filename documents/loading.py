"""Finding a document by its tracking number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.tables import Document


class UnknownDocumentError(LookupError):
    """No document has that tracking number."""


def load(session: Session, tracking: str) -> Document:
    """The document of that tracking number, in its written form; UnknownDocumentError when there is none."""
    found = session.scalar(select(Document).where(Document.tracking == tracking))
    if found is None:
        raise UnknownDocumentError(f"no document has the tracking number {tracking}")
    return found
