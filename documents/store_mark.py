"""Whether the store of originals is the one of the register: both bear the same mark.

A machine with a folder of its own would take files in that no other machine can read, and what erases files that no row
stands for would erase those of another installation.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from database.engine import Base, insert_if_absent, reading, transaction
from documents.originals import is_there, stored_files
from documents.store import store
from documents.tables import Document, Original

_NAME: Final = "store.id"
_ONLY: Final = 1
_LOOKED_AT: Final = 20
"""Originals that are looked for: the newest, for they are the next that somebody wants."""


class StoreMark(Base):
    """One row: what the store of this register bears."""

    __tablename__ = "store_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """What the store of this machine is to the register.

    ``ours`` is None while neither bears a mark; ``missing`` of the ``looked`` newest originals are not there.
    """

    ours: bool | None
    looked: int
    missing: int

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it."""
        return self.ours is not False and not self.missing


def standing() -> StoreStanding:
    """How the store stands to the register; StoreUnreachableError when it does not answer."""
    with reading() as session:
        mark, newest = mark_of(session), _newest(session)
    found = mark_found()
    return StoreStanding(None if mark is None and found is None else mark == found, len(newest), len(_missing(newest)))


def claim_store() -> StoreStanding:
    """As ``standing``, after the store and the register got one mark where that is safe.

    A store that bears none is the register's when it holds nothing that the register does not know; when the register
    has its mark already, it must hold what that names.
    """
    with reading() as session:
        mark, newest = mark_of(session), _newest(session)
    found = mark_found()
    if found is None and (_all_known() if mark is None else newest and not _missing(newest)):
        write_mark(mark or secrets.token_hex(16))
        found = mark_found()
    if mark is None and found is not None and _all_known():
        with transaction() as session:
            insert_if_absent(session, StoreMark, {"id": _ONLY, "mark": found})
    return standing()


def is_anothers() -> bool:
    """Whether the store is certainly not the one of this register."""
    with reading() as session:
        mark = mark_of(session)
    return mark != mark_found()


def mark_of(session: Session) -> str | None:
    """What the store of this register bears; None where it has none yet."""
    return session.scalar(select(StoreMark.mark))


def mark_found() -> str | None:
    """What the store in force bears."""
    try:
        with store().read(_NAME) as file:
            return file.read().decode(errors="replace").strip()
    except FileNotFoundError:
        return None


def write_mark(mark: str) -> None:
    """Give that mark to a store that bears none."""
    with store().draft() as draft:
        draft.file.write(mark.encode())
        draft.keep(_NAME)


def _newest(session: Session) -> set[str]:
    """The newest originals that somebody has a claim to."""
    wanted = (Document.original_sha256.is_not(None), Document.original_released_at.is_(None))
    found = select(Document.original_sha256).where(*wanted).order_by(Document.id.desc()).limit(_LOOKED_AT)
    return {sha256 for sha256 in session.scalars(found) if sha256 is not None}


def _missing(named: set[str]) -> set[str]:
    return {sha256 for sha256 in named if not is_there(sha256)}


def _all_known() -> bool:
    """Whether what the store holds, by its first file, is known to the register."""
    first = next(stored_files(), None)
    if first is None:
        return True
    with reading() as session:
        return session.get(Original, first[0]) is not None
