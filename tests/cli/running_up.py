"""A running `ebok up` or `ebok worker`, and what an owner of its authentication string may ask the workflow engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from environment import clock
from tests.cli.samples import EBOK
from tests.engine_tables import with_engine_tables
from tests.waiting import pause


class Engine(httpx.Client):
    """A client that asks again when the engine's database was locked, as Prefect's own does."""

    def request(self, *asked: Any, **options: Any) -> httpx.Response:
        """Ask, and give the answer."""
        while (answer := super().request(*asked, **options)).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            pause()
        return answer


class Up:
    """A running `ebok up`, or another command that goes on until it is stopped, with further settings."""

    def __init__(self, home: Path, command: str = "up", **settings: str) -> None:
        self.home = home
        self.started = clock.now()
        with_engine_tables(home / "prefect")
        self.process = subprocess.Popen(
            [EBOK, command],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until(self, words: str) -> None:
        """Wait until it says these words."""
        assert self.process.stdout is not None
        while words not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended before it said {words!r}:\n{self.said}"
            self.said += line

    def noted(self) -> dict[str, Any]:
        """What it wrote down about itself."""
        return dict(json.loads((self.home / "running.json").read_text()))

    def authentication(self) -> str:
        """What its own processes sign in with at the engine."""
        return (self.home / "prefect.auth").read_text()

    def engine(self, authentication: str | None = None) -> Engine:
        """A client of the engine's API, signed in."""
        user, _, password = (authentication or self.authentication()).partition(":")
        return Engine(base_url=self.noted()["engine"], auth=(user, password), timeout=60)

    def groups(self) -> list[int]:
        """Its children's process groups."""
        return [int(leader) for leader in self.noted()["groups"]]

    def stop(self, number: signal.Signals) -> int:
        """End it by a signal."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        with self.process.stdout as rest:
            self.said += "" if number == signal.SIGKILL else rest.read()
        return self.process.wait(60)
