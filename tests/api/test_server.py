"""The application behind the real server."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.api.pictures import picture

ROOT = Path(__file__).parents[2]
WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"


@dataclass
class Server:
    """A running server: its process, port, and all that it has logged."""

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)


@pytest.fixture
def server(sqlite_database: str) -> Iterator[Server]:
    """Uvicorn as an administrator might start it, access log and all, on a port of the system's choice."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    log: list[str] = []
    port = None
    for line in process.stdout:
        log.append(line)
        if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
            port = int(found[1])
            break
    assert port is not None, "".join(log)
    drain = Thread(target=lambda: log.extend(process.stdout or ()), daemon=True)
    drain.start()
    running = Server(process, port, log)
    yield running
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    drain.join(timeout=20)
    process.stdout.close()


def test_a_form_and_a_file_are_taken_over_the_network_and_the_log_keeps_secrets(
    server: Server, values: dict[str, Any]
) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        taken = client.post(WITHDRAWAL, json=values)
        sent = client.post("/api/v1/uploads", files={"file": ("a.png", picture())})
        seen = client.get(f"/api/v1/submissions/{taken.json()['tracking']}")
        page = client.get("/potwierdzenie/tajny-odnosnik")
        client.get("/biuro/logowanie/dostawca/powrot?code=tajny-kod&state=a&iss=https://dostawca.example/tajny-kod")
        style = client.get("/static/ebok.css")

    assert [taken.status_code, sent.status_code, seen.status_code, page.status_code] == [202, 202, 200, 404]
    assert style.headers["content-type"].startswith("text/css")

    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=20) in (0, -signal.SIGTERM)
    told = "".join(server.log)
    assert WITHDRAWAL in told, told
    assert "tajny-odnosnik" not in told
    assert "/dostawca/powrot" in told
    assert "tajny-kod" not in told
    assert "Wymyślona" not in told
    assert "Traceback" not in told


def test_a_sender_that_hangs_up_half_way_disturbs_nobody(server: Server, values: dict[str, Any]) -> None:
    head = (
        f"POST {WITHDRAWAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as sender:
        sender.sendall(head.encode() + b'{"name')
    with socket.create_connection(("127.0.0.1", server.port)) as stranger:
        stranger.sendall(b"\x16\x03\x01 no http at all\r\n\r\n")
        stranger.recv(1000)

    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert client.post(WITHDRAWAL, json=values).status_code == 202
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=20)
    assert "Traceback" not in "".join(server.log)


def test_a_body_that_drips_in_is_given_up_and_one_that_arrives_in_time_is_not(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, values: dict[str, Any]
) -> None:
    monkeypatch.setenv("EBOK_BODY_SECONDS", "2")
    server: Server = request.getfixturevalue("server")
    head = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\nContent-Length: 500\r\n\r\n"
    for address, kind, begun in (
        (WITHDRAWAL, "application/json", b"{"),
        ("/api/v1/uploads", "multipart/form-data; boundary=x", b"--x\r\n"),
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sender:
            sender.sendall(head.format(address, kind).encode() + begun)
            answer = b"".join(iter(lambda sender=sender: sender.recv(1000), b""))  # until the connection is closed
        assert answer.startswith(b"HTTP/1.1 408"), answer
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert client.post(WITHDRAWAL, json=values).status_code == 202
