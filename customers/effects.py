"""What an accepted form does to the register: exactly once for each document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from customers.outcome import Origin, Outcome
from forms.submission import Submission

__all__ = ["Origin", "Outcome", "apply", "request_digest"]


def request_digest(submission: Submission) -> str:
    """Keyed digest of form, customer and values (but the signature): equal for the same request."""
    raise NotImplementedError


def apply(
    session: Session,
    submission: Submission,
    origin: Origin,
    today: date,
    *,
    approved: Collection[str] = (),
    paper_from: date | None = None,
) -> Outcome:
    """Carry out the effect of the form in the caller's transaction; a second call tells the same outcome again."""
    raise NotImplementedError
