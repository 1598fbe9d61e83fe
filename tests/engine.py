"""The workflow engine for tests: our own server of it, on a throw-away database; short-lived ones need no sign-in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.ports import free_port
from cli.processes import Child
from cli.running import answers
from flows.engine_setup import children_environment, hand_over_logs, server_command
from tests.engine_tables import with_engine_tables
from tests.waiting import pause

_COMMAND = """
import os, sys
from cli.temporary_engine import workflow_engine
with workflow_engine():
    print(os.environ["PREFECT_API_URL"], flush=True)
    sys.stdin.read()
"""


@contextmanager
def command_with_engine() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that has an engine for itself, and the address of that one's API; it ends with the block, or before."""
    command = subprocess.Popen(
        (sys.executable, "-c", _COMMAND), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    try:
        yield command, command.stdout.readline().strip()
    finally:
        command.communicate()


@contextmanager
def running_engine(home: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start it, give the address of its API, stop it. It leaves out the services that only user interfaces need."""
    from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings  # noqa: PLC0415  it takes seconds

    patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    patch.setenv("DO_NOT_TRACK", "1")
    for service in ("TASK_RUN_RECORDER", "EVENT_PERSISTER", "TRIGGERS"):
        patch.setenv(f"PREFECT_SERVER_SERVICES_{service}_ENABLED", "false")
    with_engine_tables(home)
    port = free_port("127.0.0.1", 0)
    command = server_command("create_temporary_server", "127.0.0.1", port, log_level="error")
    server = subprocess.Popen(
        (sys.executable, "-m", *command),
        env={**os.environ, "PREFECT_HOME": str(home), "PREFECT_UI_STATIC_DIRECTORY": str(home / "ui")},
        stdin=subprocess.PIPE,
    )
    address = f"http://127.0.0.1:{port}/api"
    with server:
        try:
            while not answers(f"{address}/health"):
                assert server.poll() is None, "the engine ended before it answered"
                pause()
            with temporary_settings({PREFECT_HOME: home, PREFECT_API_URL: address}):
                yield address
                hand_over_logs()
        finally:
            server.terminate()


@contextmanager
def engine_with_pages(home: Path) -> Iterator[str]:
    """The engine as `ebok up` has it, its pages included, in that home folder, which is in force; gives its address."""
    with_engine_tables(home / "prefect")
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    command = server_command("create_server", "127.0.0.1", port, log_level="warning")
    environment = children_environment(os.environ, f"{url}/api")
    server = Child("server", (sys.executable, "-m", *command), environment, home / "server.log")
    server.start()
    try:
        while not answers(f"{url}/api/health"):
            assert server.alive, server.last_words()
            pause()
        yield url
    finally:
        server.terminate()
        server.await_end(time.monotonic() + 10)
