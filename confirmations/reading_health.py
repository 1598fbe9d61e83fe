"""How reading what came back goes: one row for the mailbox, one for the folder; each trouble is told once."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from confirmations.tables import ReturnedMailbox
from database.engine import insert_if_absent, reading, transaction
from environment.clock import now
from environment.settings import get_settings

_log = structlog.get_logger(__name__)


class BounceSource(IntEnum):
    """Where e-mails that came back are read."""

    MAILBOX = 1
    FOLDER = 2


_NAMES = {BounceSource.MAILBOX: "bounce_mailbox", BounceSource.FOLDER: "bounces_dir"}
"""As the lines of the log begin that tell of it."""


def mailbox_state(session: Session) -> dict[str, Any] | None:
    """How the mailbox or the folder was when it was last looked into; None when there is neither.

    Keys: trouble (Polish: cause and remedy, or None), since (ISO, when that began), left_alone (messages of the mailbox
    that are no reports of ours).
    """
    settings = get_settings()
    read = ((BounceSource.MAILBOX, settings.bounces_imap_host), (BounceSource.FOLDER, settings.bounces_dir))
    places = [place for place, setting in read if setting is not None]
    if not places:
        return None
    rows = [row for place in places if (row := session.get(ReturnedMailbox, place.value)) is not None]
    troubled = next((row for row in rows if row.trouble is not None), None)
    return {
        "trouble": None if troubled is None else (troubled.trouble or "").partition(": ")[2],
        "since": None if troubled is None or troubled.since is None else troubled.since.isoformat(),
        "left_alone": sum(row.left_alone for row in rows),
    }


def is_time(place: BounceSource, longest: timedelta) -> bool:
    """Whether nobody looks, or has looked just now; whoever is told so has the next look, for so long."""
    with reading() as session:
        known = session.get(ReturnedMailbox, place.value)
        if known is not None and known.next_look_at > now():
            return False
    with transaction() as session:
        row = _row(session, place)
        if row.next_look_at > now():
            return False
        row.next_look_at = now() + longest
        return True


def note_trouble(place: BounceSource, code: str, message: str, again: timedelta) -> None:
    """Not all of it can be read; ``message`` is Polish: cause and remedy. The next look is ``again`` later."""
    with transaction() as session:
        row = _row(session, place)
        row.next_look_at = now() + again
        if row.trouble is None or row.trouble.partition(":")[0] != code:
            row.trouble, row.since = f"{code}: {message}"[:300], row.since or now()
            _log.error(f"{_NAMES[place]}_trouble", code=code)


def note_health(place: BounceSource, again: timedelta, left_alone: int = 0) -> None:
    """It was read to its end, and so many messages lie there that are no reports of ours."""
    with transaction() as session:
        row = _row(session, place)
        row.next_look_at = now() + again
        if row.trouble is not None:
            _log.info(f"{_NAMES[place]}_back")
        if left_alone > row.left_alone:
            _log.warning("bounces_left_alone", messages=left_alone)
        row.trouble, row.since, row.left_alone = None, None, left_alone


def is_troubled(place: BounceSource) -> bool:
    """Whether the last look met a trouble."""
    with reading() as session:
        row = session.get(ReturnedMailbox, place.value)
        return row is not None and row.trouble is not None


def _row(session: Session, place: BounceSource) -> ReturnedMailbox:
    """The row of a place, kept from all others until the transaction ends."""
    insert_if_absent(session, ReturnedMailbox, {"id": place.value, "next_look_at": now(), "left_alone": 0})
    return session.scalars(select(ReturnedMailbox).where(ReturnedMailbox.id == place.value).with_for_update()).one()
