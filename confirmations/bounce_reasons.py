"""Why a message came back: what mail servers say of it, as a status code (RFC 3463) or in words, told apart.

Servers word the same fault in many ways, in English and Polish, with and without diacritics; kinds of wordings are
known, not sentences. An unknown user stops an address, so what servers also say of senders is never taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from confirmations.sms_ends import SMS_TOLD


class Bounce(StrEnum):
    """Why a message came back, or does not arrive for now."""

    UNKNOWN_USER = "unknown_user"
    MAILBOX_FULL = "mailbox_full"
    REFUSED_AS_SPAM = "refused_as_spam"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    DELAYED = "delayed"


_TOLD: Final[Mapping[Bounce, str]] = {
    Bounce.UNKNOWN_USER: "Takiego adresu nie ma. Zapytaj klienta o właściwy adres.",
    Bounce.MAILBOX_FULL: "Skrzynka klienta jest pełna. Program wyśle wiadomość ponownie; można też zadzwonić.",
    Bounce.REFUSED_AS_SPAM: "Serwer klienta uznał wiadomość za niechcianą (spam). Powiedz o tym administratorowi.",
    Bounce.REFUSED: "Serwer klienta odrzucił wiadomość. Sprawdź adres i skontaktuj się z klientem.",
    Bounce.NOT_REACHED: "Serwer klienta nie przyjmuje wiadomości. Program wyśle ją ponownie.",
    Bounce.DELAYED: "Serwer poczty jeszcze próbuje doręczyć wiadomość.",
}

STATUS: Final = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.])")
"""A status code; its second number ends at seven, which versions of mail servers do not keep to."""
_REPLY: Final = re.compile(r"(?<![\d.-])([45])\d\d(?![\d.])")
_UNKNOWN_STATUS: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_FULL_STATUS: Final = frozenset({"4.2.2", "5.2.2", "4.3.1", "5.3.1"})


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SPAM: Final = _words(
    r"spam|junk|unsolicited|blocked|black-?list|block ?list|dnsbl|\brbl|reputation|dmarc|\bspf\b|dkim|policy"
)
_NOT_YET: Final = _words(r"gr[ae]y-?list")
_CLOSED_TO_US: Final = _words(r"auth\w* ?required|not ?authenticated|not (?:allowed|permitted) to send to")
"""Groups and mailboxes that take mail from their own house only."""
_FULL: Final = _words(
    r"(?<!sending )quota|mailbox.{0,20}full|full.{0,20}mailbox|(?:exceeded|insufficient|out of).{0,20}storage",
    r"mailbox (?:size )?limit|too many messages in",
    r"przepe[łl]nion|pe[łl]na|brak miejsca|przekrocz.{0,30}(?:limit|pojemno|skrzyn)",
)
_EXPIRED: Final = _words(r"message expired|retry time|queue too long|connection (?:refused|timed out)")
_OF_SENDER: Final = _words(r"sender (?:address|domain)|helo|client host|your (?:ip|host|domain)|reverse")
_NO_DOMAIN: Final = _words(
    r"nxdomain|domain (?:name )?(?:\S+ )?(?:not found|does not exist)|host (?:or domain )?(?:name )?not found",
    r"non-?existent|find any host|no smtp service|does not accept mail|unrout\w+ (?:mail )?(?:address|domain)",
)
_MAILBOX: Final = r"(?:user|recipient|mailbox|address|account|person|customer)"
_UNKNOWN: Final = _words(
    rf"{_MAILBOX} unknown|unknown {_MAILBOX}|no such {_MAILBOX}|no mailbox here|not listed in",
    rf"{_MAILBOX} (?:\S+ )?(?:was |could |can )?not (?:be )?found|not a valid {_MAILBOX}|invalid {_MAILBOX}",
    r"does(?: not|n['’]t) (?:exist|have an?\b.{0,30}account)|no longer (?:accept|exist|valid|active|available|in use)",
    rf"{_MAILBOX}.{{0,30}}(?:disabled|inactive|deactivated|suspended)",
    r"nie istnieje|nie ma takiego|brak (?:takiego )?(?:konta|skrzynki|odbiorcy|adresata|u.ytkownika)",
    r"nieznan[ya] (?:adresat|odbiorca|u.ytkownik)",
)
_PERHAPS_UNKNOWN: Final = _words(r"recipient (?:address )?rejected|mailbox unavailable")
"""Said of spam as well."""
_LATE: Final = _words(
    r"not yet been delivered|still being retried|warning message only|not need to resend",
    r"delivery attempts will (?:continue|be repeated)|delivery.{0,20}delayed",
)


def told_of(code: str) -> str:
    """A reason as a clerk reads it, in Polish."""
    return SMS_TOLD[code] if code in SMS_TOLD else _TOLD[Bounce(code)]


def reason_of(status: str, said: str) -> Bounce:
    """By the status code, and by the words where that says little; a status without words may be ''."""
    said = " ".join(said.split())
    kind, policy, to_sender = status[:1], status.split(".")[1:2] == ["7"], _OF_SENDER.search(said)
    rules = (
        (status in _FULL_STATUS, Bounce.MAILBOX_FULL),
        (_FULL.search(said) and not status.startswith("5.1."), Bounce.MAILBOX_FULL),
        (status in _UNKNOWN_STATUS, Bounce.UNKNOWN_USER),
        (_NO_DOMAIN.search(said) and not to_sender, Bounce.UNKNOWN_USER),
        (kind == "4" and not (policy and _SPAM.search(said) and not _NOT_YET.search(said)), Bounce.NOT_REACHED),
        (_EXPIRED.search(said), Bounce.NOT_REACHED),
        (_CLOSED_TO_US.search(said), Bounce.REFUSED),
        (_UNKNOWN.search(said) and not to_sender, Bounce.UNKNOWN_USER),
        (policy or _SPAM.search(said), Bounce.REFUSED_AS_SPAM),
        (_PERHAPS_UNKNOWN.search(said), Bounce.UNKNOWN_USER),
    )
    return next((bounce for holds, bounce in rules if holds), Bounce.REFUSED)


def reason_in_words(text: str, *, failed: bool) -> Bounce | None:
    """Of a report in words alone: only what names a status of mail servers is one, or words of theirs.

    ``failed`` says that something else tells that a message came back; otherwise words that say nothing give None.
    """
    if _LATE.search(" ".join(text.split())):
        return Bounce.DELAYED
    statuses = STATUS.findall(text)
    if status := next((one for one in statuses if not one.startswith("2")), None):
        return reason_of(status, text)
    if statuses:
        return None
    if reply := _REPLY.search(text):
        return reason_of(f"{reply[1]}.0.0", text)
    found = reason_of("", text)
    return found if failed or found is Bounce.UNKNOWN_USER else None
