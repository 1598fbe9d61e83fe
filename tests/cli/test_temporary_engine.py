"""The workflow engine of one command: who may ask it, many write at once and nobody is refused, it ends with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cli.running import answers
from environment.settings import get_settings
from flows.authentication import authorization
from tests.engine import command_with_engine
from tests.engine_tables import with_engine_tables
from tests.waiting import pause

_AT_ONCE = 12
_WRITES = 120


@dataclass(frozen=True)
class Command:
    """A command with an engine of its own, and how it signs in there."""

    process: subprocess.Popen[str]
    address: str
    signed_in: Mapping[str, str]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """One for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("temporary")
        patch.setenv("EBOK_HOME", str(home))
        get_settings.cache_clear()
        with_engine_tables(home / "prefect")
        engine = command_with_engine()
        process, address = engine.__enter__()
        signed_in = authorization()
    get_settings.cache_clear()
    try:
        yield Command(process, address, signed_in)
    finally:
        engine.__exit__(None, None, None)


def test_it_asks_who_is_there(command: Command) -> None:
    asked = f"{command.address}/flow_runs/filter"
    told = [httpx.post(asked, json={}, headers=headers).status_code for headers in ({}, command.signed_in)]
    assert told == [httpx.codes.UNAUTHORIZED, httpx.codes.OK]


def test_who_reads_and_then_writes_is_not_refused_while_others_write(command: Command) -> None:
    with httpx.Client(base_url=command.address, headers=command.signed_in, timeout=120) as engine:
        flow = engine.post("/flows/", json={"name": "many"}).json()["id"]
        runs = [engine.post("/flow_runs/", json={"flow_id": flow}).json()["id"] for _ in range(_AT_ONCE)]

        def write(number: int) -> int:
            run = runs[number % _AT_ONCE]
            task = {"flow_run_id": run, "task_key": "step", "dynamic_key": str(number), "state": {"type": "PENDING"}}
            return engine.post("/task_runs/", json=task).status_code

        with ThreadPoolExecutor(_AT_ONCE) as writers:
            told = Counter(writers.map(write, range(_WRITES)))
    assert told == {httpx.codes.CREATED: _WRITES}


def test_it_ends_when_its_command_is_killed(command: Command) -> None:
    assert answers(f"{command.address}/health")
    command.process.kill()
    until = time.monotonic() + 30
    while answers(f"{command.address}/health"):
        assert time.monotonic() < until, "the engine of a dead command still answers"
        pause()


_LOGS = """
import logging
from uuid import uuid4
from cli.temporary_engine import workflow_engine
with workflow_engine():
    from prefect.logging.handlers import APILogHandler
    log = logging.getLogger("prefect.flow_runs")
    log.addHandler(APILogHandler())
    log.warning("told to the engine", extra={"flow_run_id": str(uuid4())})
"""


def test_what_was_logged_last_is_handed_over_before_it_ends(home: Path) -> None:
    with_engine_tables(home / "prefect")
    done = subprocess.run((sys.executable, "-c", _LOGS), capture_output=True, text=True, check=True)
    assert "Error logging" not in done.stderr + done.stdout
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as tables:
        assert tables.execute("SELECT message FROM log").fetchall() == [("told to the engine",)]
