"""Machines that claim at the same moment on PostgreSQL: each passes over what another is just claiming."""

from __future__ import annotations

from database.engine import transaction
from documents.leases import claim_open
from tests.documents.received import scan


def test_who_claims_beside_another_gets_what_that_one_leaves_and_waits_for_nothing(postgres_database: str) -> None:
    numbers = {scan(b"%%PDF %d" % number) for number in range(4)}
    with transaction() as first, transaction() as second:
        mine = claim_open(first, "one", 2)
        others = claim_open(second, "two", 4)
    assert (len(mine), len(others)) == (2, 2)
    assert {*mine, *others} == numbers
