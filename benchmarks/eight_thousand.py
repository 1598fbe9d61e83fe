"""The customers of the benchmark, numbered one after the other, and who writes what number on a form.

Consecutive numbers are the hard case: one digit misread is another customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, Literal

from specimens.people import CustomerRow, invented_customers

COUNT: Final = 8000
SEED: Final = 8000

Visitor = Literal["customer", "unknown person", "invented number", "somebody else's number", "one digit off"]
"""Who fills in a form. 'unknown person': not on the list, nor is the number. 'invented number': not on the list, but
the number is. The last two are on the list, with a number that belongs to another customer."""
_STRANGERS: Final[tuple[Visitor, ...]] = (
    "unknown person",
    "invented number",
    "somebody else's number",
    "one digit off",
)
_STRANGE: Final = 4
"""The last digit of the pages that a stranger fills in."""


def customers(count: int = COUNT) -> list[CustomerRow]:
    """The list, always the same."""
    return invented_customers(count, SEED, consecutive=True)


def visitor(everyone: Sequence[CustomerRow], number: int, seed: int) -> tuple[CustomerRow, Visitor]:
    """What the person of page ``number`` writes about himself, and who he is; every tenth is a stranger."""
    rng = Random(f"visitor:{seed}:{number}")
    row = rng.choice(everyone)
    if number % 10 != _STRANGE:
        return row, "customer"
    who = _STRANGERS[number // 10 % len(_STRANGERS)]
    if who == "unknown person":
        stranger = invented_customers(1, rng.randrange(10**9))[0]
        known = {other["customer_no"] for other in everyone}
        while stranger["customer_no"] in known:
            stranger = invented_customers(1, rng.randrange(10**9))[0]
        return stranger, who
    if who == "invented number":
        stranger = invented_customers(1, rng.randrange(10**9))[0]
        return {**stranger, "customer_no": row["customer_no"]}, who
    if who == "somebody else's number":
        other = rng.choice([other for other in everyone if other is not row])
        return {**row, "customer_no": other["customer_no"]}, who
    return {**row, "customer_no": _one_off(row["customer_no"], everyone, rng)}, who


def _one_off(number: str, everyone: Sequence[CustomerRow], rng: Random) -> str:
    """Another customer's number that differs in one digit."""
    known = {row["customer_no"] for row in everyone}
    near = [
        changed
        for at in range(len(number))
        for digit in "0123456789"
        if (changed := number[:at] + digit + number[at + 1 :]) != number and changed in known
    ]
    return rng.choice(near)
