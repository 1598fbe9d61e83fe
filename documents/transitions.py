"""From state to state: the one place at which a document moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from audit.trail import record
from database.engine import table_of
from documents.states import TO_BRING_FORWARD, StaleDocumentError, State, require_transition
from documents.tables import Document, Transition
from environment import clock

_MOVED: Final = update(table_of(Document)).where(Document.id == bindparam("of"), Document.state == bindparam("before"))
_STEP: Final = insert(table_of(Transition))
"""Made once, and past the session: to put them together, and objects for what nobody looks at, cost more."""


def note_step(
    session: Session,
    document: int,
    at: datetime,
    before: State | None,
    to: State,
    *,
    actor: str,
    reason_code: str | None,
    note: str | None,
) -> None:
    """Write that a document came to a state."""
    session.connection().execute(
        _STEP,
        {
            "document_id": document,
            "at": at,
            "from_state": before,
            "to_state": to,
            "actor": actor,
            "reason_code": reason_code,
            "note": note,
        },
    )


def move(
    session: Session,
    document: Document,
    to: State,
    *,
    actor: str,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Document:
    """Move a document to a state, with its reason in Polish; writes transition and audit.

    One that is nobody's to bring forward then is no longer leased, and its attempts start anew.
    ``document`` may come from an earlier transaction: the row of this session is given back. TransitionError when the
    state cannot follow; StaleDocumentError when somebody moved the document meanwhile.
    """
    before, at = State(document.state), clock.now()
    require_transition(before, to)
    session.flush()
    now: dict[str, Any] = {
        "state": to.value,
        "reason_code": reason_code,
        "reason": reason,
        "updated_at": at,
        "shown": None,
    }
    if to not in TO_BRING_FORWARD:
        now |= {"lease_owner": None, "lease_until": None, "attempts": 0, "last_fault": None}
    connection = session.connection()
    moved = connection.execute(_MOVED, {"of": document.id, "before": before, **now})
    if moved.rowcount != 1:
        raise StaleDocumentError(f"document {document.tracking} was moved by somebody else: load it again")
    note_step(session, document.id, at, before, to, actor=actor, reason_code=reason_code, note=reason)
    detail = {"from": before, "to": to, "reason_code": reason_code}
    record(session, actor=actor, action="moved", subject=document.tracking, detail=detail)
    session.flush()
    if document not in session:
        set_committed_value(document, "state", to.value)
        return session.get_one(Document, document.id, populate_existing=True)
    for name, value in now.items():
        set_committed_value(document, name, value)
    return document
