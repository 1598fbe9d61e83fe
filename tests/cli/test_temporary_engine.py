"""The workflow engine of one command: many write at once and nobody is refused, and it ends when the command does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from cli.running import answers
from flows.authentication import authorization

_COMMAND = """
import os, sys, time
from cli.temporary_engine import workflow_engine
with workflow_engine():
    print(os.environ["PREFECT_API_URL"], flush=True)
    sys.stdin.read()
"""
_AT_ONCE = 12
_WRITES = 400


@pytest.fixture
def command(home: Path, sqlite_database: str) -> Iterator[subprocess.Popen[str]]:
    """A command that has its engine and prints its address."""
    running = subprocess.Popen(
        (sys.executable, "-c", _COMMAND), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def _address(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    return command.stdout.readline().strip()


def test_it_ends_when_its_command_is_killed(command: subprocess.Popen[str]) -> None:
    address = _address(command)
    assert answers(f"{address}/health")
    command.kill()
    command.wait(30)
    until = time.monotonic() + 30
    while answers(f"{address}/health"):
        assert time.monotonic() < until, "the engine of a dead command still answers"


def test_who_reads_and_then_writes_is_not_refused_while_others_write(command: subprocess.Popen[str]) -> None:
    with httpx.Client(base_url=_address(command), headers=authorization(), timeout=120) as engine:
        flow = engine.post("/flows/", json={"name": "many"}).json()["id"]
        runs = [engine.post("/flow_runs/", json={"flow_id": flow}).json()["id"] for _ in range(_AT_ONCE)]

        def write(number: int) -> int:
            run = runs[number % _AT_ONCE]
            task = {"flow_run_id": run, "task_key": "step", "dynamic_key": str(number), "state": {"type": "PENDING"}}
            return engine.post("/task_runs/", json=task).status_code

        with ThreadPoolExecutor(_AT_ONCE) as writers:
            told = Counter(writers.map(write, range(_WRITES)))
    assert told == {httpx.codes.CREATED: _WRITES}
