"""Where an effect comes from and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from database.clock import local_day

Fact = str | bool | None
Kind = Literal["done", "already_done", "same_request", "needs_human"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The document behind a submission. ``channel`` is 'folder', 'upload', 'api' or 'cli'."""

    tracking: str
    received_at: datetime
    original_sha256: str | None
    channel: str

    @property
    def received_on(self) -> date:
        """The Polish local day of receipt, from which the law counts."""
        return local_day(self.received_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of applying one submission.

    ``code`` is stable, ``message`` Polish. ``facts`` hold what a confirmation needs: 'email' (the address that the
    form speaks of), 'old_email', 'effective_from' (ISO date), ...; each effect lists its own. ``proof_token`` goes into
    the link to ``facts['email']``; None when there is nothing (left) to prove. ``duplicate_of`` is the tracking number
    of the request that this one repeats.
    """

    kind: Kind
    code: str
    message: str
    customer_no: str | None
    facts: dict[str, Fact] = field(default_factory=dict)
    proof_token: str | None = field(default=None, repr=False)
    duplicate_of: str | None = None
