"""Re-encrypting old data with the newest key: value by value, resumable, while everybody works.

What is encrypted says the database: all binary columns of all its tables, whether this process knows them or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, LargeBinary, MetaData, Table, select, tuple_, update

from database.encryption import another_key
from database.engine import Session, reading, transaction
from database.keys import SecretKeyError, key_ring

_BUNDLE = 500
"""Rows in one transaction: SQLite lets nobody else write meanwhile."""


def encrypt_anew() -> Iterator[int]:
    """Encrypt what another key than the newest encrypted; gives the number of values changed in each bundle.

    A value that somebody writes meanwhile is left: he writes it with the newest key. SecretKeyError where a value fits
    none of the keys; what was done until then stays.
    """
    found = MetaData()
    with reading() as session:
        found.reflect(session.connection())
    for _, table in sorted(found.tables.items()):
        for column in table.columns:
            if isinstance(column.type, LargeBinary):
                yield from _column(table, column)


def _column(table: Table, column: Column[object]) -> Iterator[int]:
    with reading() as session:
        rows = [tuple(row) for row in session.execute(select(*table.primary_key).where(column.is_not(None)))]
    for at in range(0, len(rows), _BUNDLE):
        with transaction() as session:
            yield _bundle(session, table, column, rows[at : at + _BUNDLE])


def _bundle(session: Session, table: Table, column: Column[object], rows: list[tuple[object, ...]]) -> int:
    changed, keys = 0, list(table.primary_key)
    found = session.execute(select(*keys, column).where(tuple_(*keys).in_(rows), column.is_not(None))).all()
    for *key, token in found:
        anew = _anew(bytes(token))
        if anew is None:
            continue
        same = [each == value for each, value in zip(keys, key, strict=True)]
        session.execute(update(table).where(*same, column == token).values({column.name: anew}))
        changed += 1
    return changed


def _anew(token: bytes) -> bytes | None:
    """The token under the newest key, None where it is so already."""
    ring = key_ring()
    try:
        ring.encryption_of_newest.decrypt(token)
    except InvalidToken:
        try:
            return ring.encryption.rotate(token)
        except InvalidToken as error:
            raise SecretKeyError(another_key()) from error
    return None
