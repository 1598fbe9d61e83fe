"""One customer's documents take effect in the order in which they arrived, and hold up nobody else.

Documents are read side by side, but what one customer asks for takes effect in the order of its arrival: a withdrawal
must not overtake the acceptance that it ends. Strangers are not waited for. Whose a document is that is not read yet
nobody knows: only what would come to nothing now waits for that, since it may be what such a document begins. The wait
is bounded, so that one slow file holds nobody up for long, and who nobody works on (after a fault, at the desk, not
claimed yet) is not waited for at all. What goes on too early is noted, whether it changed something or not: an earlier
one that asks for anything else is left to a human then, by ``customers.applying``.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from customers import matching
from customers.applying import foresee
from customers.outcome import Origin
from customers.records import RegisterLookup
from database.engine import Session, reading
from documents import leases, loading
from documents.arrival import Arrival
from documents.leases import QueuePlace
from documents.states import State
from documents.tables import Document
from documents.values import known_form, submission_of
from environment import clock

_LONGEST_WAIT: Final = 10.0
"""Seconds that a document waits at most for those before it."""
_GLANCE: Final = 0.1
"""Seconds between looks at them."""

waits: ContextVar[Callable[[str, bool], None]] = ContextVar("waits", default=lambda tracking, waiting: None)
"""Told when a document begins to wait, and when it goes on."""


class _Look:
    """At the documents under way, shared by all of this process that wait: many may."""

    def __init__(self) -> None:
        self._lock, self._at = threading.Lock(), 0.0
        self._found: list[QueuePlace] = []

    def places(self, since: float) -> list[QueuePlace]:
        """Theirs, as they were at that moment (of the monotonic clock) or later."""
        with self._lock:
            if self._at < since:
                self._at = time.monotonic()
                with reading() as session:
                    self._found = _under_way(session)
            return self._found


_look: Final = _Look()
_announced: Final = dict[int, str]()
"""Customers by documents that are read and whose transaction goes on."""


class Precedence(Enum):
    """Whether a document may be carried out now."""

    ITS_OWN = auto()
    IF_IT_CHANGES = auto()
    """One that came before is not read yet: only what changes something goes on."""
    LATER = auto()
    """One of the same customer came before."""


@contextmanager
def announced(document: Document, customer_no: str | None) -> Iterator[None]:
    """Let those in this process that come after a document know whom it is about before its transaction has ended."""
    if customer_no is not None:
        _announced[document.id] = customer_no
    try:
        yield
    finally:
        _announced.pop(document.id, None)


def precedence_of(session: Session, document: Document, customer_no: str | None) -> Precedence:
    """Whether a document about that customer goes before all others of his that are under way now."""
    mine = QueuePlace(Arrival(document.received_at, document.id), read=True, customer_no=customer_no)
    others = _under_way(session)
    if any(map(mine.comes_after, others)):
        return Precedence.LATER
    return Precedence.IF_IT_CHANGES if any(map(mine.may_come_after, others)) else Precedence.ITS_OWN


async def wait_for_earlier(tracking: str) -> None:
    """Wait until the documents of the same customer that came before and are under way have been carried out."""
    mine = await asyncio.to_thread(_place, tracking)
    since, tell = time.monotonic(), waits.get()
    end = since + _LONGEST_WAIT
    hangs: bool | None = None
    tell(tracking, True)
    try:
        while time.monotonic() < end:
            others = await asyncio.to_thread(_look.places, since)
            if not any(map(mine.comes_after, others)):
                if not any(map(mine.may_come_after, others)):
                    break
                if hangs is None:
                    hangs = await asyncio.to_thread(_hangs_on_others, tracking)
                if not hangs:
                    break
            await asyncio.sleep(_GLANCE)
            since = time.monotonic() - _GLANCE
    finally:
        tell(tracking, False)


def _under_way(session: Session) -> list[QueuePlace]:
    told = _announced.copy()
    places = leases.places_under_way(session)
    return [
        replace(each, read=True, customer_no=told[each.arrival.id]) if each.arrival.id in told else each
        for each in places
    ]


def _place(tracking: str) -> QueuePlace:
    with reading() as session:
        return leases.queue_place(session, tracking)


def _hangs_on_others(tracking: str) -> bool:
    """Whether it is to be carried out now and would change nothing: what came before it may make the difference.

    One that changes something goes on at once, and leaves what came before it and is read later to a human.
    """
    with reading() as session:
        document = loading.load(session, tracking)
        if known_form(document) is None:
            return False
        submission, directory = submission_of(session, document), RegisterLookup(session)
        if document.at is not State.READY:
            submission = matching.corroborate(submission, directory)
            if matching.judge(submission, directory, clock.today()).decision != "ready":
                return False
        origin = Origin(tracking, document.received_at, document.original_sha256)
        overruled, day = document.overruled or (), document.paper_from
        outcome = foresee(session, submission, origin, clock.today(), approved=overruled, paper_from=day)
        return outcome.kind != "done"
