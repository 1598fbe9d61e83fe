"""The web server rests while nobody asks, and ends when it is told to."""

from __future__ import annotations

import asyncio
import re
import signal
import socket

import pytest
import uvicorn

from environment import web_server
from environment.web_server import RestingServer, serve


async def _answer(*_: object) -> None:
    raise AssertionError("nobody asks")


class Counted(RestingServer):
    """Counts how often it looks whether it is to end, and is told to end once it has come to rest."""

    ticks = 0

    async def on_tick(self, counter: int) -> bool:
        self.ticks += 1
        if self.ticks == 1:
            asyncio.get_running_loop().call_soon(self.handle_exit, signal.SIGTERM, None)
        return await super().on_tick(counter)


def test_it_ends_as_soon_as_it_is_told_however_seldom_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "_TICK", 3600.0)
    server = Counted(uvicorn.Config(_answer, log_level="error"))
    asyncio.run(asyncio.wait_for(server.main_loop(), 30))
    assert server.ticks == 2


def test_one_that_was_told_before_it_came_to_rest_ends_as_well() -> None:
    server = RestingServer(uvicorn.Config(_answer, log_level="error"))
    server.handle_exit(signal.SIGTERM, None)
    asyncio.run(asyncio.wait_for(server.main_loop(), 30))


def test_one_that_cannot_start_says_so_by_its_exit_status() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        serve(lambda: _answer, host="127.0.0.1", port=taken.getsockname()[1], log_level="critical")
    assert ended.value.code not in (0, None)


def test_every_line_of_its_log_begins_with_the_time(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit):
        serve(lambda: _answer, host="127.0.0.1", port=taken.getsockname()[1])
    lines = capfd.readouterr().err.splitlines()
    assert lines
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line)] == []
