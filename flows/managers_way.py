"""What a manager may do in the engine's pages who comes by the company's proxy with the account of the desk.

Whoever comes so was let in by the desk and needs no password of the engine: the proxy brings it along
(docs/decisions/0042-who-may-do-what-at-the-desk.md). He looks, and puts a run to work again; all else is refused here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]

_UI_SETTINGS: Final = "/ui-settings"
_ASKS: Final = re.compile(
    r"/api/ui/[\w/-]+"
    r"|/api/(?:[\w-]+/)+(?:filter|count|paginate|history|lateness|validate|concurrency_status)"
    r"|/api/events/count-by/[\w-]+"
    r"|/api/deployments/get_scheduled_flow_runs"
)
"""What is asked by POST and changes nothing."""
_AGAIN: Final = re.compile(r"/api/flow_runs/[\w-]+/(?:set_state|resume)|/api/deployments/[\w-]+/create_flow_run")
"""Retry, resume and run: the register decides what comes of it."""
_REFUSED: Final = "Z konta w biurze można tu oglądać i puszczać jeszcze raz. To może zmienić tylko administrator."


class ManagersWay:
    """Confines what was asked of that host (with its port, as browsers say it); other requests go on as they are."""

    def __init__(self, app: _App, host: str) -> None:
        self.app = app
        self.host = host

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Pass a request on, refuse it, or tell the pages that nobody has to sign in."""
        if scope["type"] not in ("http", "websocket") or Headers(raw=scope["headers"]).get("host") != self.host:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":  # the pages need none
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send)
        elif not may_pass(scope["method"], scope["path"]):
            await JSONResponse({"detail": _REFUSED}, 403)(scope, receive, send)
        elif scope["path"] == _UI_SETTINGS:
            await self._without_sign_in(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _without_sign_in(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """What the pages ask for first: whether to ask for a password."""
        told = list[bytes]()

        async def keep(message: _Message) -> None:
            told.append(message.get("body", b""))

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, keep)
        await JSONResponse({**json.loads(b"".join(told)), "auth": None})(scope, receive, send)


def may_pass(method: str, path: str) -> bool:
    """Whether that changes nothing, or only puts a run to work again."""
    if method == "POST":
        return bool(_ASKS.fullmatch(path) or _AGAIN.fullmatch(path))
    return method in ("GET", "HEAD")
