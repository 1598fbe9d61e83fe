"""Parsing what mail servers report of e-mails that did not arrive: status notifications (RFC 3464) and their like.

Only what such a report says of itself is used, and nothing of the text of the message that came back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice
from typing import Any, Final

_MOST_BYTES: Final = 256 * 1024
"""Of a report that are looked at: its end is the message that came back, and parsing takes time."""
_MOST_TEXT: Final = 4000
"""Of what a server says in words."""
_MOST_NAMES: Final = 20
"""Tokens, and Message-IDs, of one report: each is looked up."""
_ID: Final = r"<[!-;=?-~]{1,198}>"
"""A Message-ID that one of ours can be: printable ASCII, as long as what is kept of it."""
_IN_TEXT: Final = re.compile(rf"^Message-ID:\s{{0,8}}({_ID})", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"(?<![\d.-])([45])\d\d(?![\d.])")
_SPAM: Final = re.compile(
    r"spam|junk|unsolicited|blocked|blacklist|block list|blocklist|dnsbl|rbl|reputation|dmarc|\bspf\b|dkim|policy",
    re.IGNORECASE,
)
_FULL: Final = re.compile(
    r"quota|mailbox.{0,20}full|full.{0,20}mailbox|over.?quota|insufficient.{0,20}storage|przepełnion|pełna",
    re.IGNORECASE,
)
_UNKNOWN: Final = re.compile(
    r"user unknown|unknown user|no such (user|recipient|mailbox|address)|does not exist|doesn't exist|"
    r"recipient (address )?rejected|invalid recipient|address not found|account.{0,30}(disabled|inactive)|"
    r"nie istnieje|nieznany (adresat|użytkownik)",
    re.IGNORECASE,
)
_MAIL_SERVERS: Final = ("mailer-daemon@", "postmaster@", "mail-daemon@", "maildaemon@")
_ANSWERS: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From")
"""Headers of programs that answer for somebody who is away, beside those of RFC 3834."""
_UNKNOWN_STATUS: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_FULL_STATUS: Final = frozenset({"4.2.2", "5.2.2", "4.3.1", "5.3.1"})


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


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a report says: why, and by which tokens and Message-IDs the message is known.

    Of both there are few, of printable ASCII, whatever the report holds: they may be looked up as they are.
    """

    bounce: Bounce
    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]


def told_of(code: str) -> str:
    """A reason as a clerk reads it, in Polish."""
    return _TOLD[Bounce(code)]


def read_report(data: bytes, bounce_address: str | None = None) -> BounceReport | None:
    """What an e-mail reports of one of ours; None when it reports no fault (an answer, a receipt, an advertisement).

    ``bounce_address`` is the one whose plus-addresses bear tokens.
    """
    mail = message_from_bytes(data[:_MOST_BYTES], policy=default)
    statuses = [block for part in _parts(mail, "message/delivery-status") for block in _blocks(part)]
    returned = [
        *_parts(mail, "message/rfc822"),
        *_parts(mail, "text/rfc822-headers"),
        *_parts(mail, "message/rfc822-headers"),
    ]
    told = [each for each in statuses if each.get("action")]
    if told:
        bounce = next((found for each in told if (found := _of_status(each)) is not None), None)
    elif _is_automatic(mail):
        bounce = _of_text(_text(mail))
    else:
        bounce = None
    if bounce is None:
        return None
    return BounceReport(bounce, _few(_tokens(mail, bounce_address)), _few(_message_ids(mail, returned)))


def _few(names: Iterable[str]) -> tuple[str, ...]:
    """The first of them, each once."""
    return tuple(islice(dict.fromkeys(islice(names, _MOST_NAMES**2)), _MOST_NAMES))


def _of_status(block: Mapping[str, str]) -> Bounce | None:
    action, said = block.get("action", "").strip().lower(), block.get("diagnostic-code", "")[:_MOST_TEXT]
    if action == "delayed":
        return Bounce.DELAYED
    if action != "failed":
        return None
    found = _STATUS.search(block.get("status", ""))
    status = found[1] if found else ""
    if status.endswith(".0.0") or not status:  # says no more than that it failed; the words may
        within = _STATUS.search(said)
        status = within[1] if within else status
    return _of(status, said)


def _of_text(text: str) -> Bounce | None:
    """Of a report in words alone: only what names a status of mail servers is one."""
    found = _STATUS.search(text)
    if found:
        return None if found[1].startswith("2") else _of(found[1], text)
    reply = _REPLY.search(text)
    if reply:
        return _of(f"{reply[1]}.0.0", text)
    return Bounce.UNKNOWN_USER if _UNKNOWN.search(text) else None


def _of(status: str, said: str) -> Bounce:
    """By the status code (RFC 3463), and by the words where that says little."""
    rules = (
        (status in _FULL_STATUS, Bounce.MAILBOX_FULL),
        (status in _UNKNOWN_STATUS, Bounce.UNKNOWN_USER),
        (status.split(".")[1:2] == ["7"], Bounce.REFUSED_AS_SPAM),
        (_FULL.search(said), Bounce.MAILBOX_FULL),
        (status.startswith("4"), Bounce.NOT_REACHED),
        (_UNKNOWN.search(said), Bounce.UNKNOWN_USER),
        (_SPAM.search(said), Bounce.REFUSED_AS_SPAM),
    )
    return next((bounce for holds, bounce in rules if holds), Bounce.REFUSED)


def _is_automatic(mail: EmailMessage) -> bool:
    """Whether a mail server wrote it, and no person, and no program that answers for one who is away.

    An empty return path tells nothing: such programs have it, too, and what they answer is full of numbers.
    """
    auto = str(mail.get("Auto-Submitted", "")).strip().lower()
    if auto.startswith("auto-replied") or any(name in mail for name in _ANSWERS):
        return False
    sender = [address.lower() for _, address in getaddresses([str(mail.get("From", ""))])]
    return any(address.startswith(_MAIL_SERVERS) for address in sender)


def _parts(mail: Message, kind: str) -> list[Message]:
    return [part for part in mail.walk() if part.get_content_type() == kind]


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """The groups of lines of a delivery status, names in small letters."""
    payload: Any = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        yield {name.lower(): str(value) for name, value in block.items()}


def _text(mail: EmailMessage) -> str:
    """The words of a report, up to where it quotes the message."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        return str(body.get_content())[:_MOST_TEXT]
    except (LookupError, ValueError):
        return ""


def _tokens(mail: EmailMessage, bounce_address: str | None) -> Iterator[str]:
    if bounce_address is None:
        return
    name, _, domain = bounce_address.lower().rpartition("@")
    known = re.compile(rf"{re.escape(name)}\+([0-9a-f]{{8,24}})@{re.escape(domain)}")
    for header in ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Original-Recipient"):
        for value in mail.get_all(header, []):
            yield from known.findall(str(value).lower())


def _message_ids(mail: EmailMessage, returned: list[Message]) -> Iterator[str]:
    for part in returned:
        payload: Any = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else payload
        if isinstance(inner, Message):
            yield from re.findall(_ID, str(inner.get("Message-ID", "")))
        elif isinstance(inner, str):
            yield from _IN_TEXT.findall(inner)
    for header in ("References", "In-Reply-To", "X-Failed-Message-ID"):
        yield from re.findall(_ID, str(mail.get(header, "")))
