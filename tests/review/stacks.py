"""Papers that a scanner has put into one file, at the desk, and what is told of them."""

from __future__ import annotations

from sqlalchemy import select, update

from audit.tables import AuditEntry
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading, summaries
from documents.tables import Document
from review import queue
from review.case_sheet import seen_of
from review.queue import Clerk
from tests.review.papers import EWA

PAPERS = (Paper(), Paper("einvoice_withdrawal", 1, ("name", "customer_no")))


def document_of(tracking: str) -> Document:
    with transaction() as session:
        return loading.load(session, tracking)


def seen_by(tracking: str, clerk: Clerk = EWA) -> str:
    """Hold it; gives the mark of what the clerk sees."""
    with transaction() as session:
        queue.claim(session, tracking, clerk)
        return seen_of(loading.load(session, tracking))


def actions(tracking: str) -> list[tuple[str, str]]:
    with transaction() as session:
        return [(entry["actor"], entry["action"]) for entry in summaries.story(session, tracking)["audit"]]


def details(tracking: str, action: str) -> list[tuple[str, dict[str, object] | None]]:
    with transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == tracking, AuditEntry.action == action))
        return [(entry.actor, entry.detail) for entry in entries]


def altered(tracking: str, **values: object) -> None:
    with transaction() as session:
        session.execute(update(Document).where(Document.tracking == tracking).values(**values))
