"""The index of the register: words by which customers are found, and how many customers have which.

Whoever adds, changes or erases a customer tells it here in the same transaction: ``held`` first, then ``renew`` with
what stood there and what stands there now. Nothing is gathered at a start. Names and addresses stand in clear in the
register, so words of them do, too; a count that comes to nothing goes, and the word with it
(docs/decisions/0025-the-register-is-asked-by-index.md).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    String,
    Table,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from customers.bulk import is_one_of
from customers.keys import lookup_keys, name_key
from customers.tables import Customer, NameWord, RegisterIndex, RegisterWord
from database.engine import Base, insert_for, insert_if_absent, reading, transaction

Values = Mapping[str, Any]
"""A customer by column, those of ``OF_INDEX`` at least."""

OF_INDEX: Final = ("customer_no", "name", "name_key", "street", "postcode", "town")
"""Columns that the index is made of."""
_LAST: Final = "\U0010ffff"
"""The last of all signs: it ends the range of words that begin alike."""
_BUNDLE: Final = 1000
"""Customers in one transaction: others write in between."""
_NAMES, _COUNTS = cast("Table", NameWord.__table__), cast("Table", RegisterWord.__table__)


def held(session: Session, numbers: Collection[str]) -> RegisterIndex:
    """The rows of these customers, then the state of the index: the caller's alone until his transaction ends.

    Whoever changes a customer holds him before the index, or two of them would wait for each other for good.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        wanted = select(Customer.customer_no).where(is_one_of(session, Customer.customer_no, numbers))
        session.execute(wanted.order_by(Customer.customer_no).with_for_update()).all()
    insert_if_absent(session, RegisterIndex, {"id": 1, "words_state": 0})
    return session.scalars(select(RegisterIndex).with_for_update().execution_options(populate_existing=True)).one()


def described(session: Session, numbers: Collection[str]) -> list[Values]:
    """These customers as the index has them now; none of those who are not there."""
    columns = [getattr(Customer, name) for name in OF_INDEX]
    rows = session.execute(select(*columns).where(is_one_of(session, Customer.customer_no, numbers))).mappings()
    return [dict(row) for row in rows]


def renew(session: Session, index: RegisterIndex, before: Iterable[Values], after: Iterable[Values]) -> None:
    """Take out of the index what stood in the register and put in what stands there now.

    Of customers whom the index has not reached yet nothing is in it, and nothing goes in before it does.
    """
    old, new = _reached(index, before), _reached(index, after)
    counts: Counter[tuple[str, str]] = Counter()
    for row in new.values():
        counts.update(words_of(row))
    for row in old.values():
        counts.subtract(words_of(row))
    names = {
        number: (_search_words(old.get(number)), _search_words(new.get(number))) for number in sorted({*old, *new})
    }
    _rename(session, names)
    _count(session, index, {word: number for word, number in counts.items() if number})


def index_rest() -> Iterator[int]:
    """Bring the customers into the index whom it has not reached yet; gives how many each bundle had.

    Their keys are made, too, where they have none. It may be broken off and goes on where it was.
    """
    while True:
        with transaction() as session:
            number = _index_bundle(session)
        if not number:
            return
        yield number


def indexed_share() -> float:
    """The share of customers whom the index has reached; 1 when it is whole."""
    with reading() as session:
        reached = session.scalar(select(RegisterIndex.reached))
        if reached is None:
            return 1.0
        every = session.scalar(select(func.count()).select_from(Customer)) or 1
        return (session.scalar(select(func.count()).where(Customer.customer_no <= reached)) or 0) / every


def words_of(row: Values) -> Iterator[tuple[str, str]]:
    """What reading is told of a customer: words of his name, his street and town as they are; all in capitals.

    Columns that are not known may be left out.
    """
    for word in (row.get("name") or "").upper().split():
        yield "name", word
    for field in ("street", "town"):
        if row.get(field):
            yield field, row[field].upper()
    if row.get("postcode") and row.get("town"):
        yield "place", f"{row['postcode']} {row['town'].upper()}"


def numbers_named(session: Session, typed: Collection[str], most: int) -> list[str]:
    """Numbers of at most so many customers whose names have all these beginnings of words, written as ``name_key`` is.

    The longest one is what the index seeks by; the customers it finds are asked for the others.
    """
    longest, *others = sorted(set(typed), key=lambda word: (-len(word), word))
    key = " " + Customer.name_key
    also = [key.contains(f" {word}", autoescape=True) for word in others]
    seek = select(NameWord.word, NameWord.customer_no).where(NameWord.word >= longest, NameWord.word < longest + _LAST)
    if also:
        seek = seek.join(Customer, Customer.customer_no == NameWord.customer_no).where(*also)
    seek = seek.order_by(NameWord.word, NameWord.customer_no).limit(most)
    found: dict[str, None] = {}
    after: tuple[str, str] | None = None
    while len(found) < most:
        # A name may have several such words: then one look does not fill the page.
        wanted = (
            seek
            if after is None
            else seek.where(tuple_(NameWord.word, NameWord.customer_no) > tuple_(*map(literal, after)))
        )
        rows = session.execute(wanted).all()
        found.update((row.customer_no, None) for row in rows)
        if len(rows) < most:
            break
        after = rows[-1].word, rows[-1].customer_no
    return [*found, *_not_indexed(session, [longest, *others], most)][:most]


def _not_indexed(session: Session, words: Collection[str], most: int) -> list[str]:
    """Those of them whom the index has not reached yet, looked for one by one: for as long as it is being made."""
    reached = session.scalar(select(RegisterIndex.reached))
    if reached is None:
        return []
    rows = session.execute(
        select(Customer.customer_no, Customer.name).where(Customer.customer_no > reached).order_by(Customer.customer_no)
    )
    named = (row.customer_no for row in rows if _has_all(f" {name_key(row.name)}", words))
    return list(islice(named, most))


def _has_all(key: str, words: Collection[str]) -> bool:
    return all(f" {word}" in key for word in words)


def _index_bundle(session: Session) -> int:
    reached = session.scalar(select(RegisterIndex.reached))
    if reached is None:
        return 0
    wanted = select(Customer).where(Customer.customer_no > reached).order_by(Customer.customer_no).limit(_BUNDLE)
    rows = session.scalars(wanted.with_for_update()).all()
    index = held(session, ())
    if index.reached != reached:
        return 1  # another process has made this bundle
    for row in rows:
        values = {name: getattr(row, name) for name in (*OF_INDEX, "pesel", "house", "flat")}
        for name, key in lookup_keys(values, frozenset(row.unusable or ())).items():
            if getattr(row, name) is None and key is not None:
                setattr(row, name, key)
    session.flush()
    index.reached = rows[-1].customer_no if rows else None
    renew(session, index, (), ({name: getattr(row, name) for name in OF_INDEX} for row in rows))
    session.flush()
    return len(rows)


def _reached(index: RegisterIndex, rows: Iterable[Values]) -> dict[str, Values]:
    return {row["customer_no"]: row for row in rows if index.reached is None or row["customer_no"] <= index.reached}


def _search_words(row: Values | None) -> frozenset[str]:
    return frozenset() if row is None else frozenset((row["name_key"] or "").split())


def _rename(session: Session, names: Mapping[str, tuple[frozenset[str], frozenset[str]]]) -> None:
    gone = [(word, number) for number, (old, new) in names.items() for word in old - new]
    more = [(word, number) for number, (old, new) in names.items() for word in new - old]
    if gone:
        same = [_NAMES.c.word == bindparam("w"), _NAMES.c.customer_no == bindparam("n")]
        session.connection().execute(delete(_NAMES).where(*same), [{"w": word, "n": number} for word, number in gone])
    if more:
        words, numbers = zip(*sorted(more), strict=True)  # the pages of the table one after the other
        _add(session, NameWord, {"word": words, "customer_no": numbers})


def _count(session: Session, index: RegisterIndex, changes: Mapping[tuple[str, str], int]) -> None:
    if not changes:
        return
    pairs = sorted(changes)
    fields, words = zip(*pairs, strict=True)
    numbers = tuple(changes[pair] for pair in pairs)
    _add(session, RegisterWord, {"field": fields, "word": words, "count": numbers}, counted="count")
    fewer = [{"f": field, "w": word} for field, word in pairs if changes[field, word] < 0]
    if fewer:
        same = _COUNTS.c.field == bindparam("f"), _COUNTS.c.word == bindparam("w"), _COUNTS.c.count <= 0
        session.connection().execute(delete(_COUNTS).where(*same), fewer)
    index.words_state += 1
    session.flush()


def _add(session: Session, table: type[Base], columns: Mapping[str, Sequence[Any]], *, counted: str = "") -> None:
    """Rows by column in one statement, whatever their number: parameters of single rows cost more than the rows.

    Where there is such a row, its column ``counted`` is increased.
    """
    dialect = session.get_bind().dialect.name
    given: dict[str, Any] = {name: list(values) for name, values in columns.items()}
    if dialect != "postgresql":
        given = {"rows": json.dumps(list(zip(*columns.values(), strict=True)))}
    session.connection().execute(_adding(dialect, table, tuple(columns), counted), given)


@cache
def _adding(dialect: str, table: type[Base], names: tuple[str, ...], counted: str) -> Any:
    kinds = table.__table__.c
    if dialect == "postgresql":
        arrays = (bindparam(name, type_=ARRAY(kinds[name].type)) for name in names)
        rows = func.unnest(*arrays).table_valued(*names).render_derived()
        found = select(*(rows.c[name] for name in names))
    else:
        each = func.json_each(bindparam("rows", type_=String)).table_valued("value")
        found = select(*(func.json_extract(each.c.value, f"$[{at}]") for at in range(len(names)))).where(true())
    statement = insert_for(dialect)(table).from_select(list(names), found)
    key = [column.name for column in table.__table__.primary_key]
    if not counted:
        return statement.on_conflict_do_nothing()
    more = {counted: kinds[counted] + literal_column(f"excluded.{counted}")}
    return statement.on_conflict_do_update(index_elements=key, set_=more)
