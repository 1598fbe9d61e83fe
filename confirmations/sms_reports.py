"""What the SMS gateway tells afterwards: whether an SMS was delivered, by the token of its sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.sms_ends import SMS_TOLD, SmsEnd
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, Message, MessageState, RecipientRole, Sending
from environment import clock

_OF_STATUS: Final[Mapping[str, SmsEnd]] = {
    "402": SmsEnd.EXPIRED,
    "404": SmsEnd.DELIVERED,
    "405": SmsEnd.UNDELIVERED,
    "406": SmsEnd.UNDELIVERED,
    "407": SmsEnd.REJECTED,
    "412": SmsEnd.UNWANTED,
}
"""By the numbers that SMSAPI has for them; others are on the way still, or say nothing."""
_FOR_GOOD: Final = frozenset({SmsEnd.REJECTED, SmsEnd.UNWANTED})
_MAY_HAVE_LEFT: Final = (MessageState.SENT.value, MessageState.UNCERTAIN.value, MessageState.SENDING.value)


def note(session: Session, token: str, status: str) -> bool:
    """Note what became of the SMS of that sending, in the caller's transaction; False where nobody knows the token.

    What comes twice, or after another end, changes nothing. An SMS of which nobody knew whether it left, and which was
    delivered, has left. A notice that did not arrive is over: it is nothing that a human has to settle.
    """
    found = select(Sending).where(Sending.return_token == token, Sending.channel == Medium.SMS.value)
    sending = session.scalars(found).first()
    if sending is None:
        return False
    end = _OF_STATUS.get(status)
    held = select(Message).where(Message.id == sending.message_id).with_for_update()
    message = session.scalars(held.execution_options(populate_existing=True)).one()
    session.refresh(sending)
    if (
        end is None
        or sending.bounce is not None
        or message.erased_at is not None
        or message.state not in _MAY_HAVE_LEFT
    ):
        return True
    if end is SmsEnd.DELIVERED:
        _delivered(message, sending)
    else:
        _not_delivered(message, sending, end)
        if end in _FOR_GOOD:
            stop(session, sending.recipient, end.value)
        detail = {"message": message.key, "reason": end.value}
        record(session, actor="machine", action="message_bounced", subject=message.subject, detail=detail)
    session.flush()
    return True


def _delivered(message: Message, sending: Sending) -> None:
    at = clock.now()
    sending.accepted_at = sending.accepted_at or at
    sending.reply = f"doręczony {clock.local_time(at)}"
    if message.state != MessageState.SENT.value and message.claim == sending.claim:
        message.state, message.sent_at, message.last_error = MessageState.SENT.value, at, None


def _not_delivered(message: Message, sending: Sending, end: SmsEnd) -> None:
    sending.bounce, sending.bounced_at = end.value, clock.now()
    if message.claim != sending.claim:
        return  # it left once more since
    message.last_error, message.claim = f"{end.value}: {SMS_TOLD[end]}", None
    message.bounces += 1
    if message.role == RecipientRole.NOTICE.value:
        message.state, message.closing = MessageState.CLOSED.value, SMS_TOLD[end]
    else:
        message.state = MessageState.BOUNCED.value
