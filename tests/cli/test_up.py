"""`ebok up`: all of it starts, works, survives a kill, and stops without leaving anything behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.processes import group_alive
from cli.running import answers
from database import clock
from database.engine import transaction
from documents import register
from tests.cli.samples import EBOK, run
from tests.flows.samples import fill_register, fillable

pytestmark = pytest.mark.timeout(600)


class Up:
    """A running `ebok up`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started = clock.now()
        self.process = subprocess.Popen([EBOK, "up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
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


@pytest.fixture
def start(home: Path) -> Iterator[Callable[[], Up]]:
    """Starts `ebok up`; whatever a failed test leaves running is stopped."""
    begun: list[Up] = []

    def up() -> Up:
        begun.append(Up(home))
        return begun[-1]

    yield up
    for one in begun:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)
        assert one.process.stdout is not None
        one.process.stdout.close()


def test_everything_starts_works_survives_a_kill_and_stops_cleanly(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[[], Up]
) -> None:
    for name, value in {
        "EBOK_API_PORT": "0",
        "EBOK_PREFECT_PORT": "0",
        "EBOK_INTAKE_STABLE_SECONDS": "0.5",
        "EBOK_SWEEP_INTERVAL_SECONDS": "1",
    }.items():
        monkeypatch.setenv(name, value)

    first = start()
    first.until("Działa")
    left = first.groups()
    assert len(left) == 3
    first.stop(signal.SIGKILL)
    assert all(group_alive(leader) for leader in left)

    second = start()
    try:
        second.until("Działa")
        assert not any(group_alive(leader) for leader in left)
        assert answers(f"{second.noted()['addresses']['Strony dla klientów']}healthz")
        assert run("up").returncode == 1
        assert "RUNNING" not in _states_of_runs_before(second)

        fill_register(tmp_path)
        shutil.move(fillable(tmp_path / "a.pdf", "ebok_signup"), home / "inbox" / "skan.pdf")
        while not _confirmed():
            assert second.process.poll() is None

        children = second.groups()
        os.killpg(children[0], signal.SIGKILL)
        second.until("uruchamiam go ponownie")
    finally:
        children = second.groups()
        status = second.stop(signal.SIGTERM)
    assert status == 0
    assert not any(group_alive(leader) for leader in children)
    assert not (home / "running.json").exists()


def _states_of_runs_before(up: Up) -> set[str]:
    """States of the flow runs that began before this start."""
    url = f"{up.noted()['engine']}/flow_runs/filter"
    wanted = {"flow_runs": {"start_time": {"before_": up.started.isoformat()}}}
    request = urllib.request.Request(url, json.dumps(wanted).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return {run["state_type"] for run in json.load(answer)}


def _confirmed() -> int:
    with transaction() as session:
        return int(register.counts(session)["by_state"]["confirmed"])
