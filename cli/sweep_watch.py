"""One sweep of this machine lives at any time: who watches it starts another one as soon as it is gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol
from urllib.error import HTTPError, URLError

import structlog

from cli.faults import told_in_polish
from database import holders
from database.engine import DatabaseBrokenError, reading, transaction
from database.holders import Holder
from database.upgrading import check
from environment import clock
from flows.engine_setup import RUNS, SWEEP, run_of

_EVERY: Final = 2.0
"""Seconds between looks whether the sweep's process is there."""
_LONGEST_PAUSE: Final = 10.0
"""Seconds between looks, at most, while they meet a trouble."""
_THOROUGH: Final = 30.0
"""Seconds between looks at what the register knows of all runs, while that process is there."""
_TO_BEGIN: Final = 10.0
"""Seconds that a sweep has from being asked for to its first sign of life, unless it is known to be on its way."""
_LONGEST_WAY: Final = 60.0
"""After so many seconds on its way it is taken for lost."""
_HUNG: Final = timedelta(minutes=5)
"""A process that lives but has given no sign for so long is ended: another one may fare better.

A machine from which nothing was heard for so long is taken for gone.
"""
_BROKEN_OFF: Final = "Przebieg został przerwany, jego sprawy są przejmowane od razu."
_SILENT: Final = "Inna maszyna od kilku minut nie daje znaku życia, jej sprawy przejęły pozostałe."
_TROUBLE: Final = "Nie mogę dopilnować przebiegów: {why} Próbuję dalej; co już pracuje, pracuje."
_NO_ENGINE: Final = "silnik Prefect nie odpowiada jak należy ({kind})."
_OVER: Final = "Przebiegi są znów dopilnowane."
_log = structlog.get_logger(__name__)


class SweepEngine(Protocol):
    """What is asked of the workflow engine; each may fail, and is then asked again."""

    def begin_sweep(self) -> str:
        """Have a sweep begin on this machine at once; the number of its run."""

    def is_on_its_way(self, run: str) -> bool:
        """Whether a run has yet to begin, or has begun."""

    def close_run(self, run: str) -> None:
        """Call a run by its name that was broken off."""


class SweepWatch:
    """Looks after the runs of this machine; ``tell`` gets what happens in Polish."""

    def __init__(self, engine: SweepEngine, tell: Callable[[str], None]) -> None:
        self._engine, self._tell = engine, tell
        self._next_look = self._next_begin = 0.0
        self._asked: tuple[str, float] | None = None
        self._sweep: Holder | None = None
        self._next_thorough = 0.0
        self._trouble: str | None = None
        self._pause = 0.0

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
                _, silent = holders.elsewhere(session, silent=_HUNG)
            dead = [one for one in found if holders.is_gone(one)]
            self._bury(dead, _BROKEN_OFF)
            self._bury(silent, _SILENT)
            self._end_hung([one for one in found if one not in dead and one.purpose in RUNS])
            self._sweep = next((one for one in found if one.purpose == SWEEP and one not in dead), None)
            if self._sweep is not None:
                self._next_begin, self._asked = 0.0, None
            elif at >= self._next_begin and not self._is_on_its_way(at):
                self._next_begin = at + _TO_BEGIN
                check()  # what would end the run at its beginning is told here, where somebody reads it
                self._asked = self._engine.begin_sweep(), at
        except Exception as trouble:  # whatever it is, the children must go on
            self._note(trouble)
            self._pause = min(2 * (self._pause or _EVERY), _LONGEST_PAUSE)
            self._next_look = at + self._pause
            self._next_begin = self._next_thorough = 0.0
        else:
            if self._trouble is not None:
                self._tell(_OVER)
            self._trouble, self._pause = None, 0.0

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
            self._bury(found, _BROKEN_OFF)

    def _is_on_its_way(self, at: float) -> bool:
        if self._asked is None:
            return False
        run, since = self._asked
        return at - since < _LONGEST_WAY and self._engine.is_on_its_way(run)

    def _note(self, trouble: Exception) -> None:
        """Tell a trouble when it begins."""
        kind = f"HTTP {trouble.code}" if isinstance(trouble, HTTPError) else type(trouble).__name__
        if kind != self._trouble:
            _log.warning("sweeps_not_watched", fault=kind)
            known = None if isinstance(trouble, URLError) else told_in_polish(trouble)
            self._tell(_TROUBLE.format(why=known or _NO_ENGINE.format(kind=kind)))
        self._trouble = kind

    def _bury(self, dead: Sequence[Holder], told: str) -> None:
        if not dead:
            return
        with transaction() as session:
            for one in dead:
                holders.leave(session, one.owner)
        for one in dead:
            _log.warning("run_died", purpose=one.purpose, run=one.owner)
            self._tell(told)
            with suppress(OSError):
                self._engine.close_run(run_of(one.owner))

    def _end_hung(self, alive: Sequence[Holder]) -> None:
        at = clock.now()
        for one in alive:
            if one.seen_at is not None and abs(at - one.seen_at) > _HUNG:
                _log.error("run_hangs", purpose=one.purpose, run=one.owner)
                _signal(one, signal.SIGKILL)


def runs_elsewhere() -> set[str]:
    """The engine's runs that live on other machines, by number."""
    with reading() as session:
        alive, _ = holders.elsewhere(session)
        return {run_of(one.owner) for one in alive}


def _signal(one: Holder, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if not holders.is_gone(one):
            os.kill(one.pid, number)
