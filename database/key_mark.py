"""The mark of the key that a database was begun with: a program with another key is stopped before it writes."""

from __future__ import annotations

from sqlalchemy import Connection, String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import another_key, fingerprint
from database.engine import Base
from database.keys import SecretKeyError, has_keys


class KeyMark(Base):
    """The one row: fingerprint of the key, which tells nothing of it."""

    __tablename__ = "key_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))


def is_marked(connection: Connection) -> bool:
    """Whether the database has its mark; SecretKeyError when that is of another key, or the key of it is missing."""
    marked = connection.scalar(select(KeyMark.fingerprint))
    if marked is None:
        return False
    if not has_keys() or fingerprint() != marked:  # a lost key is not replaced by a new one, which would be kept
        raise SecretKeyError(another_key())
    return True


def mark(connection: Connection) -> None:
    """Note the key in force; the caller holds the database alone."""
    connection.execute(insert(KeyMark).values(id=1, fingerprint=fingerprint()))
