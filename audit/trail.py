"""Adding to the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from audit.tables import AuditEntry
from database import clock


def record(session: Session, *, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Add an entry, committed with what it tells of.

    ``actor`` is 'clerk:LOGIN', 'command line:USER', or 'machine'; ``subject`` an identifier. ``detail`` is JSON and
    encrypted; it holds identifiers, codes and numbers, never a value of a person.
    """
    told = None if detail is None else dict(detail)
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, detail=told))
