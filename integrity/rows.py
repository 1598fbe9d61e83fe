"""Comparisons of rows with rows: a condition on one table, looked at window by window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from database.engine import Session, reading
from integrity.differences import Comparison, Difference, DifferenceKind, Scope

_WINDOW: Final = 5_000
"""Rows looked at in one session: a long one would keep the log of SQLite from being emptied."""
_ASKED_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Rows(Comparison):
    """Rows of the table of ``key`` for which ``differs`` holds: they are the differences.

    ``key`` is a column that is unique and indexed, ``subject`` what is told of a row. ``mender`` mends a row that the
    transaction holds for itself, on behalf of an actor.
    """

    name: str
    kind: DifferenceKind
    key: InstrumentedAttribute[Any]
    subject: Any
    differs: Callable[[], ColumnElement[bool]]
    mender: Callable[[Session, Any, str], None] | None = None
    kinds: tuple[DifferenceKind, ...] = field(init=False)

    def __post_init__(self) -> None:
        """The one kind."""
        object.__setattr__(self, "kinds", (self.kind,))

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Walk through the table by its key."""
        for window in windows(self.key):
            with reading() as session:
                found = session.execute(self._wanted().where(*window).order_by(self.key)).all()
            yield from (Difference(self.kind, key, str(subject)) for key, subject in found)
            scope.progress(_WINDOW)

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Ask for just these rows."""
        keys = [one.key for one in found]
        still = set[Any]()
        for at in range(0, len(keys), _ASKED_AT_ONCE):
            with reading() as session:
                still.update(session.scalars(self._wanted().where(self.key.in_(keys[at : at + _ASKED_AT_ONCE]))))
        return [one for one in found if one.key in still]

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Hold the row, look once more, and mend it."""
        table = self.key.class_
        wanted = select(table).where(self.key == difference.key, self.differs()).with_for_update(of=table)
        wanted = wanted.execution_options(populate_existing=True)
        row = session.scalars(wanted).first()
        if row is None or self.mender is None:
            return False
        self.mender(session, row, actor)
        session.flush()
        return session.scalars(wanted).first() is None

    def _wanted(self) -> Select[Any]:
        return select(self.key, self.subject).where(self.differs())


def windows(key: InstrumentedAttribute[Any], size: int = _WINDOW) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions that part a table into windows of so many rows, in the order of a key; the last one has no end."""
    after: tuple[ColumnElement[bool], ...] = ()
    while True:
        with reading() as session:
            last = session.scalar(select(key).where(*after).order_by(key).offset(size - 1).limit(1))
        yield after if last is None else (*after, key <= last)
        if last is None:
            return
        after = (key > last,)
