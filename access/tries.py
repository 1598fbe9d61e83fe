"""Limits on guessing a secret and on what one sender gets in a day: shared by all processes, kept across restarts.

What is kept tells nothing of who tried.

Count a try before looking at the secret, and forget it when that was right, so that many tries at once cannot slip by::

    with transaction() as session:
        if not allowed(session, key, most=5, minutes=15):
            ...  # refuse, with the same answer as ever
        note_wrong(session, key)
    ...  # look at the secret; when it is right: forget(session, key) in a transaction
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, text
from sqlalchemy.orm import Session

from access.tables import Try
from database.encryption import digest
from database.engine import table_of
from environment import clock

_KEPT: Final = timedelta(days=1)
"""No limit looks back further than this."""
_TRIES: Final = table_of(Try)
_AMOUNT: Final = func.sum(_TRIES.c.amount)
_WORST: Final = (
    select(_AMOUNT)
    .where(_TRIES.c.key_digest.in_(bindparam("digests", expanding=True)), _TRIES.c.at > bindparam("after"))
    .group_by(_TRIES.c.key_digest)
    .order_by(_AMOUNT.desc())
    .limit(1)
)
_COUNTED: Final = insert(_TRIES)
_OLD: Final = delete(_TRIES).where(_TRIES.c.at < bindparam("before"))
"""Made once: each e-mail to an address that nobody has proven is counted."""


def allowed(
    session: Session, *keys: str, most: int, minutes: int, since: datetime | None = None, wanted: int = 1
) -> bool:
    """Whether each of the keys has room for ``wanted`` more of ``most`` in the last ``minutes`` (a day at most).

    What was counted before ``since`` does not count any more.

    Keys name what is guarded and from whom, as 'case:K7M4-PX9A' or 'client:203.0.113.7'. Until the transaction ends
    others wait who ask for the same keys: of tries at once each is counted.
    """
    digests = _digests(keys)
    _one_after_the_other(session, digests)
    begun = clock.now() - timedelta(minutes=minutes)
    session.flush()
    counted = session.connection().scalar(_WORST, {"digests": digests, "after": max(begun, since or begun)})
    return (counted or 0) + wanted <= most


def note_wrong(session: Session, *keys: str) -> None:
    """Count a wrong try of each key."""
    note_amount(session, *keys, amount=1)


def note_amount(session: Session, *keys: str, amount: int) -> None:
    """Count so much of what is limited for each key; what is too old to count is swept away."""
    sweep_away(session)
    rows = [{"key_digest": each, "at": clock.now(), "amount": amount} for each in _digests(keys)]
    session.connection().execute(_COUNTED, rows)


def sweep_away(session: Session) -> int:
    """Delete what is too old to count; gives how many."""
    session.flush()
    return session.connection().execute(_OLD, {"before": clock.now() - _KEPT}).rowcount


def forget(session: Session, *keys: str) -> None:
    """Count anew: the secret was right."""
    session.execute(delete(Try).where(Try.key_digest.in_(_digests(keys))))


def uncount(session: Session, *keys: str) -> None:
    """Take back the newest try of each key, as it was right after all; earlier ones count on.

    For a key that several secrets share: who knows one of them must not win new tries at the others.
    """
    for each in _digests(keys):
        newest = select(Try.id).where(Try.key_digest == each).order_by(Try.id.desc()).limit(1)
        session.execute(delete(Try).where(Try.id.in_(newest)))


def _digests(keys: tuple[str, ...]) -> list[str]:
    return sorted({digest("try", key) for key in keys})


def _one_after_the_other(session: Session, digests: list[str]) -> None:
    """SQLite's transactions take turns by themselves; PostgreSQL's are made to, key by key in one order."""
    if session.get_bind().dialect.name == "postgresql":
        for each in digests:
            number = int.from_bytes(bytes.fromhex(each[:16]), signed=True)
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
