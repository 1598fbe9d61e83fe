"""What customers were told against the outbox."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from confirmations.tables import Message, RecipientRole
from integrity.differences import Comparison, DifferenceKind
from integrity.rows import Rows
from notices.tables import ToldNotice

_NAME: Final = "Powiadomienia"


def _without_message() -> ColumnElement[bool]:
    keys = (ToldNotice.sms_key, ToldNotice.email_key)
    return or_(*(and_(key.is_not(None), not_(exists().where(Message.key == key))) for key in keys))


def _of_nothing() -> ColumnElement[bool]:
    known = or_(exists().where(ToldNotice.sms_key == Message.key), exists().where(ToldNotice.email_key == Message.key))
    return and_(Message.role == RecipientRole.NOTICE.value, not_(known))


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        _NAME,
        DifferenceKind(
            "notice_message_lost",
            "Zapisano, że klient jest powiadomiony, a nie ma tej wiadomości.",
            "Porównaj tabelę messages z kopią zapasową bazy; powiadomienia nikt nie wyśle drugi raz.",
        ),
        ToldNotice.id,
        ToldNotice.subject,
        _without_message,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "notice_of_nothing",
            "Powiadomienie nie wynika z żadnej decyzji programu.",
            "Porównaj tabelę notices z kopią zapasową bazy i przywróć, co zginęło.",
        ),
        Message.id,
        Message.subject,
        _of_nothing,
    ),
)
"""What is compared here."""
