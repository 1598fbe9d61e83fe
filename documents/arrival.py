"""Which of two documents came first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.tables import Document


class Arrival(NamedTuple):
    """A document's place in the order of arrival: the smaller came first.

    The forms of one file came at one moment. There their numbers decide, which they were given in the order of their
    pages.
    """

    received_at: datetime
    id: int


def numbers_of(session: Session, trackings: Collection[str]) -> dict[str, int]:
    """The numbers of documents by their tracking numbers, of those that there are."""
    found = session.execute(select(Document.tracking, Document.id).where(Document.tracking.in_(list(trackings))))
    return {row.tracking: row.id for row in found}
