"""Whoever wants it is told of a leak, once, with no figures; others see it on their pages alone."""

from __future__ import annotations

import json

from sqlalchemy import select

from benchmarks import office
from benchmarks.metered import add_meter
from confirmations.tables import Message
from customers.tables import Account
from database.engine import reading, transaction
from notices.kinds import NoticeKind
from notices.leaks import tell_of_leaks
from notices.tables import NoticeChoice


def test_who_has_switched_it_on_is_told_of_a_leak_once(database: str) -> None:
    office.fill_register()
    leaking, dry = (str(office.people()[place]["customer_no"]) for place in (0, 1))
    for number in (leaking, dry):
        office.open_account(number, f"k{number}@example.com")
    add_meter(leaking, "W1", (10,) * 13 + (42,))
    add_meter(dry, "W2")
    assert tell_of_leaks() == 0, "nobody has asked for it"
    with transaction() as session:
        for account_id in session.scalars(select(Account.id)):
            wanted = {"by_sms": False, "by_email": True, "days": None}
            session.add(NoticeChoice(account_id=account_id, kind=NoticeKind.LEAK.value, **wanted))
    assert tell_of_leaks([dry]) == 0
    assert (tell_of_leaks([leaking]), tell_of_leaks(), tell_of_leaks([leaking])) == (1, 0, 0)
    with reading() as session:
        (message,) = session.scalars(select(Message))
    assert (message.recipient, message.template) == (f"k{leaking}@example.com", "notice_leak")
    assert "42" not in json.dumps(message.context["subjects"])
