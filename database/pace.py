"""Much to write, in transactions so short that nobody else waits long for the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from database.engine import Session, get_engine, transaction, with_large_cache

LONGEST: Final = 0.3
"""Seconds that a transaction should last: others wait so long. On a busy machine less is done in one."""
_BETWEEN: Final = 0.1
"""Seconds that SQLite is left alone once the transactions since the last such gap came to half of the longest one:
whoever waits for it looks whether it is free that often. What little there is to write is written without a gap."""


class Pace:
    """Transactions one after the other; ``size`` says how many rows the next one should write, ``least`` to ``most``.

    ``ending`` is done at the end of each, within it.
    """

    def __init__(self, most: int, least: int, ending: Callable[[Session], None] = lambda _: None) -> None:
        self.size = most
        self._most, self._least, self._ending = most, min(least, most), ending
        self._gaps, self._ended, self._busy = get_engine().dialect.name == "sqlite", 0.0, 0.0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The next one."""
        self._leave_alone()
        with transaction() as session:
            began = time.monotonic()
            with_large_cache(session)
            yield session
            self._ending(session)
        self._ended = time.monotonic()
        took = max(self._ended - began, 1e-6)
        self._busy += took
        self.size = max(self._least, min(self._most, 2 * self.size, int(self.size * LONGEST / took)))

    def _leave_alone(self) -> None:
        """Wait until others had their time, where it is due."""
        left = self._ended + _BETWEEN - time.monotonic()
        if left > 0 and self._busy < LONGEST / 2:
            return
        if self._gaps and left > 0:
            time.sleep(left)
        self._busy = 0.0
