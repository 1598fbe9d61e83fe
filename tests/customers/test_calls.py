"""Who did not prove an address in time is phoned, and stays to be phoned until somebody says what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from audit.tables import AuditEntry
from customers.calls import CallOutcome, calls_owed, count_owed, finish_call
from customers.proofs import renew
from customers.tables import Proof
from database.engine import transaction
from environment import clock
from tests.customers.samples import JAN, acceptance, applied, proven, register, signup, withdrawal

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def links_run_out() -> None:
    with transaction() as session:
        session.execute(update(Proof).values(expires_at=clock.now() - timedelta(hours=1)))


def owed() -> list[str]:
    with transaction() as session:
        found = calls_owed(session, 10)
        assert len(found) == count_owed(session)
        return [one.tracking for one in found]


def test_whoever_did_not_use_a_link_in_time_is_to_be_phoned_however_often_one_looks() -> None:
    applied(acceptance(), "T1")
    proven(applied(signup(), "T2"))
    assert owed() == []
    links_run_out()
    assert owed() == owed() == ["T1"]
    with transaction() as session:
        (call,) = calls_owed(session, 10)
    assert (call.purpose, call.name, call.phone) == ("einvoice", JAN.name, JAN.phone)
    assert JAN.name not in repr(call)


def test_a_call_is_done_once_and_the_audit_says_by_whom() -> None:
    applied(acceptance(), "T1")
    links_run_out()
    with transaction() as session:
        assert finish_call(session, "T1", CallOutcome.DECLINED, actor="clerk:ewa")
    assert owed() == []
    with transaction() as session:
        assert not finish_call(session, "T1", CallOutcome.TOLD, actor="clerk:olga")
        proof = session.scalars(select(Proof)).one()
        assert proof.call_outcome == "declined"
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "customer_phoned")).all()
        assert [(one.actor, one.subject, one.detail) for one in entries] == [
            ("clerk:ewa", "T1", {"outcome": "declined"})
        ]


def test_another_link_and_a_withdrawal_end_the_task_too() -> None:
    applied(acceptance(), "T1")
    links_run_out()
    with transaction() as session:
        renew(session, "T1")
    assert owed() == []
    links_run_out()
    assert owed() == ["T1"]
    applied(withdrawal(), "T3")
    assert owed() == []
