"""Two documents at the same moment."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from customers.applying import apply
from customers.importing import ImportCounts, load_customers
from customers.outcome import Outcome
from customers.proofs import lock_customer
from customers.register_index import numbers_named
from customers.reindexing import reindexed
from database.engine import transaction
from environment.clock import today
from tests.customers.samples import FIRM, JAN, acceptance, carried_out, origin, register, signup, submission
from tests.registered import register_row
from tests.waiting import pause


@pytest.mark.usefixtures("database")
def test_two_papers_of_one_customer_at_once_take_turns() -> None:
    register()
    barrier, outcomes = Barrier(2), []

    def work(tracking: str) -> None:
        barrier.wait()
        outcomes.append(carried_out(acceptance(), tracking))

    threads = [Thread(target=work, args=(tracking,)) for tracking in ("T1", "T2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.kind for outcome in outcomes) == ["done", "same_request"]
    with transaction() as session:
        row = register_row(session, JAN.customer_no)
    assert row is not None
    assert len(row["consents"]) == 1


@pytest.mark.usefixtures("postgres_database")
def test_of_two_customers_who_want_one_login_at_once_the_second_goes_to_a_human() -> None:
    register()
    second: list[Outcome] = []
    other = submission("ebok_signup", FIRM, email="login@example.com")
    thread = Thread(target=lambda: second.append(carried_out(other, "T2")))
    with transaction() as session:
        assert apply(session, signup(), origin("T1"), today()).kind == "done"
        thread.start()
        deadline = time.monotonic() + 30
        while not _somebody_waits() and time.monotonic() < deadline:
            pause()
    thread.join()
    assert [(outcome.kind, outcome.code) for outcome in second] == [("needs_human", "login_taken")]


@pytest.mark.usefixtures("postgres_database")
def test_an_import_and_an_effect_that_change_one_customer_take_turns_and_neither_ends_the_other() -> None:
    register()
    counts: list[ImportCounts] = []
    thread = Thread(target=lambda: counts.append(load_customers([replace(JAN, name="Jan Nowszy"), FIRM])))
    with transaction() as session:
        customer = lock_customer(session, JAN.customer_no)
        assert customer is not None
        thread.start()
        deadline = time.monotonic() + 30
        while not _somebody_waits() and time.monotonic() < deadline:
            pause()
        with reindexed(session, customer):
            customer.street = "Nowa"
    thread.join()
    assert [count.changed for count in counts] == [1]
    with transaction() as session:
        assert numbers_named(session, ["nowszy"], 5) == [JAN.customer_no]


def _somebody_waits() -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with transaction() as session:
        return bool(session.connection().exec_driver_sql(waiting).scalar())
