"""Files that rooms above keep in the store of originals, beside the documents: of invoices, meters and questions.

What has a claim is not erased, is in backups and is looked at by ``ebok check`` as every original is. Several may claim
the same bytes: a customer sends the file of his invoice along with a question. All functions work inside the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import Session

from database.engine import insert_all_absent
from documents.originals import OriginalError, StoredFile, is_there
from documents.tables import Original
from environment import clock

INVOICES = "invoices"
"""Pictures of invoices."""
READINGS = "readings"
"""Photos of meters."""
QUESTIONS = "questions"
"""Files that came with questions."""


def keep(session: Session, files: Sequence[StoredFile], whom: str) -> None:
    """Note stored files as kept for that room; OriginalError when one was erased meanwhile, to be stored again.

    Whoever erases originals holds the same rows.
    """
    at = clock.now()
    rows = {
        one.sha256: {
            "sha256": one.sha256,
            "size": one.size,
            "media_type": one.media_type,
            "path": one.path,
            "stored_at": at,
            "kept_for": whom,
        }
        for one in files
    }
    insert_all_absent(session, Original, [rows[sha256] for sha256 in sorted(rows)])
    wanted = select(Original).where(Original.sha256.in_(rows)).order_by(Original.sha256).with_for_update()
    for row in session.scalars(wanted.execution_options(populate_existing=True)):
        if row.erased_at is not None:
            row.erased_at, row.stored_at = None, at
        row.kept_for = " ".join(sorted({*(row.kept_for or "").split(), whom}))
    session.flush()
    if not all(is_there(sha256) for sha256 in rows):
        raise OriginalError("the original was erased while the same file was taken in; it is tried again later")


def kept(session: Session, digests: Collection[str], whom: str) -> set[str]:
    """Which of these files are kept for that room already."""
    claimed = (kept_for(whom), Original.erased_at.is_(None))
    return set(session.scalars(select(Original.sha256).where(Original.sha256.in_(digests), *claimed)))


def let_go(session: Session, digests: Collection[str], whom: str) -> None:
    """The room has no claim to these any more; the files go with the last claim."""
    wanted = select(Original).where(Original.sha256.in_(digests), kept_for(whom)).order_by(Original.sha256)
    for row in session.scalars(wanted.with_for_update().execution_options(populate_existing=True)):
        row.kept_for = " ".join(sorted({*(row.kept_for or "").split()} - {whom})) or None
    session.flush()


def kept_for(whom: str) -> ColumnElement[bool]:
    """Condition on an original: that room has a claim to it."""
    return (literal(" ") + Original.kept_for + literal(" ")).contains(f" {whom} ", autoescape=True)
