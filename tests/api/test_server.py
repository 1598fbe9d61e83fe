"""The application behind the real server."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.api.pictures import picture

ROOT = Path(__file__).parents[2]
PROBE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"


@dataclass
class Server:
    """A running server: its process, port, and all that it has logged."""

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Server]:
    """The server as `ebok up` starts it, on a port of the system's choice, with the settings in the environment."""
    command = [sys.executable, "-m", "api", "0"]
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
    try:
        yield Server(process, port, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        drain.join(timeout=60)
        process.stdout.close()


@pytest.fixture
def server(sqlite_database: str) -> Iterator[Server]:
    """One for a test alone."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def impatient(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that waits one second for the head of a request."""
    home = tmp_path_factory.mktemp("impatient")
    shutil.copyfile(sqlite_template, home / "ebok.sqlite")
    ending = ExitStack()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        patch.setenv("EBOK_HOME", str(home))
        patch.setenv("EBOK_HEAD_SECONDS", "1")
        server = ending.enter_context(running())
    with ending:
        yield server


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


def asked(sender: socket.socket, request: bytes) -> bytes:
    """The whole answer, a JSON object, to what is sent."""
    sender.sendall(request)
    told = b""
    while not told.endswith(b"}"):
        told += sender.recv(100_000)
    return told


def dripped(sender: socket.socket, head: bytes) -> tuple[bytes, float]:
    """Send a head byte by byte until the server has enough of it: what it said, and how long it bore it."""
    begun = time.monotonic()
    sender.settimeout(0.05)
    for sign in itertools.chain(head, itertools.repeat(ord("a"), 400)):
        try:
            sender.send(bytes([sign]))
            told = sender.recv(1000)
        except TimeoutError:
            continue
        except OSError:
            told = b""
        return told, time.monotonic() - begun
    raise AssertionError("the server waits for ever")


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_head_that_drips_in_is_given_up_however_many_there_are(impatient: Server, head: bytes) -> None:
    address = ("127.0.0.1", impatient.port)
    with ExitStack() as open_still:
        silent = [open_still.enter_context(socket.create_connection(address, timeout=20)) for _ in range(250)]
        for each in silent:
            each.sendall(head)  # more than are let in at once: everybody else would get 503
        with socket.create_connection(address) as sender:
            told, seconds = dripped(sender, head or b"G")
        assert told == b""
        assert 0.9 < seconds < 10
        for each in silent:
            with suppress(ConnectionResetError):
                assert each.recv(1000) == b""
        assert httpx.get(f"http://127.0.0.1:{impatient.port}/healthz").status_code == 200


def test_the_head_of_a_second_request_on_a_connection_has_the_same_time(impatient: Server) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=20) as sender:
        assert asked(sender, PROBE).startswith(b"HTTP/1.1 200")
        told, seconds = dripped(sender, b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    assert told == b""
    assert 0.9 < seconds < 8  # before the ten seconds that a connection may rest


def test_a_body_may_take_longer_than_a_head_and_a_connection_may_rest(
    impatient: Server, values: dict[str, Any]
) -> None:
    body, address = json.dumps(values).encode(), ("127.0.0.1", impatient.port)
    head = f"POST {WITHDRAWAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with (
        socket.create_connection(address, timeout=20) as sender,
        socket.create_connection(address, timeout=20) as resting,
        socket.create_connection(address) as slow,
    ):
        assert asked(resting, PROBE).startswith(b"HTTP/1.1 200")
        sender.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:9])
        dripped(slow, b"GET / HTTP/1.1\r\nX-Slow: ")  # more than the time for a head goes by
        assert asked(sender, body[9:]).startswith(b"HTTP/1.1 202")
        assert asked(resting, PROBE).startswith(b"HTTP/1.1 200")
