"""The workflow engine of one command: that of a running `ebok up`, or a server that lives as long as the command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cli import running
from cli.console import CommandError
from cli.ports import free_port
from cli.processes import GRACE
from flows.engine_setup import hand_over_logs, server_command, server_environment, set_up_engine

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 180.0
"""Seconds that the server may take to answer for the first time."""
_TICK: Final = 0.1
_STDERR: Final = 2
_PORTS: Final = 3
"""How many ports are tried: somebody else may take one before the server does."""
_FAILED: Final = (
    "Nie udało się uruchomić silnika procesów (Prefect): {why}. Dokumenty są przyjęte i nic nie zginęło. Powód jest "
    "wyżej; potem uruchom `ebok up` albo to samo polecenie jeszcze raz."
)


@contextmanager
def workflow_engine() -> Iterator[None]:
    """Have a server of the engine, its settings in force in this process; CommandError when none starts.

    Prefect must not have been imported before.
    """
    address = running.engine_of_running()
    if address is not None:
        set_up_engine(address)
        yield
        return
    server, address = _started()
    with server:
        try:
            set_up_engine(address, temporary=True)
            yield
        finally:
            hand_over_logs()
            server.terminate()
            try:
                server.wait(GRACE)
            except subprocess.TimeoutExpired:
                server.kill()


def _started() -> tuple[subprocess.Popen[bytes], str]:
    for _ in range(_PORTS):
        port = free_port(_HOST, 0)
        address = f"http://{_HOST}:{port}/api"
        command = server_command("create_temporary_server", _HOST, port, log_level="error")
        server = subprocess.Popen(
            (sys.executable, "-m", *command),
            env=server_environment(os.environ, address, temporary=True),
            stdin=subprocess.PIPE,  # closed when this process ends, killed or not: then the server ends, too
            stdout=_STDERR,  # what the command prints itself is often read by a program
            start_new_session=True,  # Ctrl-C is for this process, which needs its engine to the last step
        )
        if _answers(server, address):
            return server, address
        server.communicate()
    raise CommandError(_FAILED.format(why=f"kończy się z kodem {server.returncode}"))


def _answers(server: subprocess.Popen[bytes], address: str) -> bool:
    """Wait for its first answer; False when it ended without one, CommandError when it gives none."""
    deadline = time.monotonic() + _PATIENCE
    while not running.answers(f"{address}/health"):
        if server.poll() is not None:
            return False
        if time.monotonic() > deadline:
            server.kill()
            server.communicate()
            raise CommandError(_FAILED.format(why=f"nie odpowiada od {_PATIENCE:.0f} s"))
        time.sleep(_TICK)
    return True
