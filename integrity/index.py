"""The index of the customer register against its customers: what finds them, and how many have a word.

Whoever changes a customer changes the index in the same transaction, so each look sees both as they belong together.
A PESEL costs its decryption, so of those a share is looked at each day.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, Final
from zlib import crc32

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, bindparam, func, literal, select, tuple_
from sqlalchemy.orm import Session

from customers.keys import lookup_keys, pesel_key
from customers.register_index import OF_INDEX, described, held, renew, words_of
from customers.tables import Customer, NameWord, RegisterIndex, RegisterWord
from database.engine import insert_if_absent, reading
from environment import clock
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose
from integrity.rows import windows

_WINDOW: Final = 1_000
_PESEL_SHARE: Final = 50
"""One customer in so many is looked at each day."""
_COUNTED_AT_ONCE: Final = 200_000
"""Words whose counts are held in memory."""
_MENDS: Final = "Popraw indeks: ebok check --repair. Do tego czasu biuro i odczyt mogą tego klienta nie znaleźć."

INCOMPLETE: Final = DifferenceKind(
    "index_incomplete",
    "Indeks klientów nie jest pełny.",
    "Uzupełnij go: ebok customers index.",
    Whose.OTHER,
)
KEYS: Final = DifferenceKind(
    "index_keys",
    "Klucze, po których szuka się klienta, są inne, niż wynika z jego danych.",
    _MENDS,
    Whose.CUSTOMER,
    mending="wylicza klucze na nowo",
)
WORD_MISSING: Final = DifferenceKind(
    "index_word_missing", "W indeksie brakuje słowa z nazwy klienta.", _MENDS, Whose.CUSTOMER, mending="dopisuje słowo"
)
WORD_LEFT: Final = DifferenceKind(
    "index_word_left",
    "W indeksie jest słowo, którego nazwa klienta nie ma.",
    _MENDS,
    Whose.CUSTOMER,
    mending="usuwa słowo",
)
COUNT: Final = DifferenceKind(
    "index_count",
    "Liczba klientów z jakimś słowem jest w indeksie inna niż w rejestrze.",
    _MENDS,
    Whose.OTHER,
    mending="poprawia liczbę",
)


class Index(Comparison):
    """Keys, words and counts of all customers whom the index has reached."""

    name = "Indeks klientów"
    kinds = (INCOMPLETE, KEYS, WORD_MISSING, WORD_LEFT, COUNT)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Customers window by window, words window by window, then the counts."""
        with reading() as session:
            reached = session.scalar(select(RegisterIndex.reached))
        if reached is not None:
            yield Difference(INCOMPLETE, reached, "register_index")
            return
        for window in windows(Customer.customer_no, _WINDOW):
            with reading() as session:
                found = _of_customers(session, window)
            yield from found
            scope.progress(_WINDOW)
        yield from _words_left(scope)
        yield from _counts(scope)

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """All of them: each was seen in one look, with what it belongs to. An index that is being made grows."""
        with reading() as session:
            reached = session.scalar(select(RegisterIndex.reached))
        return [one for one in found if one.kind is not INCOMPLETE or one.key == reached]

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Put the index right while it is held."""
        if difference.kind is COUNT:
            return _mend_count(session, *difference.key)
        word, number = difference.key
        index = held(session, [number])
        customer = session.get(Customer, number, populate_existing=True)
        if difference.kind is KEYS:
            return customer is not None and _mend_keys(session, index, customer)
        stands = customer is not None and word in (customer.name_key or "").split()
        if difference.kind is WORD_MISSING:
            return stands and insert_if_absent(session, NameWord, {"word": word, "customer_no": number})
        left = None if stands else session.get(NameWord, (word, number))
        if left is not None:
            session.delete(left)
            session.flush()
        return left is not None


def _of_customers(session: Session, window: tuple[ColumnElement[bool], ...]) -> list[Difference]:
    columns = [Customer.customer_no, Customer.name, Customer.street, Customer.house, Customer.flat, Customer.postcode]
    columns += [Customer.town, Customer.unusable, Customer.name_key, Customer.address_key]
    rows = session.execute(select(*columns).where(*window)).mappings().all()
    found = [
        Difference(KEYS, ("", row["customer_no"]), row["customer_no"])
        for row in rows
        if (row["name_key"], row["address_key"]) != _keys(row)
    ]
    told = {one.subject for one in found}
    wrong = _wrong_pesel_keys(session, [row["customer_no"] for row in rows])
    found += [Difference(KEYS, ("", number), number) for number in wrong if number not in told]
    pairs = [(word, row["customer_no"]) for row in rows for word in sorted(set((row["name_key"] or "").split()))]
    there = _indexed(session, pairs)
    found += [Difference(WORD_MISSING, pair, pair[1]) for pair in pairs if pair not in there]
    return found


def _indexed(session: Session, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these words and customers that stand in the index, each sought by its key."""
    dialect = session.get_bind().dialect.name
    given: dict[str, Any] = {"rows": json.dumps(pairs)}
    if dialect == "postgresql":
        given = {"words": [word for word, _ in pairs], "numbers": [number for _, number in pairs]}
    return {(word, number) for word, number in session.execute(_seeking(dialect), given)}


@cache
def _seeking(dialect: str) -> Select[Any]:
    """One statement for any number of pairs: it is put together once."""
    if dialect == "postgresql":
        given = (bindparam(name, type_=ARRAY(String)) for name in ("words", "numbers"))
        asked: Any = func.unnest(*given).table_valued("word", "customer_no").render_derived()
        word, number = asked.c.word, asked.c.customer_no
    else:
        asked = func.json_each(bindparam("rows", type_=String)).table_valued("value")
        word, number = (func.json_extract(asked.c.value, f"$[{at}]") for at in (0, 1))
    same = and_(NameWord.word == word, NameWord.customer_no == number)
    return select(NameWord.word, NameWord.customer_no).select_from(asked).join(NameWord, same)


def _keys(row: Any) -> tuple[str | None, str | None]:
    known = {name: row[name] for name in ("name", "street", "house", "flat", "postcode", "town")}
    lost = frozenset(name for name in row["unusable"] or () if known.get(name) is None)
    made = lookup_keys(known, lost)
    return made["name_key"], made["address_key"]


def _wrong_pesel_keys(session: Session, numbers: Collection[str]) -> list[str]:
    day = clock.today().toordinal() % _PESEL_SHARE
    drawn = [number for number in numbers if crc32(number.encode()) % _PESEL_SHARE == day]
    rows = session.execute(
        select(Customer.customer_no, Customer.pesel, Customer.pesel_key).where(Customer.customer_no.in_(drawn))
    )
    return [number for number, pesel, key in rows if key != (pesel_key(pesel) if pesel else None)]


def _words_left(scope: Scope) -> Iterator[Difference]:
    after: tuple[str, str] | None = None
    while True:
        wanted = select(NameWord.word, NameWord.customer_no, Customer.name_key).outerjoin(
            Customer, Customer.customer_no == NameWord.customer_no
        )
        if after is not None:
            wanted = wanted.where(tuple_(NameWord.word, NameWord.customer_no) > tuple_(*map(literal, after)))
        with reading() as session:
            rows = session.execute(wanted.order_by(NameWord.word, NameWord.customer_no).limit(_WINDOW)).all()
        for word, number, key in rows:
            if word not in (key or "").split():
                yield Difference(WORD_LEFT, (word, number), number)
        if len(rows) < _WINDOW:
            return
        after = rows[-1].word, rows[-1].customer_no
        scope.progress(_WINDOW)


def _counts(scope: Scope) -> Iterator[Difference]:
    """In one look each: counts of words in the register against those kept, as many words at a time as fit."""
    with reading() as session:
        parts = 1 + (session.scalar(select(func.count()).select_from(RegisterWord)) or 0) // _COUNTED_AT_ONCE
    for part in range(parts):
        wrong = Counter[tuple[str, str]]()
        with reading() as session:
            kept = select(RegisterWord.field, RegisterWord.word, RegisterWord.count).execution_options(
                yield_per=_WINDOW
            )
            for field, word, count in session.execute(kept):
                if _is_of(word, part, parts):
                    wrong[field, word] += count
            columns = [getattr(Customer, name) for name in OF_INDEX]
            for row in session.execute(select(*columns).execution_options(yield_per=_WINDOW)).mappings():
                for field, word in words_of(dict(row)):
                    if _is_of(word, part, parts):
                        wrong[field, word] -= 1
        for (field, word), error in wrong.items():
            if error:
                told = f"o {abs(error)} za {'dużo' if error > 0 else 'mało'}"
                yield Difference(COUNT, (field, word, error), field, told)
        scope.progress(_WINDOW)


def _is_of(word: str, part: int, parts: int) -> bool:
    return parts == 1 or crc32(word.encode()) % parts == part


def _mend_keys(session: Session, index: RegisterIndex, customer: Customer) -> bool:
    before = described(session, [customer.customer_no])
    lost = frozenset(name for name in customer.unusable or () if getattr(customer, name) is None)
    known = {name: getattr(customer, name) for name in ("name", "pesel", "street", "house", "flat", "postcode", "town")}
    for name, key in lookup_keys(known, lost).items():
        setattr(customer, name, key)
    session.flush()
    renew(session, index, before, described(session, [customer.customer_no]))
    return True


def _mend_count(session: Session, field: str, word: str, error: int) -> bool:
    """What others count meanwhile is added to it, so the error is the same as when it was found."""
    index = held(session, ())
    kept = session.get(RegisterWord, (field, word), populate_existing=True)
    if kept is None:
        kept = RegisterWord(field=field, word=word, count=0)
        session.add(kept)
    kept.count -= error
    if kept.count <= 0:
        session.flush()
        session.delete(kept)
    index.words_state += 1
    session.flush()
    return True


COMPARISONS: Final[tuple[Comparison, ...]] = (Index(),)
"""What is compared here."""
