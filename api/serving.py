"""The server of the web application.

Uvicorn, whose settings bound what rests and how much comes at once, but not how long the head of a request may take:
without a bound a few hundred connections that never finish theirs would keep everybody else out.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.app import create_app
from environment import web_server
from environment.settings import get_settings


class PromptProtocol(H11Protocol):
    """Uvicorn's protocol, which closes a connection whose request has no whole head within the time of the settings.

    The time runs from the beginning of the connection, or from the first byte after an answer; until then uvicorn's own
    bound on connections at rest holds.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._given_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Wait on, or no longer: only while a head is awaited the peer owes anything."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._wait_for_head()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._given_up is None:
            self._given_up = self.loop.call_later(get_settings().head_seconds, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._given_up is not None:
            self._given_up.cancel()
            self._given_up = None


def serve(port: int) -> None:
    """Serve the application until the process is asked to end."""
    settings = get_settings()
    proxies = settings.trusted_proxies
    web_server.serve(
        create_app,
        host=settings.api_host,
        port=port,
        http=PromptProtocol,
        ws="none",
        server_header=False,
        # Whoever is no known proxy could name any client, and get round the limits on wrong tries.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        limit_concurrency=settings.api_connections,
        timeout_keep_alive=settings.api_idle_seconds,
    )
