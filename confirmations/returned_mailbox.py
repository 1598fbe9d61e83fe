"""Polling the bounce mailbox: once a minute, by whichever process comes first; a failure is reported once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from confirmations.bounce_mailbox import MailboxError, open_mailbox
from confirmations.returned import note
from confirmations.tables import ReturnedMailbox
from database.engine import reading, transaction
from environment.clock import now
from environment.settings import get_settings

_AT_ONCE: Final = 200
"""Messages in one look; those beyond wait for the next."""
_NEXT: Final = timedelta(minutes=1)
_AFTER_TROUBLE: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(minutes=10)
"""A look that takes longer was given up: another may look."""

_log = structlog.get_logger(__name__)


def look_into_mailbox() -> dict[str, int]:
    """Read what came back, when it is time: how many reports of each sort, and of what is none ('other').

    Each message is noted in a transaction before it is put away, so that none is lost; one that is read twice for that
    changes nothing the second time. A mailbox that cannot be read is told once in the log, and in ``mailbox_state``.
    """
    found = dict[str, int]()
    if get_settings().bounces_imap_host is None or not _is_time():
        return found
    try:
        with open_mailbox() as mailbox:
            for number in mailbox.waiting()[:_AT_ONCE]:
                if (data := mailbox.read(number)) is None:
                    continue
                with transaction() as session:
                    told = note(session, data)
                if told is None:
                    mailbox.leave(number)
                else:
                    mailbox.put_away(number)
                sort = "other" if told is None else told.value
                found[sort] = found.get(sort, 0) + 1
            left_alone = mailbox.left_alone()
    except MailboxError as trouble:
        _note_trouble(trouble)
    else:
        _note_health(left_alone)
    if found:
        _log.info("returned_mail", **found)
    return found


def mailbox_state(session: Session) -> dict[str, Any] | None:
    """How the mailbox was when it was last looked into; None when there is none.

    Keys: trouble (Polish: cause and remedy, or None), since (ISO, when that began), left_alone (messages that are no
    reports of ours).
    """
    if get_settings().bounces_imap_host is None:
        return None
    row = session.get(ReturnedMailbox, 1)
    if row is None:
        return {"trouble": None, "since": None, "left_alone": 0}
    return {
        "trouble": None if row.trouble is None else row.trouble.partition(": ")[2],
        "since": None if row.since is None else row.since.isoformat(),
        "left_alone": row.left_alone,
    }


def _is_time() -> bool:
    """Whether nobody has looked for a minute; whoever is told so has the next look."""
    with reading() as session:
        known = session.get(ReturnedMailbox, 1)
        if known is not None and known.next_look_at > now():
            return False
    with transaction() as session:
        row = _row(session)
        if row.next_look_at > now():
            return False
        row.next_look_at = now() + _LONGEST
        return True


def _note_trouble(trouble: MailboxError) -> None:
    with transaction() as session:
        row = _row(session)
        row.next_look_at = now() + _AFTER_TROUBLE
        if row.trouble is None or row.trouble.partition(":")[0] != trouble.code:
            row.trouble, row.since = f"{trouble.code}: {trouble.message}", row.since or now()
            _log.error("bounce_mailbox_trouble", code=trouble.code)


def _note_health(left_alone: int) -> None:
    with transaction() as session:
        row = _row(session)
        row.next_look_at = now() + _NEXT
        if row.trouble is not None:
            _log.info("bounce_mailbox_back")
        if left_alone > row.left_alone:
            _log.warning("returned_mail_left_alone", messages=left_alone)
        row.trouble, row.since, row.left_alone = None, None, left_alone


def _row(session: Session) -> ReturnedMailbox:
    """The one row, kept from all others until the transaction ends."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    first = insert(ReturnedMailbox).values(id=1, next_look_at=now(), left_alone=0)
    session.execute(first.on_conflict_do_nothing(index_elements=["id"]))
    return session.scalars(select(ReturnedMailbox).where(ReturnedMailbox.id == 1).with_for_update()).one()
