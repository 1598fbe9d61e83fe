"""Sessions that only look: they keep nobody waiting, wait for nobody, and cannot write."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from customers.tables import Customer
from database.engine import passing_transaction, reading, transaction
from environment import clock


def customer(number: str) -> Customer:
    return Customer(customer_no=number, name="Ola Wymyślona", content_digest="-", updated_at=clock.now())


def known() -> list[str]:
    with reading() as session:
        return [one.customer_no for one in session.query(Customer).order_by(Customer.customer_no)]


@pytest.mark.usefixtures("database")
def test_who_looks_is_kept_waiting_by_no_writer_and_sees_what_is_committed() -> None:
    with transaction() as writing:
        writing.add(customer("10000014"))
        writing.flush()
        assert known() == []
    assert known() == ["10000014"]


@pytest.mark.usefixtures("database")
def test_a_writer_is_kept_waiting_by_nobody_who_looks_and_who_looks_sees_one_moment() -> None:
    with reading() as session:
        assert session.query(Customer).count() == 0
        with transaction() as writing:
            writing.add(customer("10000014"))
        assert session.query(Customer).count() == 0
    assert known() == ["10000014"]


@pytest.mark.usefixtures("database")
def test_nothing_can_be_written_by_who_only_looks() -> None:
    with pytest.raises(DBAPIError, match=r"read.?only"), reading() as session:
        session.add(customer("10000014"))
        session.flush()
    assert known() == []
    with transaction() as session:
        session.add(customer("10000014"))
    assert known() == ["10000014"], "whoever writes after it may"


@pytest.mark.usefixtures("database")
def test_what_is_written_in_passing_is_there_for_all_and_does_not_wait_for_the_disk() -> None:
    with passing_transaction() as session:
        session.add(customer("10000014"))
        sqlite = session.get_bind().dialect.name == "sqlite"
        asked, flushed = ("PRAGMA synchronous", 1) if sqlite else ("SHOW synchronous_commit", "off")
        assert session.scalar(text(asked)) == flushed
    assert known() == ["10000014"]
    with transaction() as session:
        assert session.scalar(text(asked)) == (2 if sqlite else "on"), "all else is on the disk when it is done"
    with pytest.raises(ZeroDivisionError), passing_transaction() as session:
        session.add(customer("10000015"))
        session.flush()
        raise ZeroDivisionError
    assert known() == ["10000014"]
