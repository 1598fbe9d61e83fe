"""Taking in: first the original is safe in the store, then the register knows of it, then the sender is told.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from documents.states import Channel, State
from forms.submission import Submission


class IdempotencyConflictError(ValueError):
    """The same idempotency key came with another content; the message is Polish."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: ``reason`` is Polish and None when all is well."""

    tracking: str
    state: State
    duplicate_of: str | None = None
    reason: str | None = None


def receive_file(
    session: Session, path: Path, *, channel: Channel, file_name: str | None = None, idempotency_key: str | None = None
) -> Receipt:
    """Take in a whole file: store its original, then record it as ``received``.

    The same bytes again are recorded as ``duplicate`` with the earlier tracking number, unless the earlier ones ended
    ``quarantined``: those may be tried again. ``file_name`` is the sender's name of it, the path's own by default.
    OSError when the file cannot be read, IdempotencyConflictError when the key came before with other bytes.
    """
    raise NotImplementedError


def receive_unusable(
    session: Session, path: Path, *, channel: Channel, code: str, message: str, file_name: str | None = None
) -> Receipt:
    """Record a file that cannot be used as ``quarantined``, with its reason in Polish.

    Its original is kept when its bytes can be read. What cannot be read (no permission, symbolic link, directory) is
    recorded once for the path and its time of change, however often it is told.
    """
    raise NotImplementedError


def receive_values(
    session: Session, submission: Submission, *, channel: Channel, raw: bytes, idempotency_key: str | None = None
) -> Receipt:
    """Take in typed values: ``raw`` (the JSON as it came) is the original, the values are its readings.

    The same key with the same values gives the same receipt; with others IdempotencyConflictError.
    """
    raise NotImplementedError
