"""What a customer sent takes effect in the order of its arrival; who waits for that takes no other's place."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from database.engine import reading
from documents import register
from documents.register import Place

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
        self._found: list[Place] = []

    def places(self, since: float) -> list[Place]:
        """Theirs, as they were at that moment (of the monotonic clock) or later."""
        with self._lock:
            if self._at < since:
                self._at = time.monotonic()
                with reading() as session:
                    self._found = register.places_under_way(session)
            return self._found


_look: Final = _Look()


async def turn(tracking: str) -> None:
    """Wait until the documents of the same customer that came before and are under way have been carried out.

    Documents are read side by side, but what one customer asks for takes effect in the order of its arrival: a
    withdrawal must not overtake the acceptance that it ends. Whose a document is that is not read yet nobody knows, so
    it is waited for, too, until it is. The wait is bounded, so that one slow file holds nobody up for
    long; a document that goes on too early does no harm, ``customers.effects`` leaves the order to a human then.
    """
    mine = await asyncio.to_thread(_place, tracking)
    since, tell = time.monotonic(), waits.get()
    end = since + _LONGEST_WAIT
    tell(tracking, True)
    try:
        while time.monotonic() < end:
            if not any(map(mine.comes_after, await asyncio.to_thread(_look.places, since))):
                break
            await asyncio.sleep(_GLANCE)
            since = time.monotonic() - _GLANCE
    finally:
        tell(tracking, False)


def _place(tracking: str) -> Place:
    with reading() as session:
        return register.place(session, tracking)
