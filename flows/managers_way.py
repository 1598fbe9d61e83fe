"""What a manager who comes through the company's proxy with an account of the desk may do in the engine's pages.

The desk has let such a person in, who needs no password of the engine: the proxy supplies it
(docs/decisions/0042-who-may-do-what-at-the-desk.md). Looking and retrying a run are allowed, all else is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
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
_AGAIN: Final = re.compile(r"/api/flow_runs/[\w-]+/resume|/api/deployments/[\w-]+/create_flow_run")
"""Resume and run: the register decides what comes of it."""
_SETS_STATE: Final = re.compile(r"/api/flow_runs/[\w-]+/set_state")
"""Retry, when the state is to be ``_RETRIED``; with any other a run would be stopped, or called what it is not."""
_RETRIED: Final = "SCHEDULED"
_LONGEST: Final = 64 * 1024
"""Bytes of such a request."""
_REFUSED: Final = "Z konta w biurze można tu oglądać i puszczać jeszcze raz. To może zmienić tylko administrator."


class ManagersWay:
    """Confines what was asked of ``host`` (with its port), and by any other name than the machine's own ones.

    Only who is on this machine, and has the password, asks by one of ``own``.
    """

    def __init__(self, app: _App, host: str, own: Collection[str]) -> None:
        self.app = app
        self.host = host.lower()
        self.own = own

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Pass a request on, refuse it, or tell the pages that nobody has to sign in."""
        if scope["type"] not in ("http", "websocket") or not self._is_confined(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":  # the pages need none
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send)
        elif scope["method"] == "POST" and _SETS_STATE.fullmatch(scope["path"]):
            await self._retry(scope, receive, send)
        elif not may_pass(scope["method"], scope["path"]):
            await _refuse(scope, receive, send)
        elif scope["path"] == _UI_SETTINGS:
            await self._without_sign_in(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_confined(self, scope: _Message) -> bool:
        asked = Headers(raw=scope["headers"]).get("host", "").lower()
        return asked == self.host or asked.partition(":")[0] not in self.own

    async def _retry(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Have a run begin anew; its state is given no other way."""
        body, more = b"", True
        while more and len(body) <= _LONGEST:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        if len(body) > _LONGEST or not _is_retry(body):
            await _refuse(scope, receive, send)
            return
        whole: list[_Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def told() -> _Message:
            return whole.pop() if whole else await receive()

        await self.app(scope, told, send)

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


def _is_retry(body: bytes) -> bool:
    try:
        return bool(json.loads(body)["state"]["type"] == _RETRIED)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


async def _refuse(scope: _Message, receive: _Receive, send: _Send) -> None:
    await JSONResponse({"detail": _REFUSED}, 403)(scope, receive, send)
