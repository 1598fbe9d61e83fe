"""The rows of one sort of sessions: found by the digest of their tokens, over when not used or old, then swept away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, or_, update
from sqlalchemy.orm import Session

from environment import clock

_NOTED_EVERY: Final = timedelta(seconds=30)
"""A use of a session is not written down more often: most requests then only read."""


@dataclass(frozen=True, slots=True)
class SessionRows:
    """``table`` has ``token_digest``, ``created_at`` and ``last_used``; ``digest`` makes the first of a token.

    ``lasts`` tells for how long a session may rest, and for how long it lasts at most.
    """

    table: Any
    digest: Callable[[str], str]
    lasts: Callable[[], tuple[timedelta, timedelta]]

    def over(self, at: datetime) -> ColumnElement[bool]:
        """Condition on sessions: over at that moment."""
        rest, whole = self.lasts()
        return or_(self.table.last_used <= at - rest, self.table.created_at <= at - whole)

    def is_unnoted(self, last_used: datetime, at: datetime) -> bool:
        """Whether a use at that moment is to be written down."""
        return at - last_used >= _NOTED_EVERY

    def note_use(self, session: Session, token: str) -> None:
        """Write down that a session is in use, from which its idle time counts; nothing happens when it is over."""
        at = clock.now()
        used = update(self.table).where(self.table.token_digest == self.digest(token), ~self.over(at))
        session.execute(used.values(last_used=at).execution_options(synchronize_session=False))

    def end(self, session: Session, token: str) -> None:
        """End one session."""
        session.execute(delete(self.table).where(self.table.token_digest == self.digest(token)))

    def sweep_away(self, session: Session) -> int:
        """Delete the sessions that are over; gives how many."""
        swept = session.execute(delete(self.table).where(self.over(clock.now())).returning(self.table.id))
        return len(swept.all())
