"""New rows of ``documents``, each with its tracking number, first transition and line in the audit."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from database.engine import insert_new
from documents.file_names import index_name
from documents.states import IntakeChannel, State
from documents.tables import Document
from documents.tracking import new_tracking
from documents.transitions import note_step
from environment import clock

_KEYS: Final = (("idempotency_key",), ("source_key",), ("parent_tracking", "part"))
"""What makes a document the same one, besides its tracking number."""
TAKEN_IN: Final = "taken_in"
"""In the audit: that there is a document from then on."""


def find_or_add_document(
    session: Session, channel: IntakeChannel, state: State, *, actor: str, **values: Any
) -> tuple[Document, bool]:
    """A new document with a free tracking number and True, or the one that has the same key already and False.

    ``values`` are further columns; the keys are ``idempotency_key``, ``source_key``, and parent with part.
    """
    at = clock.now()
    row = {"received_at": at, **values, "channel": channel.value, "state": state.value, "updated_at": at}
    while (document := insert_new(session, Document, row := {**row, "tracking": new_tracking()})) is None:
        known = _known(session, row)
        if known is not None:
            return known, False
    told = {"reason_code": document.reason_code, "note": document.reason}
    note_step(session, document.id, at, None, state, actor=actor, **told)
    if document.parent_tracking is None and channel in (IntakeChannel.FOLDER, IntakeChannel.CLI):
        index_name(session, document)
    detail = {"state": state.value, "channel": channel.value}
    record(session, actor=actor, action=TAKEN_IN, subject=document.tracking, detail=detail)
    session.flush()
    return document, True


def _known(session: Session, row: dict[str, Any]) -> Document | None:
    for names in _KEYS:
        if all(row.get(name) is not None for name in names):
            same = [getattr(Document, name) == row[name] for name in names]
            found = session.scalar(select(Document).where(*same))
            if found is not None:
                return found
    return None
