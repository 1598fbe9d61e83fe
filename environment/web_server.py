"""The web server of our processes: uvicorn, at rest while nobody asks."""

from __future__ import annotations

import asyncio
import copy
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

_TICK: Final = 1.0
"""Seconds between new headers of the date, which tell it to the second."""
_NOT_STARTED: Final = 3
"""Exit status of a server that did not get as far as to answer, as uvicorn's own command has it."""


class RestingServer(uvicorn.Server):
    """Uvicorn looks ten times a second whether it is to end; this one is told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve until asked to end."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _TICK)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note that a signal asked to end, and wake up for it."""
        super().handle_exit(signal.Signals(sig), frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)


def serve(application: Callable[[], ASGIApp], *, host: str, port: int, **settings: Any) -> None:
    """Serve what ``application`` makes until the process is asked to end; ``settings`` are those of uvicorn."""
    config = uvicorn.Config(application, factory=True, host=host, port=port, log_config=_with_times(), **settings)
    server = RestingServer(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def _with_times() -> dict[str, Any]:
    """How uvicorn logs, with the local time before each line as all our logs have it."""
    told = copy.deepcopy(LOGGING_CONFIG)
    for formatter in told["formatters"].values():
        formatter |= {"fmt": f"%(asctime)s {formatter['fmt']}", "datefmt": "%Y-%m-%d %H:%M:%S", "use_colors": False}
    return told
