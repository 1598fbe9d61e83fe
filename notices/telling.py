"""Notices are written into the outbox, each once: what was decided of something is never decided again.

All functions work inside the caller's transaction, who holds the accounts (``people_about``), and never commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from confirmations.outbox import enqueue_notices
from confirmations.rendering import UNSUBSCRIBE
from confirmations.tables import NO_CASE, Medium
from customers.bulk import is_one_of
from database.encryption import digester
from database.engine import insert_all_absent
from environment import clock
from notices.kinds import LABELS, NoticeKind
from notices.people import Person
from notices.tables import ToldNotice
from notices.unsubscribing import address_for

_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Telling:
    """What one person is told in one message, of all these subjects; ``said`` is what its template asks for.

    ``without_email``: he learns it by e-mail in another way. ``gone``: it may have been told before, so it is not told.
    """

    person: Person
    subjects: tuple[str, ...]
    said: Mapping[str, Any]
    without_email: bool = False
    gone: bool = False


def told_before(session: Session, kind: NoticeKind, numbers: Iterable[str]) -> set[tuple[str, str]]:
    """Of what it was decided already: pairs of customer number and subject."""
    of_these = is_one_of(session, ToldNotice.customer_no, list(numbers))
    found = select(ToldNotice.customer_no, ToldNotice.subject).where(ToldNotice.kind == kind.value, of_these)
    return {(number, subject) for number, subject in session.execute(found)}


def tell(session: Session, kind: NoticeKind, notices: Iterable[Telling]) -> Counter[Medium]:
    """Write these notices, of which none was told before; how many messages by medium.

    Of who gets it no way it is noted too: he is not told days later, when he has switched it on.
    """
    at, digest = clock.now(), digester()
    rows, messages, written = [], [], Counter[Medium]()
    about = f"powiadomienie: {LABELS[kind.switched_as].name.lower()}"
    for one in notices:
        person, keys = one.person, dict[Medium, str]()
        mark = digest("notice", kind.value, person.customer_no, one.subjects[0])[:_DIGITS]
        email = None if one.without_email else person.email_for(kind)
        for medium, address in ((Medium.SMS, person.sms_for(kind)), (Medium.EMAIL, email)):
            if address is None or one.gone:
                continue
            keys[medium] = f"notice:{kind}:{mark}:{medium}"
            written[medium] += 1
            context = {"tracking": NO_CASE, "about": about, "subjects": list(one.subjects), **one.said}
            if medium is Medium.EMAIL:
                context[UNSUBSCRIBE] = address_for(person.account_id, kind.switched_as)
            messages.append(
                {
                    "key": keys[medium],
                    "channel": medium.value,
                    "recipient": address,
                    "template": kind.template,
                    "context": context,
                    "customer_no": person.customer_no,
                }
            )
        told = {"decided_at": at, "sms_key": keys.get(Medium.SMS), "email_key": keys.get(Medium.EMAIL)}
        rows += [{**told, "kind": kind, "subject": each, "customer_no": person.customer_no} for each in one.subjects]
    insert_all_absent(session, ToldNotice, rows)
    if messages:
        enqueue_notices(session, messages)
    return written
