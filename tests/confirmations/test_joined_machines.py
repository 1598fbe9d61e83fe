"""A machine that joined another sends what needs no folder of its own; the rest stays for whoever has the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from confirmations.outbox import deliver, waits
from confirmations.tables import Medium, Message, MessageState
from customers.tables import Customer
from database.engine import reading, transaction
from environment.settings import get_settings
from tests.confirmations.conftest import Mailbox
from tests.confirmations.samples import process, put, sendings, stored
from tests.customers.samples import JAN, acceptance, register, withdrawal

CASE = "AAAA-BBB1"


@pytest.fixture(autouse=True)
def _joined(database: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a mail server and no SMS gateway."""
    _set(monkeypatch, "PREFECT_URL", "http://127.0.0.1:4200")


def _set(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"EBOK_{name}", value)
    get_settings.cache_clear()


def _any_waits() -> bool:
    with reading() as session:
        return waits(session)


def test_what_would_be_written_to_a_file_is_left_to_the_main_machine(
    home: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for medium in Medium:
        put(medium, key=medium.value)
    assert [done.channel for done in deliver()] == [Medium.EMAIL]
    assert not _any_waits()
    assert not (home / "outgoing").exists()
    _set(monkeypatch, "PREFECT_URL", "")
    assert {done.channel for done in deliver()} == {Medium.SMS, Medium.LETTER}


def test_with_a_shared_folder_it_writes_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, "OUTGOING_DIR", str(tmp_path / "share"))
    put(Medium.LETTER)
    assert [done.state for done in deliver()] == [MessageState.SENT]
    assert [path.suffix for path in (tmp_path / "share" / "letters").iterdir()] == [".pdf"]


def test_a_message_that_becomes_a_letter_as_it_is_about_to_leave_is_left_to_the_main_machine(
    home: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    register()
    process(acceptance(), "AAAA-BBB9")
    process(withdrawal(), CASE)
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == JAN.customer_no).values(email=None))
    assert deliver(tracking=CASE) == []
    with transaction() as session:
        (message,) = session.query(Message).filter(Message.tracking == CASE)
    assert (message.channel, message.state, message.attempts) == ("letter", "pending", 0)
    assert sendings(message.key) == []
    _set(monkeypatch, "PREFECT_URL", "")
    assert [done.state for done in deliver(tracking=CASE)] == [MessageState.SENT]
    assert stored(message.key).readdressed == 1
