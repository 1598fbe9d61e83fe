"""One sweep of this machine lives at any time: who watches it starts another one as soon as it is gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

import structlog

from database import holders
from database.engine import DatabaseBrokenError, reading, transaction
from database.holders import Holder
from environment import clock
from flows.engine import RUNS, SWEEP

_EVERY: Final = 2.0
"""Seconds between looks whether the sweep's process is there."""
_THOROUGH: Final = 30.0
"""Seconds between looks at what the register knows of all runs, while that process is there."""
_TO_BEGIN: Final = 10.0
"""Seconds that a sweep has from being asked for to its first sign of life, unless it is known to be on its way."""
_LONGEST_WAY: Final = 60.0
"""After so many seconds on its way it is taken for lost."""
_HUNG: Final = timedelta(minutes=5)
"""A process that lives but has given no sign for so long is ended: another one may fare better."""
_log = structlog.get_logger(__name__)


class Engine(Protocol):
    """What is asked of the workflow engine; each may fail, and is then asked again."""

    def begin_sweep(self) -> str:
        """Have a sweep begin on this machine at once; the number of its run."""

    def is_on_its_way(self, run: str) -> bool:
        """Whether a run has yet to begin, or has begun."""

    def close_run(self, run: str) -> None:
        """Call a run by its name that was broken off."""


class SweepWatch:
    """Looks after the runs of this machine; ``tell`` gets what happens in Polish."""

    def __init__(self, engine: Engine, tell: Callable[[str], None]) -> None:
        self._engine, self._tell = engine, tell
        self._next_look = self._next_begin = 0.0
        self._asked: tuple[str, float] | None = None
        self._sweep: Holder | None = None
        self._next_thorough = 0.0
        self._trouble: str | None = None

    def look(self) -> None:
        """Free what a dead run held, and have a sweep begin where none lives; what is in trouble is asked again."""
        at = time.monotonic()
        if at < self._next_look:
            return
        self._next_look = at + _EVERY
        if at < self._next_thorough and self._sweep is not None and not holders.is_gone(self._sweep):
            return
        self._next_thorough = at + _THOROUGH
        try:
            with reading() as session:
                found = holders.living_here(session)
            dead = [one for one in found if holders.is_gone(one)]
            self._bury(dead)
            self._end_hung([one for one in found if one not in dead and one.purpose in RUNS])
            self._sweep = next((one for one in found if one.purpose == SWEEP and one not in dead), None)
            if self._sweep is not None:
                self._next_begin, self._asked = 0.0, None
            elif at >= self._next_begin and not self._is_on_its_way(at):
                self._next_begin = at + _TO_BEGIN
                self._asked = self._engine.begin_sweep(), at
        except Exception as trouble:  # whatever it is, the children must go on
            if (name := type(trouble).__name__) != self._trouble:
                _log.warning("sweeps_not_watched", fault=name)
            self._trouble = name
            self._next_begin = 0.0
        else:
            self._trouble = None

    def end_all(self, grace: float) -> None:
        """End the runs of this machine that live, also those whose worker was killed."""
        with suppress(DatabaseBrokenError):
            with reading() as session:
                found = [one for one in holders.living_here(session) if one.purpose in RUNS]
            deadline = time.monotonic() + grace
            for number in (signal.SIGTERM, signal.SIGKILL):
                for one in found:
                    _signal(one, number)
                while not all(map(holders.is_gone, found)) and time.monotonic() < deadline:
                    time.sleep(0.1)
            self._bury(found)

    def _is_on_its_way(self, at: float) -> bool:
        if self._asked is None:
            return False
        run, since = self._asked
        return at - since < _LONGEST_WAY and self._engine.is_on_its_way(run)

    def _bury(self, dead: Sequence[Holder]) -> None:
        if not dead:
            return
        with transaction() as session:
            for one in dead:
                holders.leave(session, one.owner)
        for one in dead:
            _log.warning("run_died", purpose=one.purpose, run=one.owner)
            self._tell("Przebieg został przerwany, jego sprawy są przejmowane od razu.")
            with suppress(OSError):
                self._engine.close_run(one.owner.removeprefix("run "))

    def _end_hung(self, alive: Sequence[Holder]) -> None:
        at = clock.now()
        for one in alive:
            if one.seen_at is not None and abs(at - one.seen_at) > _HUNG:
                _log.error("run_hangs", purpose=one.purpose, run=one.owner)
                _signal(one, signal.SIGKILL)


def _signal(one: Holder, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if not holders.is_gone(one):
            os.kill(one.pid, number)
