"""Customers whom a document may come from, when the number alone does not tell.

Only rows that an index finds come into question: the number and those one slip away, the PESEL, the NIP, the name, the
address. Similarity orders them and throws out chance; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio
from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.orm import Session

from customers.comparison import plain
from customers.keys import address_key, lookup_keys, name_key
from customers.tables import Customer
from database.settings import get_settings
from forms.submission import Submission

SHOWN: Final = 5
"""Candidates that are told; each has a key of its own."""
_BOUND: Final = 200
"""Rows that are looked at for each thing that is given: namesakes may be more."""
_ALIKE: Final = 0.72
"""From here on a name or an address resembles another one."""
_COLUMNS: Final = ("customer_no", "name", "street", "house", "flat", "postcode", "town", "nip", "pesel_key")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One customer: how he stands in the register, and in Polish what speaks for him."""

    customer_no: str
    name: str
    address: str
    reasons: tuple[str, ...]
    score: float = field(repr=False)


def candidates(session: Session, submission: Submission, *, but: str | None = None) -> tuple[Candidate, ...]:
    """The likeliest customers, the best first, without the one ``but``."""
    given = {name: submission.text(name) for name in ("customer_no", "pesel", "nip", "name", *_ADDRESS)}
    keys = lookup_keys(given)
    rows = {row["customer_no"]: row for one in _sought(given, keys) for row in _rows(session, one)}
    found = (_candidate(row, given, keys) for row in rows.values() if row["customer_no"] != but)
    ranked = sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.customer_no))
    return tuple(ranked[:SHOWN])


def _sought(given: dict[str, str | None], keys: dict[str, str | None]) -> list[ColumnElement[bool]]:
    """What speaks for a customer, each by an index of its own: namesakes keep nobody else out."""
    found = [getattr(Customer, name) == key for name, key in keys.items() if key]
    if given["nip"]:
        found.append(Customer.nip == given["nip"])
    if given["customer_no"]:
        found.append(Customer.customer_no.in_(sorted({given["customer_no"], *_slips(given["customer_no"])})))
    return found


def _rows(session: Session, condition: ColumnElement[bool]) -> Sequence[RowMapping]:
    columns = (getattr(Customer, name) for name in _COLUMNS)
    return (
        session.execute(select(*columns).where(condition).order_by(Customer.customer_no).limit(_BOUND)).mappings().all()
    )


_ADDRESS: Final = ("street", "house", "flat", "postcode", "town")


def _slips(number: str) -> Iterator[str]:
    """Numbers of the right length that differ by one digit read wrong, lost, doubled, or two that changed places."""
    length = get_settings().customer_no_length
    if len(number) == length:
        for at in range(length):
            yield from (number[:at] + digit + number[at + 1 :] for digit in "0123456789" if digit != number[at])
        for at in range(length - 1):
            yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    elif len(number) == length - 1:
        yield from (number[:at] + digit + number[at:] for at in range(length) for digit in "0123456789")
    elif len(number) == length + 1:
        yield from (number[:at] + number[at + 1 :] for at in range(length + 1))


def _candidate(row: Any, given: dict[str, str | None], keys: dict[str, str | None]) -> Candidate | None:
    """The customer with what speaks for him; None when nothing but chance does."""
    reasons, score = [], 0.0
    number = given["customer_no"]
    same_number = number == row["customer_no"]
    if same_number:
        reasons.append("ten sam numer")
        score += 2
    for column, label, same in (
        ("pesel", "ten sam PESEL", bool(keys["pesel_key"]) and keys["pesel_key"] == row["pesel_key"]),
        ("nip", "ten sam NIP", bool(given["nip"]) and given["nip"] == row["nip"]),
    ):
        if same:
            reasons.append(label)
            score += 3 if column == "pesel" else 2.5
    name = _alike(name_key(given["name"]), name_key(row["name"]))
    address = _alike(keys["address_key"], address_key(row))
    if name >= _ALIKE:
        reasons.append("ta sama nazwa" if name == 1 else "podobna nazwa")
        score += 1.5 * name
    if address >= _ALIKE:
        reasons.append("ten sam adres" if address == 1 else "podobny adres")
        score += address
    if not reasons:
        return None
    if number and not same_number and DamerauLevenshtein.distance(number, row["customer_no"]) == 1:
        reasons.insert(0, "numer różni się jednym znakiem")
        score += 1
    return Candidate(row["customer_no"], row["name"], _address(row), tuple(reasons), score)


def _alike(one: str | None, other: str | None) -> float:
    return ratio(plain(one), plain(other)) / 100 if one and other else 0.0


def _address(row: Any) -> str:
    place = row["street"] or row["town"] or ""
    house = row["house"] or ""
    if row["flat"]:
        house += f"/{row['flat']}"
    where = " ".join(part for part in (row["postcode"], row["town"]) if part)
    return ", ".join(part for part in (f"{place} {house}".strip(), where) if part)
