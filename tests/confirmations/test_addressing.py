"""Who gets a message is found out when it is sent: by his role, not by what stood there when it was written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from confirmations.composing import compose_link_again, compose_proof
from confirmations.outbox import Delivered, deliver
from confirmations.settling import close_links, send_again
from confirmations.tables import Medium, Message, MessageState
from customers.outcome import Outcome
from customers.proofs import renew
from customers.proving import prove, readdress
from customers.tables import Customer
from database.engine import transaction
from environment.clock import now
from environment.settings import get_settings
from tests.confirmations.conftest import Mailbox
from tests.confirmations.samples import process, put, sendings
from tests.customers.samples import JAN, acceptance, change, register, withdrawal

CASE = "AAAA-BBB1"


@pytest.fixture(autouse=True)
def _customers(database: str, mailbox: Mailbox) -> None:
    register()


def _now_is(**columns: str | None) -> None:
    """What the register learns meanwhile."""
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == JAN.customer_no).values(**columns))


def _messages(tracking: str = CASE) -> list[Message]:
    with transaction() as session:
        return list(session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id)))


def _use(outcome: Outcome) -> None:
    assert outcome.proof_token is not None
    with transaction() as session:
        compose_proof(session, prove(session, outcome.proof_token))


def _withdrawn(tracking: str) -> None:
    """A withdrawal of a customer who has proven no address: its confirmation goes wherever he is reached."""
    process(acceptance(), "AAAA-BBB9")
    process(withdrawal(), tracking)


def _to(box: Mailbox) -> list[str]:
    return [mail["To"] for mail in box.mails]


def test_an_address_that_the_register_learns_before_a_message_leaves_is_the_one_used(mailbox: Mailbox) -> None:
    _withdrawn(CASE)
    _now_is(email="poprawiona@example.com")
    deliver(tracking=CASE)
    assert _to(mailbox) == ["poprawiona@example.com"]
    assert [one.recipient for one in sendings(_messages()[0].key)] == ["poprawiona@example.com"]


def test_one_without_an_address_any_more_is_written_a_letter_that_names_him(mailbox: Mailbox) -> None:
    _withdrawn(CASE)
    assert _messages()[0].context["customer_ref"] is None
    _now_is(email=None)
    assert [one.channel for one in deliver(tracking=CASE)] == [Medium.LETTER]
    assert (_to(mailbox), _messages()[0].context["customer_ref"]) == ([], JAN.customer_no)


def test_an_address_that_is_proven_meanwhile_may_be_told_more(mailbox: Mailbox) -> None:
    _withdrawn(CASE)
    _use(process(acceptance("potwierdzona@example.com"), "AAAA-BBB2"))
    deliver(tracking=CASE)
    assert _to(mailbox) == ["potwierdzona@example.com"]
    assert (_messages()[0].context["customer_ref"], _messages()[0].context["proven"]) == ("…001", True)


def test_what_came_back_goes_to_the_new_address_when_it_is_sent_again_and_the_old_one_stays_told(
    mailbox: Mailbox,
) -> None:
    _withdrawn(CASE)
    mailbox.at_recipient = "550 no such user"
    (refused,) = deliver(tracking=CASE)
    assert refused.state is MessageState.FAILED
    _now_is(email="poprawiona@example.com")
    mailbox.at_recipient = "250 OK"
    with transaction() as session:
        assert send_again(session, refused.key)
    assert [one.state for one in deliver(tracking=CASE)] == [MessageState.SENT]
    first, second = sendings(refused.key)
    assert (first.recipient, second.recipient) == ("zaneta@example.com", "poprawiona@example.com")
    assert second.reference == mailbox.mails[0]["Message-ID"] != first.reference


def test_a_customer_who_left_the_register_is_written_to_where_he_was_reached(mailbox: Mailbox) -> None:
    _withdrawn(CASE)
    with transaction() as session:
        session.execute(update(Message).where(Message.tracking == CASE).values(customer_no="99999999"))
    deliver(tracking=CASE)
    assert _to(mailbox) == ["zaneta@example.com"]


def test_the_warning_to_the_address_before_goes_there_whatever_is_proven_meanwhile(mailbox: Mailbox) -> None:
    _use(process(acceptance("stara@example.com"), "AAAA-BBB9"))
    deliver(tracking="AAAA-BBB9")
    mailbox.mails.clear()
    outcome = process(change("stara@example.com", "nowa@example.com"), CASE)
    _use(outcome)
    _now_is(email="inna@example.com")
    deliver(tracking=CASE)
    assert _to(mailbox) == ["stara@example.com", "nowa@example.com"], "the link is used and so is not sent"


def test_a_link_that_a_newer_one_replaced_before_it_left_is_not_sent(mailbox: Mailbox) -> None:
    process(acceptance("nowa@example.com"), CASE)
    with transaction() as session:
        compose_link_again(session, renew(session, CASE))
    assert [one.state for one in deliver(tracking=CASE)] == [MessageState.CLOSED, MessageState.SENT]
    old, _ = _messages()
    assert (old.closing, sendings(old.key)) == ("Odnośnik zastąpił nowszy albo nie jest już potrzebny.", [])
    assert len(mailbox.mails) == 1


def test_a_link_to_a_corrected_address_is_the_only_one_that_leaves(mailbox: Mailbox) -> None:
    process(acceptance("pomylona@example.com"), CASE)
    with transaction() as session:
        compose_link_again(session, readdress(session, CASE, "wlasciwa@example.com"))
    told = deliver(tracking=CASE)
    assert [(one.state, one.error) for one in told] == [(MessageState.CLOSED, None), (MessageState.SENT, None)]
    assert isinstance(told[0], Delivered)
    assert _to(mailbox) == ["wlasciwa@example.com"]


def test_what_bears_an_older_link_is_closed_unless_it_has_left_and_nothing_else_is(mailbox: Mailbox) -> None:
    for tracking in (CASE, "AAAA-BBB2"):
        process(acceptance("nowa@example.com"), tracking)
    deliver(tracking=CASE)
    for _ in range(2):
        with transaction() as session:
            compose_link_again(session, renew(session, CASE))
    process(withdrawal(), "AAAA-BBB3")
    states = ("sent", "bounced", "pending")
    with transaction() as session:
        for message, state in zip(_messages(), states, strict=True):
            session.execute(update(Message).where(Message.key == message.key).values(state=state, claim="a claim"))
        session.execute(update(Message).where(Message.tracking == "AAAA-BBB3").values(tracking=CASE))
        close_links(session, CASE, "Adres poprawiono.")
    told = [(one.state, one.closing, one.claim) for one in _messages()]
    assert told[:3] == [
        ("sent", None, "a claim"),
        ("closed", "Adres poprawiono.", None),
        ("closed", "Adres poprawiono.", None),
    ]
    assert [one[:2] for one in told[3:]] == [("pending", None)]
    assert [one.state for one in _messages("AAAA-BBB2")] == ["pending"]


def test_of_many_messages_to_an_address_that_nobody_has_proven_those_beyond_its_room_wait(mailbox: Mailbox) -> None:
    most = get_settings().unproven_mails_per_day
    for number in range(most + 1):
        process(acceptance("nowa@example.com"), f"AAAA-BB{number:02}")
        deliver(tracking=f"AAAA-BB{number:02}")
    assert len(mailbox.mails) == most
    (waiting,) = _messages(f"AAAA-BB{most:02}")
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("pending", 0, None)
    assert waiting.next_attempt_at > now() + timedelta(minutes=55)


def test_an_sms_goes_to_the_telephone_of_that_moment() -> None:
    put(Medium.SMS, key="sms", tracking=CASE)
    with transaction() as session:
        told = {"role": "customer", "customer_no": JAN.customer_no}
        session.execute(update(Message).where(Message.key == "sms").values(**told))
    _now_is(phone="600700801")
    deliver(tracking=CASE)
    assert [one.recipient for one in sendings("sms")] == ["600700801"]
    _now_is(phone=None)
    put(Medium.SMS, key="other", tracking=CASE)
    with transaction() as session:
        session.execute(update(Message).where(Message.key == "other").values(**told))
    deliver(tracking=CASE)
    assert [one.recipient for one in sendings("other")] == ["600700800"], "nothing better is known"
