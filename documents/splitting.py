"""One original, several forms: the documents that are found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from documents.entries import find_or_add_document
from documents.loading import lock
from documents.states import State
from documents.tables import Document, Reading
from documents.values import keep_signatures, record_problems, save_readings
from environment import clock
from forms.electronic_signature import ElectronicSignature
from forms.form import Problem
from forms.submission import Submission


@dataclass(frozen=True, slots=True)
class FoundForm:
    """One form found in an original, on ``pages`` (1-based); ``submission`` is None when it is none of ours."""

    form: str | None
    version: str | None
    pages: tuple[int, ...]
    submission: Submission | None
    source: str
    problems: tuple[Problem, ...] = ()


def split(
    session: Session,
    document: Document,
    parts: Sequence[FoundForm],
    *,
    ignored_pages: Sequence[int] = (),
    turns: Mapping[int, int] | None = None,
    signatures: Sequence[ElectronicSignature] = (),
) -> list[Document]:
    """Record the forms found in an original: the document itself is the first, each further one a new document.

    ``turns`` are the quarter turns clockwise by which its pages are to be shown, ``signatures`` those of the file.

    A document that was split before is left as it is: the same documents are given again, so a repetition after a crash
    is safe. Readings and problems of every part are saved; ``document.pages`` is not None afterwards.
    """
    return split_and_tell(session, document, parts, ignored_pages=ignored_pages, turns=turns, signatures=signatures)[0]


def split_and_tell(
    session: Session,
    document: Document,
    parts: Sequence[FoundForm],
    *,
    ignored_pages: Sequence[int] = (),
    turns: Mapping[int, int] | None = None,
    signatures: Sequence[ElectronicSignature] = (),
) -> tuple[list[Document], dict[str, Reading] | None]:
    """As ``split``; and the readings in force of the document itself, where it is one of our forms and was split now.

    Whoever goes on with it need not have them found and decrypted again.
    """
    document = lock(session, document)
    if document.pages is not None:
        return [document, *_children(session, document)], None
    if not parts:
        raise ValueError("an original is split into at least one part")
    found = [document, *(_child(session, document, number) for number in range(2, len(parts) + 1))]
    readings = list[dict[str, Reading] | None]()
    for each, part in zip(found, parts, strict=True):
        each.form, each.version, each.pages = part.form, part.version, list(part.pages)
        each.turns = {str(page): turn for page, turn in (turns or {}).items()} or None
        each.updated_at, each.shown = clock.now(), None
        each.paper = part.source == "scan" if part.submission is None else part.submission.paper
        keep_signatures(each, signatures)
        record_problems(session, each, part.problems)
        # What was not split before has no readings yet.
        read = None if part.submission is None else save_readings(session, each, part.submission, "machine", {})
        readings.append(read)
    detail = {
        "parts": [{"tracking": each.tracking, "pages": each.pages} for each in found],
        "sources": [part.source for part in parts],
        "ignored_pages": list(ignored_pages),
    }
    record(session, actor="machine", action="split", subject=document.tracking, detail=detail)
    session.flush()
    return found, readings[0]


def _children(session: Session, document: Document) -> list[Document]:
    wanted = select(Document).where(Document.parent_tracking == document.tracking).order_by(Document.part)
    return list(session.scalars(wanted))


def _child(session: Session, document: Document, number: int) -> Document:
    child, _ = find_or_add_document(
        session,
        document.way_in,
        State.RECEIVED,
        actor="machine",
        original_sha256=document.original_sha256,
        file_name=document.file_name,
        source_path=document.source_path,
        received_at=document.received_at,
        parent_tracking=document.tracking,
        part=number,
        authority=document.authority,
    )
    return child
