"""Polling the bounce mailbox: once a minute, by whichever process comes first; a failure is reported once."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

import structlog

from confirmations.bounce_mailbox import BounceMailbox, MailboxError, open_mailbox
from confirmations.bounces import note_alone
from confirmations.reading_health import BounceSource, is_time, note_health, note_trouble
from database.engine import DatabaseUnreachableError
from environment.settings import get_settings

_AT_ONCE: Final = 200
"""Messages in one look, at most; those beyond wait for the next."""
_ENOUGH: Final = 20.0
"""Seconds after which a look takes up no further message: the rest waits for the next one."""
_NEXT: Final = timedelta(minutes=1)
_AFTER_TROUBLE: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(minutes=10)
"""A look that takes longer was given up: another may look."""
_OF_ONE: Final = ("refused", "done_refused")
"""Codes of what the server may refuse of one message and do of another."""

_log = structlog.get_logger(__name__)


def look_into_mailbox() -> dict[str, int]:
    """Read what came back, when it is time: how many reports of each sort, and of what is none ('other').

    Each message is noted in a transaction before it is put away, so that none is lost; one that is read twice for that
    changes nothing the second time. What goes wrong with one message keeps no other. A mailbox that cannot be read is
    told once in the log, and in ``mailbox_state``.
    """
    found = dict[str, int]()
    if get_settings().bounces_imap_host is None or not is_time(BounceSource.MAILBOX, _LONGEST):
        return found
    enough = time.monotonic() + _ENOUGH
    try:
        with open_mailbox() as mailbox:
            refused = None
            for number in mailbox.waiting()[:_AT_ONCE]:
                if time.monotonic() >= enough:
                    break
                refused = _take(mailbox, number, found) or refused
            left_alone = mailbox.left_alone()
        if refused is not None:
            raise refused
    except DatabaseUnreachableError:
        raise
    except Exception as fault:
        trouble = fault if isinstance(fault, MailboxError) else _broken(fault)
        note_trouble(BounceSource.MAILBOX, trouble.code, trouble.message, _AFTER_TROUBLE)
    else:
        note_health(BounceSource.MAILBOX, _NEXT, left_alone)
    if found:
        _log.info("bounces_read", **found)
    return found


def _take(mailbox: BounceMailbox, number: int, found: dict[str, int]) -> MailboxError | None:
    """Note one message and put it away, or leave it; counted in ``found``. What went wrong with it alone, or None."""
    try:
        if (data := mailbox.read(number)) is None:
            return None
        told = note_alone(data)
        sort = "other" if told is None else told.value
        found[sort] = found.get(sort, 0) + 1
        if told is None:
            mailbox.leave(number)
        else:
            mailbox.put_away(number)
    except DatabaseUnreachableError:
        raise
    except MailboxError as trouble:
        if trouble.code not in _OF_ONE:
            raise
        return trouble
    except Exception as fault:  # what a server may answer has no end, nor what a library makes of it
        return _broken(fault)
    return None


def _broken(fault: Exception) -> MailboxError:
    """What nobody foresaw: its kind, and none of its words, which may name somebody."""
    told = f"Nieoczekiwany błąd przy czytaniu skrzynki zwrotów ({type(fault).__name__}). Zgłoś go autorom programu."
    return MailboxError("broken", told)
