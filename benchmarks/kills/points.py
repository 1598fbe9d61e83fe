"""The places at which a process may be killed: each commit, each change in the file system, each word to a mail server.

They are found from outside: the database's driver, ``os`` and ``smtplib`` are wrapped in the process that is to die.
The product knows nothing of it.
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import DBAPIConnection

_OURS: Final = frozenset(
    {
        "access",
        "api",
        "audit",
        "benchmarks",
        "confirmations",
        "customers",
        "database",
        "documents",
        "flows",
        "retention",
        "review",
    }
)
_SHARED: Final = frozenset({"database.engine", __name__})
"""Whom everybody commits through: the place is whose work it is."""
_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "WITH")
_FILES: Final = ("rename", "replace", "unlink", "remove", "link", "mkdir", "fsync")
"""Changes in the file system, by the function of ``os``."""
_TO_DESCRIPTOR: Final = "fsync"


class Point(NamedTuple):
    """The ``nth`` time that a process comes by a place."""

    place: str
    nth: int

    def __str__(self) -> str:
        return f"{self.place} (time {self.nth})"


@dataclass
class Points:
    """Those of this process: noted in their order; at the one that is ``deadly`` the process kills itself."""

    home: Path
    deadly: Point | None = None
    passed: list[Point] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wrote: set[int] = field(default_factory=set)

    def reach(self, what: str) -> None:
        """Come by a place, and perhaps no further."""
        place = f"{what} in {_where(sys._getframe(1))}"
        with self._lock:
            self._counts[place] += 1
            self.passed.append(Point(place, self._counts[place]))
            if self.passed[-1] == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)

    def watch(self) -> None:
        """Wrap what is watched, in this process and for good."""
        self._watch_commits()
        for name in _FILES:
            self._watch_file(name)
        self._watch_mail()
        self._watch_gateway()

    def _watch_commits(self) -> None:
        real: Callable[[DefaultDialect, DBAPIConnection], None] = DefaultDialect.do_commit

        @event.listens_for(Engine, "before_cursor_execute")
        def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.lstrip().upper().startswith(_WRITES):
                self._wrote.add(id(connection.connection.dbapi_connection))

        def commit(dialect: DefaultDialect, connection: DBAPIConnection) -> None:
            driver = id(getattr(connection, "dbapi_connection", connection))
            wrote = driver in self._wrote
            self._wrote.discard(driver)
            if wrote:
                self.reach("before commit")
            real(dialect, connection)
            if wrote:
                self.reach("after commit")

        _wrap(DefaultDialect, do_commit=commit)

    def _watch_file(self, name: str) -> None:
        real: Callable[..., Any] = getattr(os, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            inside = self._is_inside(name, arguments[0])
            if inside:
                self.reach(f"before {name}")
            try:
                return real(*arguments, **named)
            finally:
                if inside:
                    self.reach(f"after {name}")

        setattr(os, name, watched)

    def _is_inside(self, name: str, what: Any) -> bool:
        try:
            path = str(Path(f"/proc/self/fd/{what}").readlink()) if name == _TO_DESCRIPTOR else os.fspath(what)
        except (OSError, TypeError):
            return False
        changes = name != "mkdir" or not os.path.lexists(path)
        return changes and str(path).startswith(str(self.home))

    def _watch_mail(self) -> None:
        connect, send, reply = smtplib.SMTP.connect, smtplib.SMTP.send, smtplib.SMTP.getreply
        said = threading.local()

        def connecting(server: smtplib.SMTP, *arguments: Any, **named: Any) -> Any:
            said.word = "greeting"
            self.reach("before connecting to the mail server")
            return connect(server, *arguments, **named)

        def sending(server: smtplib.SMTP, text: str | bytes) -> None:
            words = text.encode() if isinstance(text, str) else text
            content = len(words.splitlines()) > 1
            said.word = "content" if content else words.split()[0].decode("ascii", "replace").upper()
            self.reach(f"before {said.word} to the mail server")
            if content:
                half = len(words) // 2
                send(server, words[:half])
                self.reach("amid content to the mail server")
                send(server, words[half:])
            else:
                send(server, text)
            self.reach(f"after {said.word} to the mail server, unanswered")

        def replying(server: smtplib.SMTP) -> tuple[int, bytes]:
            answer = reply(server)
            self.reach(f"after the answer to {said.word} of the mail server")
            return answer

        _wrap(smtplib.SMTP, connect=connecting, send=sending, getreply=replying)

    def _watch_gateway(self) -> None:
        real = httpx.HTTPTransport.handle_request

        def handled(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            def trace(name: str, _: Any) -> None:
                if name == "http11.send_request_body.complete":
                    self.reach("after POST to the SMS gateway, unanswered")

            request.extensions["trace"] = trace
            self.reach("before POST to the SMS gateway")
            response = real(transport, request)
            self.reach("after the answer of the SMS gateway")
            return response

        _wrap(httpx.HTTPTransport, handle_request=handled)


def _wrap(owner: type, **methods: Callable[..., Any]) -> None:
    for name, method in methods.items():
        setattr(owner, name, method)


def _where(frame: FrameType | None) -> str:
    """The function of the product that is at work: module and name."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in _OURS and module not in _SHARED:
            return f"{module}:{frame.f_code.co_name}"
        frame = frame.f_back
    return "nowhere"
