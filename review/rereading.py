"""Reading the pages of a document once more at the desk: as the form that a clerk names, or turned as he sees them.

Reading takes seconds and must not keep a transaction open, so it goes in three steps: ``to_read`` (what the clerk may
read), ``read_again`` (no database but the register's words), ``take_reading`` (only if nothing changed meanwhile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from audit.trail import record
from customers import matching
from customers.knowledge import register_knowledge
from customers.records import RegisterLookup
from documents.erasing import SENTENCE
from documents.originals import opened
from documents.tables import Document
from documents.values import keep_signatures, record_problems, save_readings, signatures_of, submission_of
from environment import clock
from forms.catalogue import UnknownFormError, form_by_code
from forms.form import Form, Problem
from ocr.errors import DocumentError
from ocr.installation import installation
from ocr.results import PROPOSALS, UNKNOWN_FORM, DocumentReading, FileReading
from readers.looks import read_as, read_file
from review.decisions import RefusedError, leased_document
from review.pages import SPLIT_OFF, new_part
from review.queue import Clerk

_NO_PAGES: Final = Problem(None, "no_pages", "Ta sprawa nie przyszła na papierze ani w pliku: nie ma czego odczytać.")
_ERASED: Final = Problem(None, "erased", SENTENCE)
_NO_FORM: Final = Problem("form", "unknown_form", "Wybierz formularz z listy.")

_ONE_AT_A_TIME: Final = Lock()
"""Reading takes a processor and memory for itself, and the desk's pages must stay quick meanwhile."""


@dataclass(frozen=True, slots=True)
class ToRead:
    """Pages to read again; ``form`` is what a clerk says that they are, None where the machine is to find out."""

    sha256: str
    pages: tuple[int, ...]
    turns: Mapping[int, int]
    form: Form | None


def to_read(session: Session, tracking: str, clerk: Clerk, *, seen: str, form_code: str | None) -> ToRead:
    """What is to be read; RefusedError when there are no pages or no such form, DeskConflictError as for decisions."""
    document = leased_document(session, tracking, clerk, seen)
    if document.original_released_at is not None:
        raise RefusedError([_ERASED])
    if document.original_sha256 is None or not document.pages:
        raise RefusedError([_NO_PAGES])
    turns = {int(page): turn for page, turn in (document.turns or {}).items()}
    try:
        form = None if form_code is None else form_by_code(form_code)
    except UnknownFormError:
        raise RefusedError([_NO_FORM]) from None
    return ToRead(document.original_sha256, tuple(document.pages), turns, form)


def read_again(wanted: ToRead) -> FileReading:
    """Read the pages, outside of any transaction; RefusedError when the file cannot be used any more."""
    pages, turns, knows = wanted.pages, wanted.turns, installation(register_knowledge())
    try:
        with _ONE_AT_A_TIME, opened(wanted.sha256) as original:
            if wanted.form is not None:
                return read_as(original, wanted.form, pages, turns=turns, knowledge=knows)
            return read_file(original, only=pages, turns=turns, knowledge=knows)
    except DocumentError as unusable:
        raise RefusedError([Problem(None, unusable.code, unusable.message)]) from unusable


def take_reading(
    session: Session, tracking: str, clerk: Clerk, *, seen: str, wanted: ToRead, reading: FileReading
) -> list[str]:
    """Keep what was read, in place of what the machine read before; gives the trackings of further forms found.

    The document stays with the clerk, in review. Of several forms the first is the document's; each of the others gets
    a document of its own at the desk. What a clerk typed stays in force.
    """
    document = leased_document(session, tracking, clerk, seen)
    chosen = _chosen(wanted, reading)
    others = [one for one in reading.documents if one is not chosen and one.form_code is not None]
    elsewhere = {page for one in others for page in one.pages}
    document.pages = [page for page in wanted.pages if page not in elsewhere] or list(wanted.pages)
    document.turns = _turns(document, wanted, reading)
    document.updated_at = clock.now()
    action = "reread" if wanted.form is None else "form_chosen"
    children = []
    keep_signatures(document, reading.signatures)
    for one in others:
        child = new_part(session, document, clerk, one.pages, code=SPLIT_OFF, reason="Kolejny formularz z tych stron.")
        _record(session, child, one)
        children.append(child.tracking)
    _record(session, document, chosen)
    detail = {"form": document.form, "version": document.version, "pages": document.pages, "further": children}
    record(session, actor=clerk.actor, action=action, subject=document.tracking, detail=detail)
    session.flush()
    return children


def _chosen(wanted: ToRead, reading: FileReading) -> DocumentReading:
    """What the document is from now on: the form that was named, else the first that was found."""
    codes = (wanted.form.code,) if wanted.form is not None else tuple(one.form_code for one in reading.documents)
    for one in reading.documents:
        if one.form_code in codes and one.submission is not None:
            return one
    problem = Problem(None, "unknown_form", UNKNOWN_FORM)
    return next(iter(reading.documents), DocumentReading(None, None, None, wanted.pages, "scan", (problem,)))


def _turns(document: Document, wanted: ToRead, reading: FileReading) -> dict[str, int] | None:
    """What is laid flat as a form stands upright by itself; elsewhere the clerk's word counts before the machine's."""
    flat = {page for one in reading.documents if one.version is not None for page in one.pages}
    kept = {page: turn for page, turn in (document.turns or {}).items() if int(page) not in flat}
    found = {str(page): turn for page, turn in reading.turns.items() if page in wanted.pages}
    return {**found, **kept} or None


def _record(session: Session, document: Document, one: DocumentReading) -> None:
    """Form, values and problems of a document in review, judged as the machine judges."""
    document.form, document.version, document.shown = one.form_code, one.version, None
    problems = list(one.problems)
    if one.submission is not None:
        document.paper = one.submission.paper
        directory, submission = RegisterLookup(session), one.submission.signed(signatures_of(document))
        if PROPOSALS.isdisjoint(problem.code for problem in problems):
            submission = matching.corroborate(submission, directory)
        save_readings(session, document, submission, "machine")
        verdict = matching.judge(submission_of(session, document), directory, clock.today())
        document.customer_no = verdict.customer_no
        problems += verdict.problems
    record_problems(session, document, problems)
    first = problems[0] if problems else Problem(None, "doubtful", "Sprawdź odczytane dane.")
    document.reason_code, document.reason = first.code, first.message
    session.flush()
