"""Erasing what a document holds once its time is over; what remains is its record: numbers, states and times.

An original goes when the last document lets go of it. All functions work inside the caller's transaction and never
commit; a file is removed in the transaction that notes it, so that a crash in between only repeats the removal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from database.engine import insert_if_absent, reading
from documents.file_names import forget_name
from documents.originals import is_digest, kept_since, remove_original, stored_files
from documents.store_mark import is_anothers
from documents.tables import Document, Original, Reading, Transition
from environment import clock

ERASED: Final = "usunięte zgodnie z okresem przechowywania"
"""What stands wherever something was that is no longer kept."""
SENTENCE: Final = f"{ERASED[0].upper()}{ERASED[1:]}."
RECORD_ERASED: Final = "record_erased"
"""In the audit: that there is no document any more, because the time of its record was over."""

_RECORD: Final = frozenset(
    {
        "id",
        "tracking",
        "original_sha256",
        "channel",
        "state",
        "reason_code",
        "form",
        "version",
        "pages",
        "turns",
        "paper",
        "signed_on",
        "customer_no",
        "parent_tracking",
        "part",
        "duplicate_of",
        "received_at",
        "attempts",
        "last_fault",
        "desk_level",
        "overruled",
        "paper_from",
        "updated_at",
        "values_erased_at",
        "original_released_at",
        "turn",
        "shown_run",
    }
)
"""Columns of a document that stay as its record; what is new among the others is erased with them."""
_OF_THE_ORIGINAL: Final = frozenset({"signatures"})
"""Columns that are evidence of the original, and go with it."""

_BUNDLE: Final = 500
"""Files of the store that are asked for at once."""


class ErasedError(LookupError):
    """What is asked for is no longer kept; ``message`` is Polish."""

    def __init__(self, message: str = SENTENCE) -> None:
        super().__init__("erased")
        self.message = message


def require_original(document: Document) -> None:
    """Do nothing while the document has a claim to its original; ErasedError afterwards."""
    if document.original_released_at is not None:
        raise ErasedError


def erase_values(session: Session, document: Document) -> None:
    """Erase all that was read, typed, noted and told of a document, and what it was called."""
    session.execute(delete(Reading).where(Reading.document_id == document.id))
    session.execute(update(Transition).where(Transition.document_id == document.id).values(note=None))
    forget_name(session, document)
    for column in Document.__table__.columns.keys():  # noqa: SIM118  no dictionary
        if column not in _RECORD and column not in _OF_THE_ORIGINAL:
            setattr(document, column, None)
    document.values_erased_at = clock.now()
    session.flush()


def release_original(session: Session, document: Document) -> None:
    """The document lets go of its original: it shows, hands out and tells nothing of it from now on."""
    for column in _OF_THE_ORIGINAL:
        setattr(document, column, None)
    document.original_released_at = clock.now()
    session.flush()


def released_originals(session: Session, after: str, limit: int) -> list[str]:
    """Originals still in the store to which no document has a claim, by digest, those after ``after``."""
    wanted = select(Original.sha256).where(Original.erased_at.is_(None), Original.sha256 > after, ~_claimed())
    return list(session.scalars(wanted.order_by(Original.sha256).limit(limit)))


def erase_original(session: Session, sha256: str) -> bool:
    """Remove the file of an original; False when a document has a claim to it by now."""
    row = session.scalar(
        select(Original).where(Original.sha256 == sha256).with_for_update().execution_options(populate_existing=True)
    )
    # Asked again under the lock, which whoever takes the same bytes in holds until his document is there.
    if row is None or session.scalar(select(_claimed()).where(Original.sha256 == sha256)):
        return False
    remove_original(sha256)
    row.erased_at = clock.now()
    session.flush()
    return True


def stray_files(before: datetime) -> Iterator[str]:
    """Digests of files in the store, older than that, that no original in force stands for: a crash left them.

    None of a store that is another register's.
    """
    if is_anothers():
        return
    names = (sha256 for sha256, since in stored_files() if is_digest(sha256) and since < before)
    while bundle := list(islice(names, _BUNDLE)):
        with reading() as session:
            found = select(Original.sha256).where(Original.sha256.in_(bundle), _stands())
            standing = set(session.scalars(found))
        yield from (sha256 for sha256 in bundle if sha256 not in standing)


def standing_originals(session: Session) -> list[str]:
    """The digests of all originals whose files are to be in the store, in order."""
    return list(session.scalars(select(Original.sha256).where(_stands()).order_by(Original.sha256)))


def erase_stray(session: Session, sha256: str, before: datetime) -> bool:
    """Remove a file of the store, older than that, that no original stands for; False when one does by now.

    The row is made for as long as that takes: who takes the same bytes in waits, and finds the file gone.
    """
    row = {"sha256": sha256, "size": 0, "media_type": "", "path": "", "stored_at": clock.now()}
    made = insert_if_absent(session, Original, row)
    if not made:
        session.scalars(select(Original).where(Original.sha256 == sha256).with_for_update()).one()
        if session.scalar(select(Original.sha256).where(Original.sha256 == sha256, _stands())) is not None:
            return False
    since = kept_since(sha256)
    old = since is not None and since < before
    if old:
        remove_original(sha256)
    if made:
        session.execute(delete(Original).where(Original.sha256 == sha256))
    return old


def _stands() -> ColumnElement[bool]:
    """Condition on an original: its file is to be there."""
    return or_(Original.erased_at.is_(None), _claimed())


def erase_record(session: Session, document: Document) -> None:
    """Erase the record of a document too, and that of its original when it is the last one.

    The audit tells it, so that a document that is not there can be told from one that was lost.
    """
    sha256 = document.original_sha256
    record(session, actor="machine", action=RECORD_ERASED, subject=document.tracking)
    session.execute(delete(Transition).where(Transition.document_id == document.id))
    session.execute(delete(Reading).where(Reading.document_id == document.id))
    session.delete(document)
    session.flush()
    if sha256 is not None:
        unused = (Original.sha256 == sha256, Original.erased_at.is_not(None), ~_known())
        session.execute(delete(Original).where(*unused).execution_options(synchronize_session=False))


def is_claimed(session: Session, document: Document) -> bool:
    """Whether some document has a claim to the original of this one."""
    return bool(session.scalar(select(_claimed()).where(Original.sha256 == document.original_sha256)))


def shares_original(session: Session, document: Document, own: frozenset[str]) -> bool:
    """Whether documents that are none of ``own`` (trackings) came in the same original."""
    same = (Document.original_sha256 == document.original_sha256, Document.tracking.not_in(own))
    return bool(session.scalar(select(func.count()).select_from(Document).where(*same)))


def _claimed() -> ColumnElement[bool]:
    of_documents = exists().where(Document.original_sha256 == Original.sha256, Document.original_released_at.is_(None))
    return or_(of_documents, Original.kept_for.is_not(None))


def _known() -> ColumnElement[bool]:
    return exists().where(Document.original_sha256 == Original.sha256)
