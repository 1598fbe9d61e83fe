"""Billing is told who gets invoices how and since when; days that are past stay true."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.tables import AuditEntry
from customers.delivery_list import AddressState, deliveries_of_all
from customers.register import deliveries_on
from database.engine import reading
from tests.billing.delivered import BEFORE, accepts
from tests.billing.deliveries import rows_of
from tests.cli.samples import run

DAY = timedelta(days=1)
TENTH = date(2026, 10, 10)


@pytest.fixture
def numbers(register: Path) -> list[str]:
    """Three customers of the register."""
    return sorted(row["customer_no"] for row in rows_of(register, "settlements"))


def listed(day: date) -> dict[str, tuple[str, date | None, str, date | None]]:
    with reading() as session:
        found = list(deliveries_of_all(session, day))
        ways = deliveries_on(session, [(one.customer_no, day) for one in found])
    assert all(ways[one.customer_no, day].channel == one.channel for one in found), "one truth"
    return {one.customer_no: (one.channel, one.since, one.address, one.accepted_on) for one in found}


def test_each_day_is_told_as_it_was(numbers: list[str]) -> None:
    one, other, third = numbers
    accepts(one, ("a@example.com", TENTH), since=TENTH, until=TENTH + 9 * DAY)
    accepts(other, ("b@example.com", None), since=None)
    paper, none = ("paper", None), (AddressState.NONE, None)
    assert listed(BEFORE - DAY)[one] == (*paper, *none) == listed(TENTH)[third]
    assert listed(TENTH - DAY)[one] == (*paper, AddressState.WAITING, BEFORE) == listed(TENTH)[other]
    for day in (TENTH, TENTH + 9 * DAY):
        assert listed(day)[one] == ("email", TENTH, AddressState.PROVEN, BEFORE)
    assert listed(TENTH + 10 * DAY)[one] == ("paper", TENTH + 10 * DAY, *none)


def test_who_accepts_again_in_time_was_never_back_on_paper(numbers: list[str]) -> None:
    one, other, _ = numbers
    for number, gap in ((one, 1), (other, 2)):
        accepts(number, ("a@example.com", BEFORE), since=BEFORE, until=TENTH)
        accepts(number, ("a@example.com", TENTH), since=TENTH + gap * DAY)
    since = {number: found[1] for number, found in listed(TENTH + 5 * DAY).items()}
    assert (since[one], since[other]) == (BEFORE, TENTH + 2 * DAY)


def test_the_command_writes_a_file_once_and_notes_it(october_here: Path, tmp_path: Path) -> None:
    numbers = sorted(row["customer_no"] for row in rows_of(october_here, "settlements"))
    accepts(numbers[0], ("a@example.com", TENTH), since=TENTH)
    target = tmp_path / "sposob.csv"
    done = run("billing", "export-delivery", target, "--day", "2026-10-10")
    assert done.returncode == 0 and "Klientów: 3" in done.stdout
    rows = list(csv.DictReader(StringIO(target.read_text(encoding="utf-8")), delimiter=";"))
    assert rows[0] == {
        "customer_no": numbers[0],
        "channel": "email",
        "since": "2026-10-10",
        "address": "proven",
        "accepted_on": "2026-09-01",
    }
    assert "@" not in target.read_text(encoding="utf-8")
    assert run("billing", "export-delivery", target).returncode == 1
    with reading() as session:
        assert session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "delivery_exported")).all() == [
            {"day": "2026-10-10", "customers": 3}
        ]
