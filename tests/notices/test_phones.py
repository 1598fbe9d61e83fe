"""A telephone is proven by a code that was sent there."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from sqlalchemy import select, update

from confirmations.archive import kept_messages, text_of
from confirmations.stopped_addresses import stop, why_stopped
from confirmations.tables import Message
from customers.tables import Account, Customer
from database.engine import Session, reading, transaction
from environment import clock
from notices.people import numbers_proven_for, proven_phones
from notices.phones import PhoneError, prove, send_code, waiting_phone
from tests.clocks import SetClock
from tests.notices.conftest import Told

NEW = "600999888"


def account_of(session: Session, one: Told) -> Account:
    return session.scalars(select(Account).where(Account.customer_no == one.number)).one()


def code() -> str:
    with reading() as session:
        message = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert message is not None and message.recipient == NEW and message.tracking
        return str(message.context["code"])


def asked(one: Told) -> None:
    with transaction() as session:
        send_code(session, account_of(session, one), NEW)


def typed(one: Told, code: str) -> bool:
    with transaction() as session:
        return prove(session, account_of(session, one), code)


def test_the_code_proves_the_number_and_only_then_is_it_written_to(people: list[Told]) -> None:
    one = people[0]
    with transaction() as session:
        stop(session, NEW, "number_refused")
    asked(one)
    with reading() as session:
        account = account_of(session, one)
        assert waiting_phone(session, account) == NEW
        assert proven_phones(session, [account])[account.id] == one.phone, "the one before"
    right = code()
    assert typed(one, "000000" if right != "000000" else "000001") is False
    with reading() as session:
        assert why_stopped(session, NEW) is not None, "who only asks for a code, or types a wrong one, lifts no stop"
    assert typed(one, f" {right[:3]} {right[3:]} ") is True
    assert typed(one, right) is False, "once"
    with reading() as session:
        account = account_of(session, one)
        assert (proven_phones(session, [account])[account.id], account.phone) == (NEW, NEW)
        assert why_stopped(session, NEW) is None


def test_a_telephone_says_whose_account_it_is_once_it_is_proven_and_not_by_what_a_form_says(
    people_here: list[Told],
) -> None:
    one = people_here[0]
    with transaction() as session:
        account_of(session, one).phone = NEW  # as the sign-up form has it
    asked(one)
    with reading() as session:
        assert numbers_proven_for(session, NEW) == []
    typed(one, code())
    with reading() as session:
        assert numbers_proven_for(session, NEW) == [one.number]
        assert numbers_proven_for(session, one.phone) == [], "the one before is his no more"


def test_a_code_runs_out_and_a_newer_one_replaces_it(people_here: list[Told], at: SetClock) -> None:
    one = people_here[0]
    asked(one)
    first = code()
    at("2026-11-02 10:05")
    asked(one)
    second = code()
    assert first == second or typed(one, first) is False
    at("2026-11-02 10:21")
    assert typed(one, second) is False
    with reading() as session:
        assert waiting_phone(session, account_of(session, one)) is None


def test_guessing_and_asking_have_limits(people_here: list[Told]) -> None:
    one = people_here[0]
    for _ in range(3):
        asked(one)
    with pytest.raises(PhoneError, match="za godzinę"):
        asked(one)
    right = code()
    for _ in range(5):
        assert typed(one, "1" * 7) is False
    with pytest.raises(PhoneError, match="Za dużo"):
        typed(one, right)


def test_whoever_asks_for_codes_to_a_telephone_of_others_keeps_nobody_else_from_his(people_here: list[Told]) -> None:
    attacker, owner = people_here[:2]
    for _ in range(3):
        asked(attacker)
    with pytest.raises(PhoneError):
        asked(attacker)
    asked(owner)
    assert typed(owner, code())


def codes_of_a_day(one: Told, at: SetClock) -> int:
    """How many codes that account gets in a day, asking as often as it may."""
    sent = 0
    for hour in range(8, 20):
        at(f"2026-11-02 {hour:02}:00")
        with suppress(PhoneError):
            for _ in range(3):
                asked(one)
                sent += 1
    return sent


def test_one_telephone_gets_no_more_codes_than_a_few_a_day_and_a_known_customer_his_own(
    people_here: list[Told], at: SetClock
) -> None:
    attacker, owner = people_here[:2]
    assert codes_of_a_day(attacker, at) == 13, "his first, and those of all"
    asked(owner)
    assert typed(owner, code())


def test_strangers_share_the_codes_of_a_day_among_themselves_until_they_are_known(
    people_here: list[Told], at: SetClock
) -> None:
    attacker, owner = people_here[:2]
    with transaction() as session:
        session.execute(update(Account).values(vouched_at=None))
    assert codes_of_a_day(attacker, at) == 12
    with pytest.raises(PhoneError):
        asked(owner)
    with transaction() as session:
        of_owner = Account.customer_no == owner.number
        session.execute(update(Account).where(of_owner).values(vouched_at=clock.now()))
    for minute in (1, 2):
        at(f"2026-11-02 19:0{minute}")
        asked(owner)
    at("2026-11-02 19:03")
    with transaction() as session:
        session.execute(update(Account).values(vouched_at=None))
        session.execute(update(Customer).where(Customer.customer_no == owner.number).values(phone=NEW))
    asked(owner)
    assert typed(owner, code())


def test_staff_do_not_see_the_code_and_it_is_not_kept_as_it_is(people_here: list[Told]) -> None:
    asked(people_here[0])
    right = code()
    with reading() as session:
        tracking = account_of(session, people_here[0]).tracking
        told = text_of(kept_messages(session, tracking)[0]).plain
        rows = session.connection().exec_driver_sql("SELECT * FROM notice_phones").fetchall()
    assert right not in told and re.search("kod …", told)
    assert right not in str(rows)
