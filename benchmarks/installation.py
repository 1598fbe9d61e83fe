"""A whole installation in a throw-away home: `ebok up`, and what all its processes together take of memory."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.live import throw_away_home
from database.settings import get_settings
from tests.cli.running_up import Up

_SECOND: Final = 1.0


@dataclass
class Memory:
    """Megabytes (proportional set size) of all processes of a home together, looked at once a second."""

    home: Path
    peak: float = 0.0
    at_peak: Mapping[str, float] = field(default_factory=dict)
    """By kind of process, at the peak."""
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self._watch, name="memory")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SECOND):
            now = self.now()
            if sum(now.values()) > self.peak:
                self.peak, self.at_peak = sum(now.values()), now

    def now(self) -> dict[str, float]:
        """Megabytes by kind of process."""
        found: dict[str, float] = defaultdict(float)
        for process in processes_of(self.home):
            with suppress(OSError):
                lines = (process / "smaps_rollup").read_text().splitlines()
                kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
                found[_kind(process)] += kilobytes / 1024
        return dict(found)


def processes_of(home: Path) -> Iterator[Path]:
    """The folders in ``/proc`` of an installation's processes: all were told its folder for temporary files.

    Only those of `ebok up` itself lack it; their parents do not tell, since a killed one leaves its children to others.
    """
    mark = f"TMPDIR={home.absolute()}/tmp".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes()
            ours = b"EBOK_HOME=" + os.fsencode(home.absolute()) in environment and b"/ebok\0up" in command
            if mark in environment or ours:
                yield process


@contextmanager
def running(settings: Mapping[str, str]) -> Iterator[tuple[Up, str]]:
    """`ebok up` with a home of its own and ports that are free; gives it and the address of the web API."""
    with throw_away_home() as home:
        os.environ.update({"EBOK_API_PORT": "0", "EBOK_PREFECT_PORT": "0", "OMP_THREAD_LIMIT": "1", **settings})
        get_settings.cache_clear()
        up = Up(home)
        try:
            up.until("Działa")
            yield up, up.noted()["addresses"]["Strony dla klientów"].rstrip("/")
        finally:
            up.stop(signal.SIGTERM)
            end = time.monotonic() + 10
            while (left := [*processes_of(home)]) and time.monotonic() < end:
                time.sleep(0.1)
            if left:
                raise RuntimeError(f"{len(left)} processes go on after the stop: {[_kind(each) for each in left]}")


def _kind(process: Path) -> str:
    with suppress(OSError):
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for mark, kind in (
            ("flows.server", "Prefect server"),
            ("api.app", "web"),
            ("flows.worker", "worker"),
            ("flows.run", "flow runs"),
            ("forkserver", "readers and where they come from"),
            ("/ebok up", "ebok up"),
        ):
            if mark in command:
                return kind
    return "others"
