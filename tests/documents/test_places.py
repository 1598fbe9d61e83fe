"""Which documents under way another one follows: by when they came, and by whose they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from documents.arrival import Arrival
from documents.leases import QueuePlace

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def place(number: int, customer_no: str | None, *, read: bool = True) -> QueuePlace:
    return QueuePlace(Arrival(AT, number), read, customer_no)


MINE = place(2, "7001")


@pytest.mark.parametrize(
    ("mine", "other", "after", "perhaps"),
    [
        (MINE, place(1, "7001"), True, False),
        (MINE, place(1, "7002"), False, False),
        (MINE, place(3, "7001"), False, False),
        (MINE, place(1, None), False, False),
        (MINE, place(1, None, read=False), False, True),
        (MINE, place(3, None, read=False), False, False),
        (place(2, None), place(1, None), False, False),
        (place(2, None), place(1, None, read=False), False, False),
    ],
    ids=[
        "same customer's",
        "another's",
        "a later one",
        "of no number",
        "unread",
        "later and unread",
        "two of none",
        "none",
    ],
)
def test_a_document_follows_earlier_ones_of_its_customer_and_perhaps_those_that_are_not_read_yet(
    mine: QueuePlace, other: QueuePlace, after: bool, perhaps: bool
) -> None:
    assert (mine.comes_after(other), mine.may_come_after(other)) == (after, perhaps)
