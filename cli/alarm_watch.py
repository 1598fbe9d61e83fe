"""Who watches over alarms on the machine with `ebok up`: it lives when the engine, the worker or the database do not.

A look takes place beside everything else, for a share or a mail server may be slow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from alarms import telling
from alarms.keeping import Changes, keep, note_past, some_open
from alarms.kinds import AlarmKind
from alarms.observing import of_machine, of_register
from alarms.rules import PATIENCE, Observed, Trouble, evaluate
from alarms.tables import Alarm
from alarms.wording import end, heading, line
from database.engine import DatabaseBrokenError, reading, transaction
from database.holders import machines
from environment import clock
from flows.engine_setup import SWEEP
from flows.names import ALARM_BEGINS, ALARM_ENDS

_EVERY: Final = 60.0
"""Seconds between looks."""
_RUNS_EVERY: Final = 300.0
"""Seconds between looks at what became of the scheduled runs."""
_log = structlog.get_logger(__name__)


class AlarmEngine(Protocol):
    """What is asked of the workflow engine; OSError when it gives no answer."""

    def require(self) -> None:
        """Do nothing where it answers."""

    def failed_runs(self) -> list[tuple[str, datetime]]:
        """Scheduled flows whose last run failed, with when that was."""

    def emit(self, events: list[dict[str, Any]]) -> None:
        """Have it know of events."""


class AlarmWatch:
    """Opens and closes alarms, has the workflow engine know of them, and tells by itself what that does not tell."""

    def __init__(self, engine: AlarmEngine) -> None:
        self._engine = engine
        self._next_look = self._next_runs = 0.0
        self._since = dict[AlarmKind, datetime]()
        self._told_of_register = False
        self._runs: tuple[tuple[str, datetime], ...] | None = None
        self._work: threading.Thread | None = None

    def look(self) -> None:
        """Begin a look when it is time, unless one is under way still."""
        if time.monotonic() < self._next_look or (self._work is not None and self._work.is_alive()):
            return
        self._next_look = time.monotonic() + _EVERY
        self._work = threading.Thread(target=self._safely, name="alarms", daemon=True)
        self._work.start()

    def look_now(self) -> None:
        """One look, to its end."""
        at = clock.now()
        seen = of_machine(self._ask_engine(Observed(at)), lambda kind, wrong: self._note(kind, at, wrong=wrong))
        try:
            changes = self._evaluate(seen)
        except DatabaseBrokenError:
            self._without_register(seen)
            return
        self._emit(changes)
        with reading() as session:
            since = telling.waits_since(session)
        # Whoever is told by a run of the engine is told by it first; it may be what does not work.
        if since is not None and since <= clock.now() - PATIENCE:
            telling.tell()

    def _safely(self) -> None:
        try:
            self.look_now()
        except Exception as fault:  # the next look comes soon, and the children must go on
            _log.error("alarms_not_looked_at", fault=type(fault).__name__)

    def _ask_engine(self, seen: Observed) -> Observed:
        try:
            self._engine.require()
            self._note(AlarmKind.ENGINE, seen.at, wrong=False)
            if time.monotonic() >= self._next_runs:
                self._runs = tuple(self._engine.failed_runs())
                self._next_runs = time.monotonic() + _RUNS_EVERY
        except OSError:
            self._note(AlarmKind.ENGINE, seen.at, wrong=True)
        return Observed(seen.at, engine=self._since.get(AlarmKind.ENGINE), runs=self._runs)

    def _evaluate(self, seen: Observed) -> Changes:
        with reading() as session:
            self._note(AlarmKind.SWEEP, seen.at, wrong=not machines(session, SWEEP))
            known = of_register(session, seen, sweep=self._since.get(AlarmKind.SWEEP))
            found, some = evaluate(known), some_open(session)
        self._register_is_back()
        if not (found.troubles or some):
            return Changes((), ())
        with transaction() as session:
            return keep(session, found)

    def _without_register(self, seen: Observed) -> None:
        """Nothing can be written down: whoever is responsible is told at once, and the rest when it is back."""
        since = self._note(AlarmKind.DATABASE, seen.at, wrong=True)
        if since is not None and seen.at - since >= PATIENCE and not self._told_of_register:
            self._told_of_register = telling.tell_at_once(Trouble(AlarmKind.DATABASE, since))

    def _register_is_back(self) -> None:
        since = self._since.pop(AlarmKind.DATABASE, None)
        if since is None or clock.now() - since < PATIENCE:
            return
        with transaction() as session:
            note_past(session, Trouble(AlarmKind.DATABASE, since))
        self._told_of_register = False

    def _note(self, kind: AlarmKind, at: datetime, *, wrong: bool) -> datetime | None:
        if not wrong:
            self._since.pop(kind, None)
            return None
        return self._since.setdefault(kind, at)

    def _emit(self, changes: Changes) -> None:
        events = [*_events(ALARM_BEGINS, changes.opened), *_events(ALARM_ENDS, changes.closed)]
        if events:
            with suppress(OSError):  # then it is told without it
                self._engine.emit(events)


def _events(name: str, alarms: Iterable[Alarm]) -> list[dict[str, Any]]:
    return [
        {
            "occurred": (one.closed_at or one.opened_at).isoformat(),
            "event": name,
            "resource": {
                "prefect.resource.id": f"ebok.alarm.{one.kind}",
                "prefect.resource.name": heading(one),
            },
            "payload": {"opis": line(one) if one.closed_at is None else end(one), "czeka": one.waits},
        }
        for one in alarms
    ]
