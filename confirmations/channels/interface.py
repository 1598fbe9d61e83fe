"""What all channels share: the envelope they send, and the three ways in which sending fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from confirmations.rendering import Content
from database.encryption import digest

DIGITS: Final = 40
"""Of what names a message outside; what a version without the key made is shorter."""


class DeliveryError(Exception):
    """A message did not go out as it should; ``message`` is Polish: cause and remedy, never the recipient."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class TemporaryDeliveryError(DeliveryError):
    """It surely did not go out, and a later attempt may succeed."""


class ClosedChannelError(TemporaryDeliveryError):
    """Nothing goes out this way at present: it is no fault of the message, and the next one would fare no better."""


class PermanentDeliveryError(DeliveryError):
    """It surely did not go out, and trying again as it is will not help."""


class UncertainDeliveryError(DeliveryError):
    """The connection broke at a moment when it may have gone out or not."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready to go: its unique key, the case it belongs to, its recipient and what it says."""

    key: str
    tracking: str
    template: str
    recipient: str = field(repr=False)
    content: Content = field(repr=False)
    at: datetime
    return_token: str | None = None
    """What its return address bears, by which it is known when it comes back."""
    readdressed: int = 0
    """How often its recipient became another one: to him it is another message."""

    @property
    def digest(self) -> str:
        """Hexadecimal digits that are the same for every attempt to send it to this recipient.

        Nobody outside can compute them: who names a Message-ID of ours has got the message.
        """
        return digest("message", self.key, str(self.readdressed))[:DIGITS]

    @property
    def name(self) -> str:
        """File name without extension, the same for every attempt to send it to this recipient."""
        if self.tracking:
            return f"{self.tracking}-{self.template}-{self.digest[:8]}"
        return f"{self.template}-{self.digest}"  # thousands of them share a beginning


@dataclass(frozen=True, slots=True)
class Accepted:
    """That a message went out: by what it is known there, and what the server said, without addresses."""

    reference: str
    reply: str | None = None


class MessageChannel(Protocol):
    """One way out. ``repeatable``: sending the same envelope twice leaves one message."""

    @property
    def name(self) -> str:
        """Short name, kept with the message."""

    @property
    def repeatable(self) -> bool:
        """Whether a crash while sending may be answered by sending again."""

    def send(self, envelope: Envelope) -> Accepted:
        """Send; DeliveryError when that fails."""
