"""Alarms as they are kept: opened once, closed once, and known to whoever asks until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alarms.kinds import WORDS, AlarmKind
from alarms.rules import Findings, Trouble
from alarms.tables import Alarm
from alarms.wording import told
from database.engine import insert_if_absent
from environment import clock

KEPT: Final = timedelta(days=90)
"""So long is known what is over."""
_SOME_OPEN: Final = select(Alarm.id).where(Alarm.closed_at.is_(None)).limit(1)


@dataclass(frozen=True, slots=True)
class Changes:
    """What begins and what is over by one look."""

    opened: tuple[Alarm, ...]
    closed: tuple[Alarm, ...]


def keep(session: Session, found: Findings) -> Changes:
    """Open what is new, bring up to date what goes on, close what is over; what cannot be known stays as it is."""
    at = clock.now()
    session.execute(delete(Alarm).where(Alarm.closed_at < at - KEPT))
    now, opened = {(one.kind.value, one.subject[:80]): one for one in found.troubles}, list[Alarm]()
    before = {(one.kind, one.subject): one for one in _open_ones(session)}
    for key, trouble in now.items():
        row = before.get(key)
        if row is None:
            fresh = {"kind": key[0], "subject": key[1], "since": trouble.since or at, "opened_at": at}
            insert_if_absent(session, Alarm, {**fresh, "waits": trouble.waits, "detail": trouble.detail[:300]})
            row = next(one for one in _open_ones(session) if (one.kind, one.subject) == key)
            opened.append(row)
            continue
        row.since = trouble.since or row.since
        row.waits, row.detail = trouble.waits, trouble.detail[:300]
        if row.told_waits is not None and trouble.waits is not None:
            row.told_waits = min(row.told_waits, trouble.waits)
    over = [row for key, row in before.items() if key not in now and row.kind not in found.unknown]
    for row in over:
        row.closed_at = at
    session.flush()
    return Changes(tuple(opened), tuple(over))


def note_past(session: Session, trouble: Trouble) -> None:
    """A trouble that could not be written down while it lasted, and is over."""
    at = clock.now()
    since = trouble.since or at
    session.add(Alarm(kind=trouble.kind.value, subject="", since=since, opened_at=since, closed_at=at, detail=""))


def some_open(session: Session) -> bool:
    """Whether any goes on."""
    return session.scalar(_SOME_OPEN) is not None


def standing(session: Session) -> list[dict[str, Any]]:
    """All alarms that go on, the longest first, as ``alarms.wording.told`` gives them."""
    return [told(one) for one in _open_ones(session)]


def outages(session: Session) -> list[dict[str, Any]]:
    """Those of them that concern everybody who works here."""
    return [told(one) for one in _open_ones(session) if WORDS[AlarmKind(one.kind)].outage]


def ended(session: Session, since: datetime) -> list[Alarm]:
    """Alarms that ended since a moment, the first first."""
    return list(session.scalars(select(Alarm).where(Alarm.closed_at >= since).order_by(Alarm.closed_at, Alarm.id)))


def _open_ones(session: Session) -> list[Alarm]:
    return list(session.scalars(select(Alarm).where(Alarm.closed_at.is_(None)).order_by(Alarm.since, Alarm.id)))
