"""What a sender may know of a document: its states with their moments, and what else was in the same file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.states import State
from documents.tables import Document, Transition


def steps(session: Session, document: Document) -> list[tuple[State, datetime]]:
    """The states that the document has passed through, oldest first, with the UTC moment each began."""
    query = select(Transition).where(Transition.document_id == document.id).order_by(Transition.id)
    return [(State(row.to_state), row.at) for row in session.scalars(query)]


def further_parts(session: Session, document: Document) -> list[str]:
    """Tracking numbers of the other forms that were found in the document's file, in their order there."""
    query = select(Document.tracking).where(Document.parent_tracking == document.tracking).order_by(Document.part)
    return list(session.scalars(query))
