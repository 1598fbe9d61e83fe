"""Messages and customers that the tests of this folder share; all people are invented."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from confirmations.composing import compose
from confirmations.outbox import deliver, enqueue
from confirmations.tables import Medium, Message, MessageState, Sending
from customers.applying import apply
from customers.outcome import Outcome
from customers.records import RegisterLookup
from database.engine import transaction
from environment.clock import now, today
from forms.submission import Submission
from tests.customers.samples import origin

TRACKING = "K7M4-PX9R"
RECIPIENT = {
    Medium.EMAIL: "zofia.przykladna@example.com",
    Medium.SMS: "600700800",
    Medium.LETTER: "Zofia Przykładna\nul. Źródlana 12/4\n66-470 Kostrzyn nad Odrą",
}


def put(medium: Medium = Medium.EMAIL, *, key: str = "one", tracking: str = TRACKING, proven: bool = True) -> str:
    """A message in the outbox, committed; gives its key."""
    template = "sms_incomplete" if medium is Medium.SMS else "withdrawal_done"
    context: dict[str, Any] = {"tracking": tracking, "customer_ref": "…678", "proven": proven}
    context |= {"written": "letter"} if medium is Medium.SMS else {"effective_from": "2026-11-24"}
    with transaction() as session:
        enqueue(
            session,
            key=key,
            tracking=tracking,
            channel=medium,
            recipient=RECIPIENT[medium],
            template=template,
            context=context,
        )
    return key


def sent(key: str = "one") -> str:
    """A message that has left; gives the address to which it would come back."""
    put(key=key)
    assert [one.state for one in deliver()] == [MessageState.SENT]
    return return_address(key)


def put_in(folder: Path, data: bytes, name: str = "1.eml") -> Path:
    """A report in the folder of bounces, where it has lain for a while."""
    path = folder / name
    path.write_bytes(data)
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    return path


def stored(key: str = "one") -> Message:
    """The row of a message as the database has it now; a fault that it tells is a code and a sentence."""
    with transaction() as session:
        found = session.scalars(select(Message).where(Message.key == key)).one()
    assert found.last_error is None or re.fullmatch(r"[a-z_]+: [A-ZŁŚ].{10,}\.", found.last_error), found.last_error
    return found


def let_time_pass(hours: int = 48) -> None:
    """Let waiting times and leases run out by moving them into the past."""
    past = now() - timedelta(hours=hours)
    with transaction() as session:
        session.execute(update(Message).values(next_attempt_at=past))
        session.execute(update(Message).where(Message.leased_until.is_not(None)).values(leased_until=past))


def sendings(key: str = "one") -> list[Sending]:
    """Each try to send a message, the oldest first."""
    with transaction() as session:
        found = select(Sending).join(Message, Message.id == Sending.message_id).where(Message.key == key)
        return list(session.scalars(found.order_by(Sending.id)))


def return_address(key: str = "one") -> str:
    """Where the last try of a message would come back to."""
    return f"zwroty+{sendings(key)[-1].return_token}@mzk.example"


def process(given: Submission, tracking: str) -> Outcome:
    """What the flow does in one transaction: effect, then messages."""
    with transaction() as session:
        customer_no = given.text("customer_no")
        assert customer_no is not None
        outcome = apply(session, given, origin(tracking, now()), today())
        customer = RegisterLookup(session).find(customer_no)
        assert customer is not None
        compose(session, tracking=tracking, submission=given, outcome=outcome, customer=customer)
        return outcome
