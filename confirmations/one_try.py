"""One try to send a message: what is sent, what the channel answered, and what is to be written of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from traceback import extract_tb
from typing import Any, Final

import structlog

from confirmations.channels.interface import (
    Accepted,
    ClosedChannelError,
    DeliveryError,
    Envelope,
    MessageChannel,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UncertainDeliveryError,
)
from confirmations.rendering import render
from confirmations.tables import Medium, Message, MessageState, Sending
from documents.originals import OriginalError
from environment.clock import now

DELAYS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""Waiting times after the first, second, ... temporary fault; after the last one the message has failed."""

_CLOSED: Final = timedelta(seconds=15)
"""After this it is tried again whether anything goes out by a channel: that costs no message an attempt."""
_LONGEST_CLOSED: Final = sum(DELAYS, timedelta())
"""What could not leave for so long has failed, closed channel or not."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: of the message, and ``learnt`` of its sending; ``closed``: nothing goes out that way now."""

    message: Message
    sending: Sending
    transport: str
    outcome: Mapping[str, Any]
    learnt: Mapping[str, Any]
    closed: bool

    @property
    def state(self) -> MessageState:
        """The state of the message from now on."""
        return MessageState(self.outcome["state"])

    @property
    def code(self) -> str | None:
        """The code of what went wrong, None when it was sent."""
        return (self.outcome["last_error"] or "").partition(":")[0] or None


def try_to_send(message: Message, sending: Sending, channel: MessageChannel) -> Tried:
    """Send a message that is claimed."""
    try:
        accepted = _send(channel, _envelope(message, sending.return_token))
    except DeliveryError as fault:
        outcome, closed = _after_fault(message, fault), isinstance(fault, ClosedChannelError)
        return Tried(message, sending, channel.name, outcome, {"error": outcome["last_error"]}, closed)
    at, known_as = now(), accepted.reference
    outcome = {"state": MessageState.SENT.value, "sent_at": at, "last_error": None, "reference": known_as}
    learnt = {"error": None, "accepted_at": at, "reference": known_as, "reply": accepted.reply}
    return Tried(message, sending, channel.name, outcome, learnt, closed=False)


def _envelope(message: Message, return_token: str | None) -> Envelope:
    """What is to be sent; a DeliveryError where it cannot be written, or what goes with it cannot be read."""
    try:
        return Envelope(
            key=message.key,
            tracking=message.tracking,
            template=message.template,
            recipient=message.recipient,
            content=render(message.template, message.context, Medium(message.channel)),
            at=now(),
            return_token=return_token,
            readdressed=message.readdressed,
        )
    except (OriginalError, OSError) as error:
        told = f"Nie można odczytać pliku, który ma iść z wiadomością ({type(error).__name__}). Zobacz ebok check."
        raise TemporaryDeliveryError("attachment_unreadable", told) from None
    except Exception as error:
        # A fault in a template must neither stop the other messages nor look as if it might have gone out.
        raise PermanentDeliveryError("not_rendered", f"Błąd w szablonie ({type(error).__name__}).") from None


def _send(channel: MessageChannel, envelope: Envelope) -> Accepted:
    """Send one envelope; DeliveryError, whatever went wrong."""
    try:
        return channel.send(envelope)
    except DeliveryError:
        raise
    except Exception as error:
        # neither the text of the exception nor a traceback: both may show the recipient
        at = extract_tb(error.__traceback__)[-1]
        _log.error("channel_broke", key=envelope.key, error=type(error).__name__, at=f"{at.filename}:{at.lineno}")
        told = f"Nieoczekiwany błąd wysyłki ({type(error).__name__})."
        raise UncertainDeliveryError("channel_broke", told) from None


def _after_fault(message: Message, fault: DeliveryError) -> dict[str, Any]:
    told = f"{fault.code}: {fault.message}"[:300]
    if isinstance(fault, UncertainDeliveryError):
        return {"state": MessageState.UNCERTAIN.value, "last_error": told}
    if isinstance(fault, ClosedChannelError) and now() - message.created_at <= _LONGEST_CLOSED:
        waiting = {"next_attempt_at": now() + _CLOSED, "attempts": message.attempts - 1, "claim": None}
        return {"state": MessageState.PENDING.value, "last_error": told, **waiting}
    if isinstance(fault, TemporaryDeliveryError) and message.attempts <= len(DELAYS):
        later = now() + DELAYS[message.attempts - 1]
        return {"state": MessageState.PENDING.value, "next_attempt_at": later, "last_error": told, "claim": None}
    return {"state": MessageState.FAILED.value, "last_error": told}
