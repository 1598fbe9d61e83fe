"""The kinds of notices, and what their receiver switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NoticeKind(StrEnum):
    """What a customer is told; what comes after another one (again, restored) is switched with that."""

    NEW_INVOICE = "new_invoice"
    DATE_NEAR = "date_near"
    DATE_PASSED = "date_passed"
    PASSED_AGAIN = "passed_again"
    OUTAGE = "outage"
    RESTORED = "restored"
    LEAK = "leak"

    @property
    def switched_as(self) -> NoticeKind:
        """The kind whose switch rules it."""
        return _WITH.get(self, self)

    @property
    def template(self) -> str:
        """The name of its message."""
        return f"notice_{NoticeKind.DATE_PASSED if self is NoticeKind.PASSED_AGAIN else self}"


_WITH: Final[Mapping[NoticeKind, NoticeKind]] = {
    NoticeKind.PASSED_AGAIN: NoticeKind.DATE_PASSED,
    NoticeKind.RESTORED: NoticeKind.OUTAGE,
}


@dataclass(frozen=True, slots=True)
class NoticeLabel:
    """What the customer reads beside a switch, and in a sentence about it ('powiadomienia o …')."""

    name: str
    explained: str
    about: str


LABELS: Final[Mapping[NoticeKind, NoticeLabel]] = {
    NoticeKind.NEW_INVOICE: NoticeLabel(
        "Nowa faktura",
        "Gdy pojawi się w eBOK. Kto dostaje faktury e-mailem, nie dostaje o nich drugiego e-maila.",
        "nowych fakturach",
    ),
    NoticeKind.DATE_NEAR: NoticeLabel(
        "Zbliża się termin płatności", "Tylko gdy nie widzimy jeszcze wpłaty.", "zbliżających się terminach płatności"
    ),
    NoticeKind.DATE_PASSED: NoticeLabel(
        "Minął termin płatności", "Tylko gdy nie widzimy wpłaty.", "terminach płatności, które minęły"
    ),
    NoticeKind.OUTAGE: NoticeLabel(
        "Przerwa w dostawie wody",
        "Gdy zabraknie jej pod Twoim adresem, i gdy wróci.",
        "przerwach w dostawie wody",
    ),
    NoticeKind.LEAK: NoticeLabel(
        "Podejrzenie wycieku", "Gdy zużycie jest dużo większe niż zwykle.", "podejrzeniu wycieku"
    ),
}
"""The kinds that have a switch, in the order in which they are shown."""
AGREED_AT_SIGN_UP: Final = frozenset({NoticeKind.NEW_INVOICE, NoticeKind.DATE_NEAR, NoticeKind.DATE_PASSED})
"""What the ticks of the sign-up form speak of; the other kinds are switched on by their owner alone."""
