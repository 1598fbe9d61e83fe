"""Customers whom a document may come from when the number alone does not decide.

Only rows that an index finds come into question: the number and those one slip away, the PESEL, the NIP, the name, the
address. Similarity orders them and throws out chance; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio
from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.orm import Session

from customers.comparison import plain
from customers.effects.open_visit import EFFECT as VISIT
from customers.keys import address_key, lookup_keys, name_key
from customers.records import ADDRESS, RegisterLookup
from customers.tables import Customer
from documents.loading import load
from documents.values import known_form
from environment.settings import get_settings
from forms.submission import Submission

SHOWN: Final = 5
"""Candidates that are told; each has a key of its own."""
_BOUND: Final = 200
"""Rows that are looked at for each thing that is given: namesakes may be more."""
_ALIKE: Final = 0.72
"""From here on a name or an address resembles another one."""
_UNSAID: Final = frozenset({"name", *ADDRESS, "phone"})
_COLUMNS: Final = (
    *("customer_no", "name", "street", "house", "flat", "postcode", "town", "nip"),
    *("name_key", "address_key", "pesel_key"),
)


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
    asked = _Asked(given["customer_no"], given["nip"], keys["pesel_key"], _name(keys), _address_of(keys))
    found = (_candidate(row, asked) for row in rows.values() if row["customer_no"] != but)
    ranked = sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.customer_no))
    return tuple(ranked[:SHOWN])


def unsaid_values(
    session: Session, tracking: str, customer_no: str, typed: Mapping[str, object]
) -> dict[str, str | None]:
    """What a letter that asks for a visit leaves out and the register knows of the customer chosen for it, as typed.

    Nothing for other papers: there a field that is left empty is something that the customer did not say.
    """
    form, customer = known_form(load(session, tracking)), RegisterLookup(session).find(customer_no)
    if form is None or customer is None or form.effect != VISIT.name:
        return {}
    empty = (item for item in form.fields if item.name in _UNSAID and not str(typed.get(item.name) or "").strip())
    known = {item.name: item.kind.display(getattr(customer, item.name)) for item in empty}
    return {name: value for name, value in known.items() if value}


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What rows are compared with, each text made comparable once."""

    number: str | None
    nip: str | None
    pesel_key: str | None
    name: str
    address: str


def _candidate(row: RowMapping, asked: _Asked) -> Candidate | None:
    """The customer with what speaks for him; None when nothing but chance does."""
    reasons, score = [], 0.0
    number = asked.number
    same_number = number == row["customer_no"]
    if same_number:
        reasons.append("ten sam numer")
        score += 2
    for column, label, same in (
        ("pesel", "ten sam PESEL", bool(asked.pesel_key) and asked.pesel_key == row["pesel_key"]),
        ("nip", "ten sam NIP", bool(asked.nip) and asked.nip == row["nip"]),
    ):
        if same:
            reasons.append(label)
            score += 3 if column == "pesel" else 2.5
    name, address = _alike(asked.name, _name(row)), _alike(asked.address, _address_of(row))
    if name:
        reasons.append("ta sama nazwa" if name == 1 else "podobna nazwa")
        score += 1.5 * name
    if address:
        reasons.append("ten sam adres" if address == 1 else "podobny adres")
        score += address
    if not reasons:
        return None
    if number and not same_number and DamerauLevenshtein.distance(number, row["customer_no"]) == 1:
        reasons.insert(0, "numer różni się jednym znakiem")
        score += 1
    return Candidate(row["customer_no"], row["name"], _address(row), tuple(reasons), score)


def _name(row: Any) -> str:
    """The name by its key, which is ready in the register but for rows that have none yet."""
    return row["name_key"] or name_key(row.get("name")) or ""


def _address_of(row: Any) -> str:
    return plain(row["address_key"] or address_key(row) or "")


def _alike(one: str, other: str) -> float:
    """How much two texts resemble each other, 0 where that is no more than chance."""
    return ratio(one, other, score_cutoff=100 * _ALIKE) / 100 if one and other else 0.0


def _address(row: Any) -> str:
    place = row["street"] or row["town"] or ""
    house = row["house"] or ""
    if row["flat"]:
        house += f"/{row['flat']}"
    where = " ".join(part for part in (row["postcode"], row["town"]) if part)
    return ", ".join(part for part in (f"{place} {house}".strip(), where) if part)
