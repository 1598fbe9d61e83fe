"""Which keys the database was written with: a program that lacks one is stopped before it writes."""

from __future__ import annotations

from sqlalchemy import Connection, String, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import another_key, fingerprints
from database.engine import Base
from database.keys import SecretKeyError, has_keys


class KeyMark(Base):
    """A row a key: its fingerprint, which tells nothing of it."""

    __tablename__ = "key_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))


def require_keys(connection: Connection) -> None:
    """SecretKeyError when one of the keys that the database was written with is not in force; also when all are lost.

    The oldest alone would not do: a copy of the file from before a key was added has it as well.
    """
    marked = set(connection.scalars(select(KeyMark.fingerprint)))
    # A lost key is not replaced by a new one, which would be kept.
    if marked and (not has_keys() or not marked <= set(fingerprints())):
        raise SecretKeyError(another_key())


def mark(connection: Connection) -> None:
    """Note the keys in force; the caller holds the database alone."""
    marked = set(connection.scalars(select(KeyMark.fingerprint)))
    last = connection.scalar(select(func.max(KeyMark.id))) or 0
    for number, each in enumerate((each for each in fingerprints() if each not in marked), last + 1):
        connection.execute(insert(KeyMark).values(id=number, fingerprint=each))
