"""Documents take effect in the order of their arrival; one that waits for those before it takes no other's place."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from database.engine import reading
from documents import register
from documents.register import Arrival

_LONGEST_WAIT: Final = 10.0
"""Seconds that a document waits at most for those before it."""
_GLANCE: Final = 0.1
"""Seconds between looks at them."""

waits: ContextVar[Callable[[str, bool], None]] = ContextVar("waits", default=lambda tracking, waiting: None)
"""Told when a document begins to wait, and when it goes on."""


class _Look:
    """At the first document under way, shared by all of this process that wait: many may."""

    def __init__(self) -> None:
        self._lock, self._at = threading.Lock(), 0.0
        self._found: Arrival | None = None

    def first(self, since: float) -> Arrival | None:
        """The first one, as it was at that moment (of the monotonic clock) or later."""
        with self._lock:
            if self._at < since:
                self._at = time.monotonic()
                with reading() as session:
                    self._found = register.first_under_way(session)
            return self._found


_look: Final = _Look()


async def turn(tracking: str) -> None:
    """Wait until the documents that came before this one and are under way have been carried out.

    Documents are read side by side, but what they ask for takes effect in the order of their arrival: a withdrawal must
    not overtake the acceptance that it ends. The wait is bounded, so that one slow file holds nobody up for long; a
    document that goes on too early does no harm, ``customers.effects`` leaves the order to a human then. What is none
    of our forms takes effect on nothing: it goes on at once, and none waits for it.
    """
    mine = await asyncio.to_thread(_arrival, tracking)
    since, tell = time.monotonic(), waits.get()
    end = since + _LONGEST_WAIT
    tell(tracking, True)
    try:
        while mine is not None and time.monotonic() < end:
            first = await asyncio.to_thread(_look.first, since)
            if first is None or first >= mine:
                break
            await asyncio.sleep(_GLANCE)
            since = time.monotonic() - _GLANCE
    finally:
        tell(tracking, False)


def _arrival(tracking: str) -> Arrival | None:
    """When a document came; None when it is known to be none of our forms."""
    with reading() as session:
        return register.arrival(session, tracking)
