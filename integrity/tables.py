"""Tables of the nightly check: when it was, and what it found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant


class NightlyCheck(Base):
    """The one row: when the last one began and ended; ``complete`` is False where it may not have told all."""

    __tablename__ = "integrity_check"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    complete: Mapped[bool]


class DifferenceFound(Base):
    """A difference that the last check found; ``since`` is when it was found first.

    ``mark`` is a keyed digest that tells it from others, ``subject`` what is told of it: no more than a number.
    """

    __tablename__ = "integrity_findings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    code: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime] = mapped_column(Instant)
