"""What a running `ebok up` wrote down, and what is believed of it after a crash."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cli.processes import Child
from cli.running import engine_of_running, note


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer as a healthy server would."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def somebody() -> Iterator[str]:
    """Whoever listens on the port of the engine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()


def test_a_stranger_on_the_port_of_a_crashed_installation_is_not_taken_for_the_engine(
    home: Path, somebody: str
) -> None:
    child = Child("server", ("sleep", "600"), os.environ, home / "server.log")
    child.start()
    assert child.process is not None
    note({}, somebody, [child])
    assert engine_of_running() == somebody
    child.process.kill()
    child.process.wait()
    assert engine_of_running() is None
