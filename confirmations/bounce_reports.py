"""Parsing what mail servers report of e-mails that did not arrive: status notifications (RFC 3464) and their like.

Only what such a report says of itself is used, and nothing of the text of the message that came back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from itertools import islice
from typing import Any, Final

from confirmations.bounce_reasons import STATUS, Bounce, reason_in_words, reason_of

_MOST_BYTES: Final = 256 * 1024
"""Of a report that are looked at: its end is the message that came back, and parsing takes time."""
_MOST_TEXT: Final = 4000
"""Of what a server says in words."""
_BEFORE: Final = b"\xef\xbb\xbf\r\n"
"""What an editor or a gateway puts before the first header."""
_MOST_NAMES: Final = 20
"""Tokens, and Message-IDs, of one report: each is looked up."""
_ID: Final = r"<[!-;=?-~]{1,198}>"
"""A Message-ID that one of ours can be: printable ASCII, as long as what is kept of it."""
_IN_TEXT: Final = re.compile(rf"^Message-ID:\s{{0,8}}({_ID})", re.IGNORECASE | re.MULTILINE)
_MAIL_SERVER: Final = re.compile(r"(?:mail(?:er)?[-_.]?daemon|mdaemon|postmaster)@", re.IGNORECASE)
_ANSWERS: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From")
"""Headers of programs that answer for somebody who is away, beside those of RFC 3834."""
_FAILED_RECIPIENTS: Final = "X-Failed-Recipients"
"""Only mail servers write it (Exim, Google), and call their reports answers all the same."""
_BY_SOFTWARE: Final = "created automatically by mail delivery software"
"""As those begin that tell of a delay, and bear no such header."""
_QUOTED: Final = re.compile(
    r"^(?:[ >]*--.*\b(?:copy|original|message|returned|below|oryginaln\w+|kopia|wiadomo\w+)\b.*"
    r"|(?:Return-Path|Received|Message-ID): .*)$",
    re.IGNORECASE | re.MULTILINE,
)
"""The line with which a report in words goes over to the message that came back."""
_STATUS_PARTS: Final = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_PARTS: Final = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)
"""RFC 3462, and RFC 6533 for reports that may hold any letters."""


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a report says: why, and by which tokens and Message-IDs the message is known.

    Of both there are few, of printable ASCII, whatever the report holds: they may be looked up as they are.
    """

    bounce: Bounce
    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]


def read_report(data: bytes, bounce_address: str | None = None) -> BounceReport | None:
    """What an e-mail reports of one of ours; None when it reports no fault (an answer, a receipt, an advertisement).

    ``bounce_address`` is the one whose plus-addresses bear tokens.
    """
    mail = message_from_bytes(data[:_MOST_BYTES].lstrip(_BEFORE), policy=default)
    parts = list(mail.walk())
    text = _text(mail)
    statuses = [block for part in parts if part.get_content_type() in _STATUS_PARTS for block in _blocks(part)]
    told = [each for each in statuses if each.get("action")]
    if told:
        words = _words_of(text)
        bounce = next((found for each in told if (found := _of_status(each, words)) is not None), None)
    elif _is_automatic(mail, text):
        bounce = reason_in_words(_words_of(text), failed=_FAILED_RECIPIENTS in mail)
    else:
        bounce = None
    if bounce is None:
        return None
    returned = [part for part in parts if part.get_content_type() in _RETURNED_PARTS]
    named = [*_ids_of_returned(returned), *_IN_TEXT.findall(text), *_ids_of_headers(mail)]
    return BounceReport(bounce, _few(_tokens(mail, bounce_address)), _few(named))


def _few(names: Iterable[str]) -> tuple[str, ...]:
    """The first of them, each once."""
    return tuple(islice(dict.fromkeys(islice(names, _MOST_NAMES**2)), _MOST_NAMES))


def _of_status(block: Mapping[str, str], words: str) -> Bounce | None:
    """Of what is said of one recipient; ``words`` is what the report says to people."""
    action = re.match(r"\s*([a-z]+)", block.get("action", "").lower())  # a comment may follow
    if action is None or action[1] not in ("failed", "delayed"):
        return None
    if action[1] == "delayed":
        return Bounce.DELAYED
    found = STATUS.search(block.get("status", ""))
    status, said = found[1] if found else "", block.get("diagnostic-code", "")[:_MOST_TEXT]
    if status.endswith(".0.0") or not status:  # says no more than that it failed; the words may
        said = said or words
        within = STATUS.search(said)
        status = within[1] if within else status
    return reason_of(status, said)


def _is_automatic(mail: EmailMessage, text: str) -> bool:
    """Whether a mail server wrote it, and no person, and no program that answers for one who is away.

    An empty return path tells nothing: such programs have it, too, and what they answer is full of numbers.
    """
    if not any(_MAIL_SERVER.match(address) for _, address in getaddresses([str(mail.get("From", ""))])):
        return False
    if _FAILED_RECIPIENTS in mail or _BY_SOFTWARE in text[:_MOST_TEXT]:
        return True
    auto = str(mail.get("Auto-Submitted", "")).strip().lower()
    return not (auto.startswith("auto-replied") or any(name in mail for name in _ANSWERS))


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """The groups of lines of a delivery status, names in small letters.

    The parser of the standard library parts them where it knows their kind and they are not encoded; what it does not
    know it takes for a message, and what is encoded for its text.
    """
    payload: Any = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        yield {name.lower(): str(value) for name, value in block.items()}
        rest = block.get_payload()
        text = _decoded(part, rest) if isinstance(rest, str) else ""
        for group in re.split(r"\n\s*\n", text, maxsplit=_MOST_NAMES):
            lines = message_from_string(group.lstrip(), policy=default)
            yield {name.lower(): str(value) for name, value in lines.items()}


def _decoded(part: Message, text: str) -> str:
    """A text that stands in an encoded part, as it is meant; with LF at the ends of its lines."""
    plain = Message()
    plain["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", ""))
    plain.set_payload(text)
    found: Any = plain.get_payload(decode=True)
    return bytes(found).decode("utf-8", "replace").replace("\r\n", "\n")


def _text(mail: EmailMessage) -> str:
    """What a report says to people, and often the message that came back behind it."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        return ""


def _words_of(text: str) -> str:
    """The words of a report, up to where it quotes the message."""
    beginning = text[:_MOST_TEXT]
    quoted = _QUOTED.search(beginning)
    return beginning[: quoted.start()] if quoted else beginning


def _tokens(mail: EmailMessage, bounce_address: str | None) -> Iterator[str]:
    """Tokens of the address to which it came back: servers note that in headers of many names."""
    if bounce_address is None:
        return
    name, _, domain = bounce_address.lower().rpartition("@")
    known = re.compile(rf"{re.escape(name)}\+([0-9a-f]{{8,24}})\"?@{re.escape(domain)}")
    for _, value in mail.raw_items():
        yield from known.findall(str(value).lower())


def _ids_of_returned(returned: Sequence[Message]) -> Iterator[str]:
    for part in returned:
        payload: Any = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else payload
        if isinstance(inner, Message):
            yield from re.findall(_ID, str(inner.get("Message-ID", "")))
            inner = inner.get_payload() if not inner.keys() else None  # encoded, so its headers are text
        if isinstance(inner, str):
            yield from _IN_TEXT.findall(_decoded(part, inner))


def _ids_of_headers(mail: EmailMessage) -> Iterator[str]:
    for header in ("References", "In-Reply-To", "X-Failed-Message-ID"):
        yield from re.findall(_ID, str(mail.get(header, "")))
