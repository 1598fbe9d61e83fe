"""The number of an authority, a question or an outage is never given again: it is named longer than it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text

from customers.tables import Authority, Customer
from database.engine import engine_for, get_engine, reading, transaction
from database.upgrading import check, migrations, upgrade
from environment import clock
from environment.settings import get_settings
from notices.outages import discard
from notices.tables import Outage
from portal.question_tables import Question, QuestionAttachment, QuestionTurn

AT = "'2026-01-01 00:00:00.000000+00:00'"


@pytest.fixture
def earlier(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """An SQLite database of before."""
    url = f"sqlite:///{home / 'new' / 'ebok.sqlite'}"
    monkeypatch.setenv("EBOK_DATABASE_URL", url)
    get_settings.cache_clear()
    with get_engine().connect() as connection:
        command.upgrade(migrations(connection), "0050")
        connection.commit()
        yield connection
    engine_for(url).dispose()


def given() -> int:
    """An authority that was given just now."""
    at = clock.now()
    told = {"email": "ala@example.com", "scope": "view", "given_by": "customer", "until": at.date()}
    row = Authority(customer_no="30294429", given_at=at, link_ends=at, **told)
    return added(row)


def asked() -> int:
    """A question that was asked just now."""
    at, told = clock.now(), {"account_tracking": "K7M4-PX9R", "kind": "other", "state": "new"}
    return added(Question(customer_no="30294429", asked_at=at, last_at=at, **told))


def foretold() -> int:
    """An outage that was written just now, of which nobody is told yet."""
    at, told = clock.now(), {"street": "Lipowa", "streetless": False, "parity": "all", "by": "clerk:ewa"}
    return added(Outage(begins_at=at, ends_at=at, written_at=at, **told))


def added(row: Authority | Question | Outage) -> int:
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.number if isinstance(row, Outage) else row.id


def erase(table: type[Authority] | type[Question], number: int) -> None:
    with transaction() as session:
        session.delete(session.get_one(table, number))


def shape(connection: Connection) -> list[str]:
    """Indexes, and constraints by name, of what is made anew."""
    look = inspect(connection)
    sources = (look.get_indexes, look.get_foreign_keys, look.get_unique_constraints)
    told = [
        str(one) for table in ("authorities", "questions", "outages") for source in sources for one in source(table)
    ]
    partial = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'ix_questions_waiting'"))
    return [*sorted(re.sub(r" at 0x\w+", "", one) for one in told), str(partial)]


def test_the_number_of_what_was_erased_is_never_given_again(database: str) -> None:
    with transaction() as session:
        at = clock.now()
        session.add(Customer(customer_no="30294429", name="Jan", content_digest="-", updated_at=at))
    first, question = given(), asked()
    erase(Authority, first)
    erase(Question, question)
    assert given() > first
    assert asked() > question
    first = foretold()
    with transaction() as session:
        discard(session, first, "clerk:ewa")
    assert foretold() > first


def test_what_there_was_stays_and_numbers_go_on_after_all_that_is_named(earlier: Connection) -> None:
    for line in (
        f"INSERT INTO customers (customer_no, name, content_digest, invoice_delivery, updated_at)"
        f" VALUES ('30294429', 'Jan', '-', 'paper', {AT})",
        f"INSERT INTO authorities (id, customer_no, email, scope, given_by, given_at, until, token_digest, link_ends)"
        f" VALUES (3, '30294429', 'ola@example.com', 'view', 'customer', {AT}, '2027-01-01', 'aa', {AT})",
        f"INSERT INTO questions (id, customer_no, account_tracking, kind, state, asked_at, waits_since, last_at)"
        f" VALUES (2, '30294429', 'K7M4-PX9R', 'other', 'new', {AT}, {AT}, {AT})",
        f"INSERT INTO question_turns (id, question_id, at, authority, text, key)"
        f" VALUES (5, 2, {AT}, 8, x'80ff00', '0017')",
        "INSERT INTO question_attachments (id, turn_id, sha256, media_type, size, name)"
        " VALUES (6, 5, '00e1', 'image/png', 12, x'81')",
        f"INSERT INTO outages (number, street, streetless, parity, begins_at, ends_at, by, written_at)"
        f" VALUES (1, 'Lipowa', false, 'all', {AT}, {AT}, 'clerk:ewa', {AT})",
        f"INSERT INTO notices (kind, subject, customer_no, decided_at) VALUES ('outage', '6', '30294429', {AT})",
        f"INSERT INTO notices (kind, subject, customer_no, decided_at) VALUES ('invoice', '77', '30294429', {AT})",
        f"INSERT INTO audit (at, actor, action, subject) VALUES ({AT}, 'agent:P000000007/9', 'x', 'question:4')",
    ):
        earlier.execute(text(line))
    columns = "SELECT id, authority, text, key, at, question_id FROM question_turns"
    before = earlier.execute(text(columns)).all()
    made = shape(earlier)
    earlier.commit()
    upgrade()
    check()
    with get_engine().connect() as after:
        assert after.execute(text(columns)).all() == before
        assert shape(after) == made
        assert after.execute(text("PRAGMA foreign_key_check")).all() == []
        assert after.scalar(text("SELECT count(*) FROM sqlite_temp_master")) == 0
    with reading() as session:
        (authority,) = session.scalars(select(Authority))
        assert (authority.id, authority.email, authority.token_digest) == (3, "ola@example.com", "aa")
        assert session.scalars(select(Question.id)).all() == [2]
        assert session.scalars(select(QuestionTurn.question_id)).all() == [2]
        assert session.scalars(select(QuestionAttachment.sha256)).all() == ["00e1"]
        assert session.scalars(select(Outage.street)).all() == ["Lipowa"]
    assert (given(), asked()) == (10, 5), "authority 9 and question 4 are named in the audit"
    assert foretold() == 7, "who was told of outage 6 is kept"
