"""A channel that keeps what it sends, and may break or be killed while it does."""

from __future__ import annotations

import threading

from confirmations.channels.interface import Accepted, Envelope, MessageChannel
from confirmations.tables import Medium


class Killed(BaseException):
    """As when the process is killed: nothing may catch it."""


class Recorder:
    """A channel that remembers what it sent and can die or fail after it; or fail before, of all or of one message."""

    name = "recorder"

    def __init__(
        self,
        *,
        repeatable: bool = False,
        before: BaseException | None = None,
        after: BaseException | None = None,
        fails: str | None = None,
    ) -> None:
        self.repeatable, self.before, self.after, self.fails = repeatable, before, after, fails
        self.sent: list[str] = []
        self._lock = threading.Lock()

    def send(self, envelope: Envelope) -> Accepted:
        if self.before is not None and self.fails in (None, envelope.key):
            raise self.before
        with self._lock:
            self.sent.append(envelope.key)
        if self.after is not None:
            raise self.after
        return Accepted(f"ref-{envelope.key}")

    def __call__(self, medium: Medium) -> MessageChannel:
        return self
