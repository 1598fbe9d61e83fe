"""What customers were told against the outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from confirmations.tables import Message, RecipientRole
from database.engine import reading
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose
from integrity.rows import Rows
from notices.tables import ToldNotice
from notices.terms import late

_NAME: Final = "Powiadomienia"


def _without_message() -> ColumnElement[bool]:
    keys = (ToldNotice.sms_key, ToldNotice.email_key)
    return or_(*(and_(key.is_not(None), not_(exists().where(Message.key == key))) for key in keys))


def _of_nothing() -> ColumnElement[bool]:
    known = or_(exists().where(ToldNotice.sms_key == Message.key), exists().where(ToldNotice.email_key == Message.key))
    return and_(Message.role == RecipientRole.NOTICE.value, not_(known))


class TermsInTime(Comparison):
    """Whether everybody is told of a new version of a Regulamin as early as it promises."""

    name = _NAME
    kinds = (
        DifferenceKind(
            "terms_told_late",
            "O nowej wersji regulaminu klienci dowiadują się później, niż obiecuje regulamin.",
            "Wpisz w history.csv późniejszy dzień i uruchom usługę ponownie; gdy ta wersja już obowiązuje, powiedz o "
            "tym prawnikowi firmy.",
            Whose.OTHER,
        ),
    )

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Of each version that comes, or came a short while ago."""
        with reading() as session:
            found = late(session)
        for one in found:
            told = f"{one.terms.title}, wersja {one.terms.version}"
            yield Difference(self.kinds[0], told, told, f"najpóźniej {one.last_day:%d.%m.%Y}")
        scope.progress(1)

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Look once more: a run may be at it."""
        keys = {one.key for one in found}
        return [one for one in self.differences(scope) if one.key in keys]


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
    TermsInTime(),
)
"""What is compared here."""
