"""Child processes: each the leader of its own group, so that all it started stops with it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

GRACE: Final = 10.0
"""Seconds that a stopped process has before it is killed."""
_TICK: Final = 0.1


@dataclass
class Child:
    """A program run beside this one; what it prints goes to ``log``."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    died: float = field(default=0.0, init=False)
    """When its last end was noticed (monotonic)."""

    def start(self) -> None:
        """Start it, or start it anew after its end."""
        self.died = 0.0
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        if self.process is None or self.process.poll() is None:
            return self.process is not None
        self.died = self.died or time.monotonic()
        return False

    @property
    def status(self) -> int | None:
        """Its exit status, None while it runs."""
        return None if self.process is None else self.process.poll()

    def terminate(self) -> None:
        """Ask it and all it started to end."""
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGTERM)

    def await_end(self, deadline: float) -> None:
        """Wait for its end until ``deadline`` (monotonic), then kill what is left of its group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        while group_alive(self.process.pid) and time.monotonic() < deadline:
            time.sleep(_TICK)
        signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        with suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal a process group; nothing happens when it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def group_alive(leader: int) -> bool:
    """Whether a process group still has a living member (or one not yet reaped)."""
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
