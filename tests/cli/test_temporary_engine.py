"""The workflow engine of one command: many write at once and nobody is refused, and it ends when the command does."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from cli.running import answers
from flows.authentication import authorization
from tests.engine import command_with_engine

_AT_ONCE = 12
_WRITES = 400


def test_it_ends_when_its_command_is_killed(home: Path, sqlite_database: str) -> None:
    with command_with_engine() as (command, address):
        assert answers(f"{address}/health")
        command.kill()
    until = time.monotonic() + 30
    while answers(f"{address}/health"):
        assert time.monotonic() < until, "the engine of a dead command still answers"


def test_who_reads_and_then_writes_is_not_refused_while_others_write(home: Path, sqlite_database: str) -> None:
    with (
        command_with_engine() as (_, address),
        httpx.Client(base_url=address, headers=authorization(), timeout=120) as engine,
    ):
        flow = engine.post("/flows/", json={"name": "many"}).json()["id"]
        runs = [engine.post("/flow_runs/", json={"flow_id": flow}).json()["id"] for _ in range(_AT_ONCE)]

        def write(number: int) -> int:
            run = runs[number % _AT_ONCE]
            task = {"flow_run_id": run, "task_key": "step", "dynamic_key": str(number), "state": {"type": "PENDING"}}
            return engine.post("/task_runs/", json=task).status_code

        with ThreadPoolExecutor(_AT_ONCE) as writers:
            told = Counter(writers.map(write, range(_WRITES)))
    assert told == {httpx.codes.CREATED: _WRITES}
