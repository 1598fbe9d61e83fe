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
from typing import Any, Final

from benchmarks.kills.alone import later, without_engine
from benchmarks.kills.mail import AcceptedMail, MailServers
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
_PATIENCE: Final = 300.0

Deadly = Point | float | None
"""Where a process is killed: at a point, or after so many seconds."""


@dataclass(frozen=True)
class Installation:
    """A home, a database and settings, on which a scene is played by one process after the other.

    ``domain`` is that from which it sends.
    """

    home: Path
    settings: Mapping[str, str]
    scene: Scene
    mail: MailServers
    domain: str

    def play(self, number: int, deadly: Deadly = None, *, beside: bool = False) -> int:
        """Work off what there is in the so-manieth process; how that ended.

        ``beside`` has another process do the same at the same time, which nobody kills; its end counts where the first
        one did not die. One that leaves nothing to do checks all, unless another may still be at work.
        """

        def work() -> int:
            self._note(f"sending {number}", being_sent())
            points = Points(self.home, deadly if isinstance(deadly, Point) else None)
            without_engine(self.scene.readings())
            points.watch()
            work_off(self.scene, self.home)
            self._note("points", points.passed)
            if not is_quiet():
                return MORE_TO_DO
            if not beside:
                self._check()
            return QUIET

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
            check(self.scene.handed, AcceptedMail(()))
            forget_engines(get_settings().url)
        gc.collect()
        gc.freeze()  # or each process forked from here would copy what it only counts
        if threading.active_count() > 1:
            raise RuntimeError("threads are left that no process forked from here would have")

    def points(self) -> list[Point]:
        """Those that the last process came by."""
        found = self._noted("points")
        assert isinstance(found, list)
        return found

    def left_in_sending(self) -> int:
        """How many messages some process found that another had begun to send and died."""
        found = set[int]()
        for noted in self.home.glob("sending *"):
            found |= self._noted(noted.name)
        return len(found)

    def found(self, number: int) -> Found:
        """What came of all."""
        if not (self.home / "found").exists() and await_process(self._begin(self._check, number)):
            return Found((Finding(WRONG, f"the check broke: {self.last_words()}"),), 0, 0, ())
        found = self._noted("found")
        assert isinstance(found, Found)
        return found

    def _check(self) -> int:
        self._note("found", check(self.scene.handed, self.mail.taken(self.domain)))
        return 0

    def _note(self, name: str, what: Any) -> None:
        (self.home / name).write_bytes(pickle.dumps(what))

    def _noted(self, name: str) -> Any:
        return pickle.loads((self.home / name).read_bytes())

    def last_words(self) -> str:
        """The end of what its processes said."""
        return " | ".join((self.home / "log").read_text().splitlines()[-3:])

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
