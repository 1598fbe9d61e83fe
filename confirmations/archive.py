"""What messages said, for staff who look back: word for word, without the secrets of their links.

Taken in two steps, as rendering is too slow for a transaction: ``kept_messages`` in one, ``text_of`` after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy import select
from sqlalchemy.orm import Session

from confirmations.rendering import BLANK, PICTURE, UNSUBSCRIBE, Content, render
from confirmations.tables import Medium, Message, Sending
from documents.erasing import ERASED

HIDDEN: Final = "…"
"""Stands where a link or code was: who has it proves whose mailbox, telephone or letter box is his; staff do not."""
_SECRETS: Final = ("link", "code", UNSUBSCRIBE)
"""What opens or switches something for whoever has it."""
_LOST: Final = "Wiadomość z wcześniejszej wersji programu (treści nie da się odtworzyć)"
_ERASED: Final = f"Wiadomość: treść i adresat {ERASED}"
_ATTACHED: Final = (BLANK, PICTURE)


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """All that is needed to write a message out again; nothing where it is no longer kept."""

    key: str
    template: str
    medium: Medium
    context: dict[str, Any] = field(repr=False)
    erased: bool = False


def kept_messages(session: Session, tracking: str) -> list[KeptMessage]:
    """The messages of a document, oldest first."""
    found = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id))
    return [kept_message(one) for one in found]


def kept_message(message: Message) -> KeptMessage:
    """All that is needed to write that one out again."""
    medium, erased = Medium(message.channel), message.erased_at is not None
    return KeptMessage(message.key, message.template, medium, dict(message.context), erased=erased)


def addresses_of(session: Session, message: Message) -> list[dict[str, Any]]:
    """Where each try to send a message went: at (a moment), channel, recipient."""
    tries = select(Sending).where(Sending.message_id == message.id).order_by(Sending.id)
    return [{"at": one.at, "channel": one.channel, "recipient": one.recipient} for one in session.scalars(tries)]


def text_of(message: KeptMessage) -> Content:
    """What a message said, by its template of today; attachments are left out, as is what no template can say."""
    if message.erased:
        return Content(str(message.context["tracking"]), _ERASED, ())
    context = {name: value for name, value in message.context.items() if name not in _ATTACHED}
    context |= {name: HIDDEN for name in _SECRETS if context.get(name)}
    try:
        return render(message.template, context, message.medium)
    except (TemplateNotFound, UndefinedError):  # written for a template of an earlier version of the program
        return Content(str(context["tracking"]), _LOST, ())
