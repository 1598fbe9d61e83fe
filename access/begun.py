"""What a browser has begun and an answer is to finish: kept here for minutes, under a secret of which we keep a digest.

A sign-in at a provider of identities is one, a question that a passkey answers another. What is taken is gone, so an
answer counts once.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from access.tables import BegunSignIn
from database.encryption import digest
from environment import clock

MINUTES: Final = 10
"""How long somebody may take."""
_LASTS: Final = timedelta(minutes=MINUTES)


def keep(session: Session, purpose: str, content: dict[str, Any]) -> str:
    """Keep what is to be finished; gives the secret by which it is found, for that purpose and no other."""
    sweep_away(session)
    mark = secrets.token_urlsafe(32)
    session.add(BegunSignIn(browser_digest=digest(purpose, mark), content=content, begun_at=clock.now()))
    session.flush()
    return mark


def take(session: Session, purpose: str, mark: str) -> dict[str, Any] | None:
    """What was kept under that secret, once; None when it was not, comes a second time, or too late."""
    since = clock.now() - _LASTS
    known = digest(purpose, mark.encode(errors="replace").decode())
    found = delete(BegunSignIn).where(BegunSignIn.browser_digest == known, BegunSignIn.begun_at > since)
    row = session.execute(found.returning(BegunSignIn.content)).first()
    return None if row is None else dict(row.content)


def sweep_away(session: Session) -> int:
    """Forget what nobody finished in time; gives how many."""
    late = delete(BegunSignIn).where(BegunSignIn.begun_at <= clock.now() - _LASTS)
    return len(session.execute(late.returning(BegunSignIn.id)).all())
