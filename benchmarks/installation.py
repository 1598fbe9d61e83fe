"""A whole installation in a throw-away home: `ebok up`, and what all its processes together take of memory."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from benchmarks.live import throw_away_home
from benchmarks.memory import Peak, held_by
from environment.settings import get_settings
from tests.cli.running_up import Up

_SECOND: Final = 1.0
_LOOK: Final = 0.1
_PATIENCE: Final = 1800.0


def memory_of(home: Path) -> Peak:
    """What all processes of a home hold together, by kind of process, looked at once a second."""
    return Peak(lambda: held_by((kind_of(process), process) for process in processes_of(home)), _SECOND)


def processes_of(home: Path) -> Iterator[Path]:
    """The folders in ``/proc`` of an installation's processes: all were told its folder for temporary files.

    Only the commands themselves lack it; their parents do not tell, since a killed one leaves its children to others.
    """
    mark = f"TMPDIR={home.absolute()}/tmp".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes()
            ours = b"EBOK_HOME=" + os.fsencode(home.absolute()) in environment
            if mark in environment or (ours and (b"/ebok\0up" in command or b"/ebok\0worker" in command)):
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
                raise RuntimeError(f"{len(left)} processes go on after the stop: {[kind_of(each) for each in left]}")


def await_that(holds: Callable[[], bool]) -> float:
    """When it held, by the monotonic clock; RuntimeError when that takes far too long."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError("it does not come to that")
        time.sleep(_LOOK)
    return time.monotonic()


def kind_of(process: Path) -> str:
    """What it is."""
    with suppress(OSError):
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for mark, kind in (
            ("-m flows server", "Prefect server"),
            ("-m api ", "web"),
            ("-m flows worker", "worker"),
            ("flows.run", "flow runs"),
            ("forkserver", "readers and where they come from"),
            ("/ebok up", "ebok up"),
            ("/ebok worker", "ebok worker"),
        ):
            if mark in command:
                return kind
    return "others"
