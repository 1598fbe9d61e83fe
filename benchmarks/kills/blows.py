"""What befalls an installation: its processes die, its database, disk, folder and clock misbehave."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.kills.outcome import being_sent
from benchmarks.kills.whole import Whole
from environment.settings import get_settings
from tests.cli.samples import run
from tests.postgres import Cluster

SECONDS: Final = 60.0
"""So long lasts what passes."""
_FILLER: Final = "filler"
_VICTIMS: Final = {
    "sweep": "flow runs",
    "worker": "worker",
    "Prefect server": "Prefect server",
    "API": "web",
    "reader": "readers and where they come from",
}
"""What is killed, by the name of its kind."""


@dataclass
class Struck:
    """A blow that fell at that time, by the monotonic clock, and was over at another.

    ``sending`` are the messages that were on their way when the dead fell: whether they left nobody can know.
    """

    name: str
    fell: float = field(default_factory=time.monotonic)
    over: float = 0.0
    sending: set[int] = field(default_factory=set)


Blow = Callable[[Whole, Struck], None]
"""Strikes; notes in ``Struck.over`` when the blow is over, which is before anything is started again."""


def nothing(_whole: Whole, struck: Struck) -> None:
    """None, to compare with."""
    struck.over = time.monotonic()


def kill(victim: str, dice: random.Random) -> Blow:
    """SIGKILL for one process of that kind, or for `ebok up`, or for everything; the administrator starts it again."""

    def strike(whole: Whole, struck: Struck) -> None:
        if victim in _VICTIMS:
            found = whole.processes(_VICTIMS[victim])
            if found:
                with suppress(ProcessLookupError):
                    os.kill(dice.choice(found), signal.SIGKILL)
            struck.over = time.monotonic()
            return
        others = [pid for kind in _VICTIMS.values() for pid in whole.processes(kind)] if victim == "all" else []
        whole.kill_stack()
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        struck.over = time.monotonic()
        struck.sending |= being_sent()  # those who are started find them, and show them as uncertain
        whole.start()

    return strike


def locked(_whole: Whole, struck: Struck) -> None:
    """Somebody holds the lock of SQLite, or of PostgreSQL's tables."""
    command = (sys.executable, "-m", "benchmarks.kills.holding", get_settings().url, str(SECONDS))
    subprocess.run(command, check=True)
    struck.over = time.monotonic()


def stopped(cluster: Cluster) -> Blow:
    """PostgreSQL is stopped and started."""

    def strike(_whole: Whole, struck: Struck) -> None:
        cluster.stop()
        time.sleep(SECONDS)
        cluster.start()
        struck.over = time.monotonic()

    return strike


def full(whole: Whole, struck: Struck) -> None:
    """The disk of the home is full; only on a small file system of its own."""
    filler = whole.home / _FILLER
    with suppress(OSError), filler.open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 65536)
    time.sleep(SECONDS)
    filler.unlink()
    struck.over = time.monotonic()


def read_only(_whole: Whole, struck: Struck) -> None:
    """The scan folder takes no changes."""
    inbox = str(get_settings().inbox)
    subprocess.run(("mount", "--bind", inbox, inbox), check=True)
    subprocess.run(("mount", "-o", "remount,ro,bind", inbox), check=True)
    time.sleep(SECONDS)
    while subprocess.run(("umount", inbox), check=False).returncode:
        time.sleep(0.1)
    struck.over = time.monotonic()


def vanished(_whole: Whole, struck: Struck) -> None:
    """The scan folder is not there, as a share that is not mounted."""
    inbox = get_settings().inbox
    away = inbox.with_name("away")
    inbox.rename(away)
    time.sleep(SECONDS)
    away.rename(inbox)
    struck.over = time.monotonic()


def said_offset(seconds: int) -> str:
    """What the file of the offset says, always of one length."""
    return f"{seconds:+016d}\n"


def clock_steps(offset: Path, seconds: int) -> Blow:
    """The clock of the whole installation (``stepped_clock.c``) is another from now on."""

    def strike(_whole: Whole, struck: Struck) -> None:
        with offset.open("r+") as file:  # in place: all have it mapped
            file.write(said_offset(seconds))
        struck.over = time.monotonic()

    return strike


def second_up(whole: Whole, struck: Struck) -> None:
    """Somebody starts `ebok up` a second time on the same home: it must be refused."""
    if run("up").returncode != 1:
        raise RuntimeError("a second `ebok up` on one home was not refused")
    struck.over = time.monotonic()
