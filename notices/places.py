"""Streets of the register, and which customers take water at given houses of one.

A customer takes water where his points of consumption are; where billing tells none, at the address of the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from billing.tables import POINTS, in_force
from customers.bulk import is_one_of
from customers.comparison import plain
from customers.tables import Customer, RegisterWord

_KINDS: Final = frozenset({"ul", "ulica", "os", "osiedle", "al", "aleja", "aleje", "pl", "plac"})
_ROMAN: Final = re.compile(r"[IVX]+")
_SQUARES: Final = frozenset({"pl", "plac"})
_HOUSE: Final = re.compile(r"\s*(\d{1,4})\s*[^\W\d_]?(?:\s*[-\u2013]\s*(\d{1,4}))?")
"""A number with its letter; a building may have several: '7-9'."""
PARITIES: Final = ("all", "odd", "even")


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses of a street by number, both ends included, all or every other one; all that there are without ends."""

    first: int | None = None
    last: int | None = None
    parity: str = "all"

    def has(self, house: str | None) -> bool:
        """Whether a house is one of them; one without a number only where all are, one of several by each of them."""
        if self.first is None and self.last is None and self.parity == "all":
            return True
        found = _HOUSE.match(house or "")
        if found is None:
            return False
        first = int(found[1])
        last = max(first, int(found[2] or first))
        same_side = (last - first) % 2 == 0
        return any(map(self._has, range(first, last + 1, 2 if same_side else 1)))

    def _has(self, number: int) -> bool:
        within = (self.first or 0) <= number <= (self.last or number)
        return within and (self.parity == "all" or (number % 2 == 1) is (self.parity == "odd"))


def streets(session: Session) -> list[str]:
    """The streets of the register, and towns that have none, as they are offered."""
    words = session.scalars(select(RegisterWord.word).where(RegisterWord.field == "street"))
    towns = session.scalars(
        select(Customer.town).where(Customer.street.is_(None), Customer.town.is_not(None)).distinct()
    )
    return sorted({_titled(word) for word in words} | {town for town in towns if town})


def known_place(session: Session, typed: str) -> tuple[str, bool] | None:
    """The street that was meant as the register spells it; or a town without streets, and True. None for neither."""
    spelled = _spellings(session, Customer.street, typed)
    if spelled:
        return min(spelled, key=lambda name: (name.isupper(), name)), False
    towns = _spellings(session, Customer.town, typed, Customer.street.is_(None))
    return (min(towns), True) if towns else None


def customers_at(session: Session, street: str, houses: Houses, day: date, *, streetless: bool = False) -> list[str]:
    """The numbers of those who take water there on that day."""
    column: Any = Customer.town if streetless else Customer.street
    of_points = POINTS.c.town if streetless else POINTS.c.street
    nowhere = [Customer.street.is_(None)] if streetless else []
    now = and_(in_force(POINTS), POINTS.c.valid_from <= day, or_(POINTS.c.valid_to.is_(None), POINTS.c.valid_to >= day))
    at_points = select(POINTS.c.customer_no, POINTS.c.house).where(
        is_one_of(session, of_points, _spellings(session, of_points, street)),
        now,
        *([POINTS.c.street.is_(None)] if streetless else []),
    )
    found = {number for number, house in session.execute(at_points) if houses.has(house)}
    spelled = _spellings(session, column, street)
    of_register = select(Customer.customer_no, Customer.house).where(is_one_of(session, column, spelled), *nowhere)
    listed = {number for number, house in session.execute(of_register) if houses.has(house)} - found
    elsewhere = select(POINTS.c.customer_no).where(is_one_of(session, POINTS.c.customer_no, listed), now)
    return sorted(found | (listed - set(session.scalars(elsewhere))))


def _spellings(session: Session, column: Any, name: str, *which: ColumnElement[bool]) -> set[str]:
    """How that name is spelled in a column: databases do not know which Polish letters are the same.

    A square is no street of the same name, unless there is nothing else of that name.
    """
    (is_square, wanted), found = _key(name), dict[bool, set[str]]()
    for each in session.scalars(select(column).where(*which).distinct()):
        of_square, bare = _key(each or "")
        if each and bare == wanted:
            found.setdefault(of_square, set()).add(each)
    return found.get(is_square) or found.get(not is_square, set())


def _key(name: str) -> tuple[bool, str]:
    """Whether it is a square, and the name without what kind of street it is."""
    words = plain(name).split()
    kinds = list(takewhile(_KINDS.__contains__, words[:-1]))
    return not _SQUARES.isdisjoint(kinds), " ".join(words[len(kinds) :])


def _titled(word: str) -> str:
    return " ".join(part if _ROMAN.fullmatch(part) else part.capitalize() for part in word.split())


def named(street: str, houses: Houses, *, streetless: bool) -> str:
    """The place as a message tells it: 'ul. Łąkowa, numery nieparzyste 1-15'."""
    has_kind = plain(street).split()[:1] and plain(street).split()[0] in _KINDS
    name = street if streetless or has_kind else f"ul. {street}"
    return ", ".join(part for part in (name, " ".join(_numbers(houses))) if part)


def _numbers(houses: Houses) -> Iterable[str]:
    parity = {"odd": "nieparzyste", "even": "parzyste"}.get(houses.parity)
    if houses.first is None and houses.last is None and parity is None:
        return
    yield "numery"
    if parity is not None:
        yield parity
    match houses.first, houses.last:
        case int(first), int(last):
            yield str(first) if first == last else f"{first}–{last}"
        case int(first), None:
            yield f"od {first}"
        case None, int(last):
            yield f"do {last}"
