"""Many rows at once: for an import of a million customers, what is done for each row costs more than the database.

Values are made what the driver takes where nobody waits for the transaction, keys are looked for once for many values,
and a statement takes its rows as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    CursorResult,
    Dialect,
    Insert,
    String,
    Table,
    Update,
    any_,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from database.encryption import EncryptedText, encrypter
from database.engine import Instant

Made = Mapping[str, Callable[[Any], Any]]
"""By column, what makes a value into what the driver takes; what it takes as it is has none."""


def is_one_of(
    session: Session,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | Column[Any],
    values: Collection[str],
) -> ColumnElement[bool]:
    """Condition: the column is one of these texts; one parameter, however many they are."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(type_coerce(list(values), ARRAY(String)))
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def made_for(table: Table, dialect: Dialect) -> Made:
    """What rows of that table need to be written by ``Prepared``: for a bundle of them, since keys may change."""
    found: dict[str, Callable[[Any], Any]] = {}
    for column in table.columns:
        made = column.type.dialect_impl(dialect).bind_processor(dialect)
        if isinstance(column.type, EncryptedText):
            found[column.name] = _sealed(encrypter())
        elif isinstance(column.type, Instant) and made is not None:
            found[column.name] = cache(made)  # one moment for all rows
        elif made is not None:
            found[column.name] = made
    return found


def _sealed(encrypted: Callable[[str], bytes]) -> Callable[[str | None], bytes | None]:
    return lambda text: None if text is None else encrypted(text)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it, for rows by name; made once, since that costs more than a small bundle."""

    text: str
    order: tuple[str, ...] | None

    def write(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        """Execute it for each of these rows, whose values are made what the driver takes (``made_for``)."""
        given = rows if self.order is None else list(map(itemgetter(*self.order), rows))
        return session.connection().exec_driver_sql(self.text, given)


def prepared(statement: Insert | Update, dialect: Dialect, names: Collection[str]) -> Prepared:
    """The statement for rows that have these names."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return Prepared(compiled.string, None if compiled.positiontup is None else tuple(compiled.positiontup))
