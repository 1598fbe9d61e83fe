"""`ebok up`: all of it starts, works, survives a kill, and stops without leaving anything behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.processes import group_alive
from cli.running import answers
from database.engine import reading, transaction
from database.holders import living_here
from documents import summaries
from environment.machine import machine_name
from flows.engine_setup import BASE_JOB_TEMPLATE, SWEEP
from retention.table import KINDS
from tests.cli.running_up import Up
from tests.cli.samples import run
from tests.flows.samples import fill_register, fillable
from tests.waiting import pause

pytestmark = pytest.mark.timeout(600)


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
    with first.engine() as engine:  # as an older version or a stranger may have left it
        loose = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}
        assert engine.patch("work_pools/ebok", json={"base_job_template": loose}).is_success
    first.stop(signal.SIGKILL)
    assert all(group_alive(leader) for leader in left)

    second = start()
    try:
        second.until("Działa")
        assert not any(group_alive(leader) for leader in left)
        assert answers(f"{second.noted()['addresses']['Strony dla klientów']}healthz")
        assert run("up").returncode == 1
        assert "RUNNING" not in _states_of_runs_before(second)
        with second.engine() as engine:
            assert engine.get("work_pools/ebok").json()["base_job_template"] == BASE_JOB_TEMPLATE

        fill_register()
        shutil.move(fillable(tmp_path / "a.pdf", "ebok_signup"), home / "inbox" / "skan.pdf")
        while not _confirmed():
            assert second.process.poll() is None
            pause()

        assert json.loads(run("status", "--json").stdout)["machines"] == [machine_name()]

        killed = _sweeps()
        for sweep in killed:
            os.kill(sweep, signal.SIGKILL)
        second.until("Przebieg został przerwany")
        shutil.move(fillable(tmp_path / "b.pdf", "ebok_signup", 1), home / "inbox" / "skan.pdf")
        while _confirmed() < 2:
            assert second.process.poll() is None
            pause()
        assert set(_sweeps()).isdisjoint(killed)

        children = second.groups()
        os.killpg(children[0], signal.SIGKILL)
        second.until("uruchamiam go ponownie")
    finally:
        children = second.groups()
        status = second.stop(signal.SIGTERM)
    assert status == 0
    assert not any(group_alive(leader) for leader in children)
    known = {place for kind in KINDS for place in kind.places}
    assert {path.name for path in home.iterdir()} <= known  # the table of what is kept knows each
    assert not (home / "running.json").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "127.0.0.1.example.com"])
def test_the_workflow_engine_listens_to_nobody_but_this_machine(home: Path, host: str) -> None:
    refused = run("up", EBOK_PREFECT_HOST=host)
    assert refused.returncode == 1
    assert f"EBOK_PREFECT_HOST={host}" in refused.stderr
    assert "127.0.0.1" in refused.stderr
    assert not (home / "running.json").exists()


def _states_of_runs_before(up: Up) -> set[str]:
    """States of the flow runs that began before this start."""
    wanted = {"flow_runs": {"start_time": {"before_": up.started.isoformat()}}}
    with up.engine() as engine:
        return {run["state_type"] for run in engine.post("flow_runs/filter", json=wanted).json()}


def _sweeps() -> list[int]:
    """The processes of the sweeps that live."""
    with reading() as session:
        return [one.pid for one in living_here(session) if one.purpose == SWEEP]


def _confirmed() -> int:
    with transaction() as session:
        return int(summaries.counts(session)["by_state"]["confirmed"])
