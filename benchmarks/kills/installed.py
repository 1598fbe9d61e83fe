"""An installation whose processes are forked from one that has everything loaded, and may be killed.

The process that forks has no threads and no connections. Waiting is done by the clock: that of each process is ahead
of the one before, so that its leases are over, and its pauses after faults.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from benchmarks.kills.alone import later, without_engine
from benchmarks.kills.mail import Taken
from benchmarks.kills.outcome import WRONG, Finding, Found, being_sent, check, is_quiet
from benchmarks.kills.outside import work_off
from benchmarks.kills.points import Point, Points
from benchmarks.kills.scenes import Scene
from database.engine import forget_engines
from environment.settings import get_settings

QUIET: Final = 0
"""How a process ends that has left nothing to do."""
MORE_TO_DO: Final = 3
KILLED: Final = -signal.SIGKILL
_AHEAD: Final = timedelta(minutes=10)
_PATIENCE: Final = 120.0

Deadly = Point | float | None
"""Where a process is killed: at a point, or after so many seconds."""


@dataclass(frozen=True)
class Installation:
    """A home, a database and settings, on which a scene is played by one process after the other."""

    home: Path
    settings: Mapping[str, str]
    scene: Scene

    def play(self, number: int, deadly: Deadly = None, *, beside: bool = False) -> int:
        """Work off what there is in the so-manieth process; how that ended.

        ``beside`` has another process do the same at the same time, which nobody kills; its end counts where the first
        one did not die.
        """

        def work() -> int:
            points = Points(self.home, deadly if isinstance(deadly, Point) else None)
            without_engine(self.scene.readings())
            points.watch()
            work_off(self.scene, self.home)
            quiet = is_quiet()
            (self.home / "points").write_bytes(pickle.dumps(points.passed))
            return QUIET if quiet else MORE_TO_DO

        def also_work() -> int:
            without_engine(self.scene.readings())
            work_off(self.scene, self.home)
            return QUIET if is_quiet() else MORE_TO_DO

        other = self._begin(also_work, number) if beside else None
        end = await_process(self._begin(work, number), deadly if isinstance(deadly, float) else None)
        others = end if other is None else await_process(other)
        return end if end == KILLED else others if end == QUIET else end

    def rehearse(self) -> None:
        """Play and check once in this very process, so that those forked from it have all they need at hand."""
        with _said_to(self.home / "log"):
            put_in_force(self.settings)
            without_engine(self.scene.readings())
            work_off(self.scene, self.home)
            is_quiet()
            check(self.scene.handed, Taken(()), most_uncertain=0)
            forget_engines(get_settings().url)
        gc.collect()
        gc.freeze()  # or each process forked from here would copy what it only counts
        if threading.active_count() > 1:
            raise RuntimeError("threads are left that no process forked from here would have")

    def points(self) -> list[Point]:
        """Those that the last process came by."""
        found = pickle.loads((self.home / "points").read_bytes())
        assert isinstance(found, list)
        return found

    def being_sent(self, number: int) -> int:
        """How many messages the process before was sending when it died."""
        return self._in_process(being_sent, number)

    def check(self, taken: Taken, uncertain: int, number: int) -> Found:
        """What came of all; so many messages may be uncertain."""

        def work() -> int:
            found = check(self.scene.handed, taken, most_uncertain=uncertain, most_failed=self.scene.failed)
            (self.home / "found").write_bytes(pickle.dumps(found))
            return 0

        if self._in_process(work, number):
            return Found((Finding(WRONG, f"the check broke: {self.last_words()}"),), 0, 0, ())
        found = pickle.loads((self.home / "found").read_bytes())
        assert isinstance(found, Found)
        return found

    def last_words(self) -> str:
        """The end of what its processes said."""
        return " | ".join((self.home / "log").read_text().splitlines()[-3:])

    def _in_process(self, work: Callable[[], int], number: int) -> int:
        return await_process(self._begin(work, number))

    def _begin(self, work: Callable[[], int], number: int) -> int:
        def put_in_force_and_work() -> int:
            put_in_force(self.settings)
            later(_AHEAD * number)
            return work()

        return begin_process(put_in_force_and_work, self.home / "log")


def put_in_force(settings: Mapping[str, str]) -> None:
    """These settings and no others, in a process that is only for them."""
    for name in [name for name in os.environ if name.startswith("EBOK_")]:
        del os.environ[name]
    os.environ.update(settings)
    get_settings.cache_clear()


@contextmanager
def _said_to(log: Path) -> Iterator[None]:
    """What this process and its libraries say goes to a file meanwhile."""
    before = [os.dup(number) for number in (1, 2)]
    try:
        with log.open("a") as out:
            for number in (1, 2):
                os.dup2(out.fileno(), number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in zip((1, 2), before, strict=True):
            os.dup2(kept, number)
            os.close(kept)


def begin_process(work: Callable[[], int], log: Path) -> int:
    """Begin it in a process forked from this one; its number."""
    process = os.fork()
    if process == 0:
        status = 70
        with suppress(BaseException), _said_to(log):
            try:
                status = work()
            except BaseException:
                traceback.print_exc()
        os._exit(status)
    return process


def await_process(process: int, kill_after: float | None = None) -> int:
    """Wait for its end; the exit status, negative for the signal that ended it."""
    begun = time.monotonic()
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        age = time.monotonic() - begun
        if kill_after is not None and age > kill_after:
            os.kill(process, signal.SIGKILL)
            kill_after = None
        if age > _PATIENCE:
            os.kill(process, signal.SIGTERM)
        time.sleep(0.001)
