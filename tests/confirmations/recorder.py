"""A channel that keeps what it sends, and may break or be killed while it does."""

from __future__ import annotations

import threading

from confirmations.channels.interface import Accepted, Channel, Envelope
from confirmations.tables import Medium


class Killed(BaseException):
    """As when the process is killed: nothing may catch it."""


class Recorder:
    """A channel that remembers what it sent and can die or fail after it."""

    name = "recorder"

    def __init__(self, *, repeatable: bool = False, after: BaseException | None = None) -> None:
        self.repeatable = repeatable
        self.after = after
        self.sent: list[str] = []
        self._lock = threading.Lock()

    def send(self, envelope: Envelope) -> Accepted:
        with self._lock:
            self.sent.append(envelope.key)
        if self.after is not None:
            raise self.after
        return Accepted(f"ref-{envelope.key}")

    def __call__(self, medium: Medium) -> Channel:
        return self
