"""Tell many customers of their invoices at once: how long writing takes, and how fast what is written leaves.

``python -m benchmarks.notices [CUSTOMERS [MONTHS]]``. Each has an account, wants SMS and e-mail, has invoices of so
many months and has not paid the last. The last day of payment is near, so that debts are worked out for everybody. What
leaves goes to a channel that takes all and does nothing: a mail server or gateway would take longer, and its own time.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from benchmarks.account import fill
from benchmarks.live import throw_away_home
from billing.tables import INVOICES, SETTLEMENTS
from confirmations import outbox
from confirmations.channels.interface import Accepted, Envelope, MessageChannel
from confirmations.tables import Medium, Message
from customers.tables import Account
from database.engine import get_engine, reading, transaction
from environment import clock
from environment.settings import get_settings
from notices.due import tell_due
from notices.judging import judge
from notices.tables import NoticePhone

_SENT: Final = 2000
"""Messages of which it is measured how fast they leave."""
_BUNDLE: Final = 100


class _Nowhere:
    """A way out that takes everything at once."""

    name: Final = "nowhere"
    repeatable: Final = True

    def send(self, envelope: Envelope) -> Accepted:
        """Taken."""
        return Accepted(envelope.key)


def main(customers: int, months: int) -> None:
    """Fill a register, tell, tell once more, and send some."""
    with throw_away_home():
        os.environ.update({"EBOK_NOTICES_FROM": "2020-01-01", "EBOK_NOTICES_NOT_BEFORE": "0"})
        os.environ.update({"EBOK_NOTICES_NOT_AFTER": "24"})
        get_settings.cache_clear()
        _fill(customers, months)
        print(f"{customers} customers, {months} months, {get_engine().dialect.name}")
        for what in ("the run", "the run once more, nothing is due"):
            begun, cpu = time.monotonic(), time.process_time()
            written = tell_due()
            took, used = time.monotonic() - begun, time.process_time() - cpu
            told = {kind.value: counts.total() for kind, counts in written.items()}
            print(f"{what}: {took:.0f} s, {used:.0f} s CPU; load {os.getloadavg()[0]:.1f}; messages {told}")
        _send()


def _fill(customers: int, months: int) -> None:
    numbers, at = sorted(fill(customers, months)), clock.now()
    with transaction() as session:
        session.execute(insert(Account), [_account(place, number, at) for place, number in enumerate(numbers, 1)])
        phones = [
            {"account_id": place, "phone": f"6{place:08}", "proven_at": at} for place in range(1, len(numbers) + 1)
        ]
        session.execute(insert(NoticePhone), phones)
        last = session.scalar(select(func.max(INVOICES.c.issued_on))) or clock.today()
        today = clock.today()
        new = {"issued_on": today - timedelta(days=1), "due_on": today + timedelta(days=14)}
        session.execute(update(INVOICES).where(INVOICES.c.issued_on == last).values(**new))
        session.execute(update(SETTLEMENTS).values(opening_balance=Decimal("1000.00")))


def _account(place: int, number: str, at: datetime) -> dict[str, Any]:
    whose = {"id": place, "customer_no": number, "login": f"k{number}@example.com", "tracking": f"K{number}"}
    return {**whose, "state": "active", "notify_sms": True, "notify_email": True, "created_at": at, "vouched_at": at}


def _send() -> None:
    begun, cpu, sent = time.monotonic(), time.process_time(), 0

    def nowhere(_medium: Medium) -> MessageChannel:
        return _Nowhere()

    while sent < _SENT:
        done = outbox.deliver(transaction, limit=_BUNDLE, channels=nowhere, judge=judge)
        if not done:
            break
        sent += len(done)
    took, used = time.monotonic() - begun, time.process_time() - cpu
    if sent:
        print(f"leaving: {sent} messages, {1000 * took / sent:.1f} ms and {1000 * used / sent:.1f} ms CPU each")
    with reading() as session:
        states = session.execute(select(Message.state, func.count()).group_by(Message.state)).tuples().all()
    print(f"states at {datetime.now(get_settings().zone):%H:%M}: {dict(states)}")


if __name__ == "__main__":
    main(*(int(one) for one in (*sys.argv[1:], *("100000", "24")[len(sys.argv) - 1 :])))
