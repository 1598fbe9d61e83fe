"""Prefect's server behind a guard: only this machine's own names and pages of the same origin get through."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from prefect.server.api import background_workers
from prefect.server.api.server import create_app
from prefect.server.database import orm_models
from prefect.server.events import triggers
from prefect.server.schemas import actions
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from environment.settings import get_settings
from environment.web_server import serve
from flows import names
from flows.managers_way import ManagersWay
from flows.prefect_sqlite import write_from_the_start

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]
_POLICY: Final = {
    # Prefect's pages would tell a measuring service of its maker who looks at what.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


_UNHURRIED: Final = timedelta(seconds=10)
"""Between looks for work of the server's services, which is there every few minutes; they would be eight a second."""
_evaluate: Final = triggers.evaluate_periodically
_SIGN: Final = timedelta(minutes=1)
"""Between signs of life of the only one who works on them; it would give one every other second."""


def _seldom(_granularity: timedelta) -> Coroutine[Any, Any, None]:
    """The look at triggers that wait for a time, which nothing of ours needs to the second."""
    return _evaluate(_SIGN)


class _Resting(background_workers.Worker):  # type: ignore[name-defined,misc]  # not exported, and there is no setting
    """Who works for the server's services, without looking ten times a second whether one is to be broken off."""

    def __init__(self, docket: Any) -> None:
        docket.heartbeat_interval = _SIGN
        super().__init__(docket, minimum_check_interval=_UNHURRIED, scheduling_resolution=_UNHURRIED)

    async def _cancellation_listener(self) -> None:
        """The server asks for that never."""
        session = self._processing_session
        session.cancellation_ready.set()
        await session.stopping.wait()


class OwnPagesOnly:
    """Refuses what a browser sends for a page of another origin, web sockets included; ours reach nobody else."""

    def __init__(self, app: _App) -> None:
        self.app = app

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(raw=scope["headers"])
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            await PlainTextResponse("This page may not talk to the workflow engine.", 403)(scope, receive, send)
            return

        async def confined(message: _Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_POLICY)
            await send(message)

        await self.app(scope, receive, confined)


def create_server() -> ASGIApp:
    """The application for uvicorn; its settings stand in the environment (``flows.engine_setup``)."""
    return _guarded(ephemeral=False)


def create_temporary_server() -> ASGIApp:
    """The same without its pages, for one command: it ends when the command does, however that ends.

    The command holds the other end of its standard input.
    """
    threading.Thread(target=_end_with_the_command, name="end-with-the-command", daemon=True).start()
    return _guarded(ephemeral=True)


def _guarded(*, ephemeral: bool) -> ASGIApp:
    write_from_the_start()
    vars(background_workers)["Worker"] = _Resting
    vars(triggers)["evaluate_periodically"] = _seldom
    vars(orm_models)["generate_slug"] = vars(actions)["generate_slug"] = lambda _words: names.NOT_BEGUN
    app: ASGIApp = create_app(ephemeral=ephemeral, final=True)
    hosts = {"127.0.0.1", "localhost", get_settings().prefect_host}
    if at_the_proxy := get_settings().prefect_ui_url:
        app = ManagersWay(app, urlsplit(at_the_proxy).netloc, own=frozenset(hosts))
        hosts.add(str(urlsplit(at_the_proxy).hostname))
    # Around the application, not in it: its own automations ask it by a name that nobody outside may use.
    app = OwnPagesOnly(app)
    # A page of a stranger may give its own name the address of this machine; then it is of the same origin.
    return TrustedHostMiddleware(app, allowed_hosts=sorted(hosts), www_redirect=False)


def _end_with_the_command() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """``python -m flows server MAKER HOST PORT LOG_LEVEL`` serves what that function of this module makes."""
    maker, host, port, log_level = sys.argv[1:]
    serve(
        {one.__name__: one for one in (create_server, create_temporary_server)}[maker],
        host=host,
        port=int(port),
        log_level=log_level,
        server_header=False,
    )
