"""What people ask the register: the story of one document, the counts of all, lists to page through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from documents.states import State
from documents.tables import Document


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of a list: ``total`` counts all, ``next_after`` is the tracking to go on from, None at the end."""

    items: tuple[Document, ...]
    total: int
    next_after: str | None


def story(session: Session, tracking: str) -> dict[str, Any]:
    """All there is of one document, ready for JSON; sensitive values are masked.

    ``changes`` and ``messages`` are empty lists for the packages that know them.
    """
    raise NotImplementedError


def counts(session: Session) -> dict[str, Any]:
    """What is where: by state, by channel, the oldest waiting, what is stuck and why; no personal data."""
    raise NotImplementedError


def list_documents(
    session: Session, states: Sequence[State] = (), *, limit: int = 50, after: str | None = None
) -> DocumentPage:
    """Documents in these states (all when none is named), oldest first, at most ``limit`` after the one named."""
    raise NotImplementedError
