"""A reading by SMS: what a text says, whose it can be, and the SMS that answers it.

'123' is enough from a telephone of one customer with one meter; 'ODCZYT 30294429 123' names the customer (or his
meter), 'ODCZYT 30294429 W1234567 123' both, from whatever telephone. What is unclear is answered and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from access import tries
from billing.metering.history import Meter, meters_of
from billing.metering.identifying import meters_for, plain_number
from billing.metering.plausibility import Judged
from billing.metering.tables import OF_SMS, ReadingSource
from billing.metering.taking import MOST_DIGITS, GivenReading, TakenReading, take
from confirmations.outbox import enqueue
from confirmations.tables import NO_CASE, Medium, Message, RecipientRole
from customers.tables import Customer
from database.encryption import digest
from environment import clock
from forms.fields import MOBILE

_WORD: Final = "ODCZYT"
_YES: Final = "TAK"
_TEMPLATE: Final = "sms_reading"
_ANSWERS: Final = 6
"""SMS that one telephone is answered in an hour: each costs, and who asks more is no customer with a meter."""
_HOUR: Final = 60
_LONGEST: Final = 160
_FACTORS: Final = 2
_MOST_OWNERS: Final = 20
_MOST_WORDS: Final = 5


Proven = Callable[[Session, str], Collection[str]]
"""The customer numbers for whose accounts a telephone was proven."""


def _nobody(_session: Session, _phone: str) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says: the value, what names customer and meter, and whether it confirms what was asked."""

    value: int
    named: tuple[str, ...] = field(repr=False)
    yes: bool


def answer(session: Session, phone: str, text: str, reference: str, proven: Proven = _nobody) -> None:
    """Take the reading of a text, or find out what is unclear, and put the answer into the outbox.

    ``reference`` is the gateway's number of it: the same again changes and answers nothing. ``proven`` tells whose
    account that telephone was proven for; one that somebody only wrote on a form says nothing of who has it.
    """
    parsed = MOBILE.kind.parse(phone, clock.today())
    if parsed.fault is not None or not isinstance(parsed.value, str):
        return  # no telephone that takes an SMS
    sender = parsed.value
    key = f"{OF_SMS}{digest('sms', sender, reference)[:32]}"
    if session.scalar(select(Message.id).where(Message.key == key)) is not None:
        return
    limit = f"sms {sender}"
    if not tries.allowed(session, limit, most=_ANSWERS, minutes=_HOUR):
        return
    tries.note_wrong(session, limit)
    told, customer_no = _told(session, sender, text, key, proven)
    enqueue(
        session,
        key=key,
        tracking=NO_CASE,
        channel=Medium.SMS,
        recipient=sender,
        template=_TEMPLATE,
        context={"tracking": NO_CASE, "proven": True, **told},
        role=RecipientRole.EXACT,
        customer_no=customer_no,
    )


def _told(session: Session, sender: str, text: str, mark: str, proven: Proven) -> tuple[dict[str, Any], str | None]:
    """What the answer says, and whose reading it is about."""
    said = _said(text)
    if said is None:
        return {"outcome": "unclear"}, None
    meters = _meters(session, sender, said.named, proven)
    if not meters:
        return {"outcome": "unknown"}, None
    if len(meters) > 1:
        return {"outcome": "several"}, None
    (meter,) = meters
    given = GivenReading(meter, said.value, clock.today(), ReadingSource.SMS, mark, confirmed=said.yes, phone=sender)
    done = take(session, given)
    told: dict[str, Any] = {"value": said.value, "meter": meter.meter_no[-4:]}
    if isinstance(done, Judged):
        return {**told, "outcome": "doubtful", "why": done.told, "named": " ".join(said.named)}, meter.customer_no
    assert isinstance(done, TakenReading)
    state = {"outcome": "taken", "number": done.number, "waiting": done.state == "waiting"}
    return {**told, **state}, meter.customer_no


def _said(text: str) -> _Said | None:
    """The words of a text; None where it is no reading."""
    words = re.findall(r"[\w.,/-]+", text.upper()[:_LONGEST])
    words = [word.strip(".,-/") for word in words if word.strip(".,-/") not in ("", _WORD, "M3", "M³")]
    yes = _YES in words
    words = [word for word in words if word != _YES]
    if not words or len(words) > _MOST_WORDS or not re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", words[-1], re.ASCII):
        return None
    if any(not re.search("[0-9]", word) for word in words[:-1]):
        return None
    return _Said(int(words[-1]), tuple(words[:-1]), yes)


def _meters(session: Session, sender: str, named: tuple[str, ...], proven: Proven) -> list[Meter]:
    """The meters that may be meant: of the customers who have this telephone, narrowed by what the text names.

    From a telephone that nobody has told us, customer number and meter together are the two factors that agree.
    """
    day = clock.today()
    whose = select(Customer.customer_no).where(Customer.phone == sender)
    numbers = {*session.scalars(whose.limit(_MOST_OWNERS)), *proven(session, sender)}
    of_phone = meters_of(session, numbers, day)
    found = [
        one
        for one in of_phone
        if all(plain_number(name) in (plain_number(one.meter_no), plain_number(one.customer_no)) for name in named)
    ]
    if found or len(named) != _FACTORS:
        return found
    first, second = named
    return meters_for(session, first, second, day) or meters_for(session, second, first, day)
