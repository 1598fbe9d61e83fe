"""The steps of a document: each calls one package and leaves a state behind.

Work that takes time runs in threads, so that several documents share one process. A step that fails is repeated by a
later sweep, from the state in the document's row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from confirmations import composing, outbox
from customers import applying, matching
from customers.knowledge import register_knowledge
from customers.outcome import Origin
from customers.records import RegisterLookup
from database.engine import DatabaseBrokenError, Session, transaction
from database.keys import SecretKeyError
from documents import loading, progress, splitting, transitions
from documents.intake import release_repetitions
from documents.originals import OriginalError, opened
from documents.splitting import FoundForm
from documents.states import TO_BRING_FORWARD, IntakeChannel, State
from documents.store_interface import StoreUnreachableError
from documents.tables import Document, Reading
from documents.values import (
    known_form,
    problems_of,
    readings_of,
    record_problems,
    save_readings,
    submission_of,
)
from environment import clock
from environment.settings import get_settings
from flows.arrival_order import Precedence, announced, precedence_of
from flows.message_sending import confirm
from forms.fields import CUSTOMER_NO
from forms.form import Problem
from forms.submission import BLANK_FORM, Submission
from ocr.errors import DocumentError, TesseractMissingError
from ocr.installation import installation
from ocr.results import LETTER_IN_BATCH, PROPOSALS, UNKNOWN_FORM, FileReading
from readers.looks import read_file
from readers.pool import ReadersUnavailableError
from review import second_look
from review.tolerance import stored as tolerance

MACHINE = "machine"
"""The actor of all transitions made here."""

READ_FAILED: Final = "read_failed"
"""Reason of a document that the program failed to read as often as it may try: the file's trouble, for a human."""

_READ_FAILED: Final = (
    "Program nie zdołał odczytać pliku, choć próbował kilka razy. Zapisz lub zeskanuj dokument jeszcze raz, a o tym "
    "pliku powiedz administratorowi."
)
_OF_THE_INSTALLATION: Final = (
    *(TesseractMissingError, ReadersUnavailableError, DatabaseBrokenError),
    *(OriginalError, StoreUnreachableError, SecretKeyError),
)
"""Faults that no file is to blame for: it must not end in quarantine."""
_REASONS_TOLD: Final = 3


class _HangsOnOthersError(Exception):
    """It would come to nothing now, and what came before it may make the difference: it waits."""


async def carry_out(document: Document) -> State:
    """Read an original that is not read yet, and take the document as far as it gets at once.

    All that is learnt of it and comes of that is one transaction. It stays 'received' or 'ready' where it has to wait
    for what came before (``flows.arrival_order``). An unusable file is quarantined with its reason.
    """
    return await asyncio.to_thread(_carry_out, document)


async def match(tracking: str) -> State:
    """Hold the reading against the customer register: ready, for a human, or back to its sender for a signature."""
    return await asyncio.to_thread(_match, tracking)


async def apply(tracking: str) -> State:
    """Change the customer register and write the messages: one transaction, once for each document."""
    return await asyncio.to_thread(_apply, tracking)


async def deliver(tracking: str, owner: str) -> int:
    """Send the messages of this document that are due, and tell how many; it is confirmed when all have left."""
    return await asyncio.to_thread(_deliver, tracking, owner)


def _carry_out(document: Document) -> State:
    found = None
    if document.at is State.RECEIVED and document.pages is None:
        found = _read(document)
        if found is None:
            return State.QUARANTINED
    try:
        with announced(document, None if found is None else _customer_in(found)), transaction() as session:
            return _go_on(session, *_known(session, document, found))
    except Exception as fault:
        state = document.at
        if found is not None:  # it cost most, and stands whatever became of the rest
            with transaction() as session:
                state = _known(session, document, found)[0].at
        if isinstance(fault, _HangsOnOthersError):
            return state
        raise


def _read(document: Document) -> FileReading | None:
    """What is in the original; None where the file is unusable and was put into quarantine."""
    if document.original_sha256 is None:
        raise LookupError(f"document {document.tracking} has no original to read")
    try:
        with opened(document.original_sha256) as original:
            return read_file(original, knowledge=installation(register_knowledge()))
    except DocumentError as unusable:
        _quarantine(document, unusable.code, unusable.message)
    except _OF_THE_INSTALLATION:
        raise
    except Exception:
        if document.attempts < get_settings().max_attempts:
            raise
        _quarantine(document, READ_FAILED, _READ_FAILED)
    return None


def _customer_in(found: FileReading) -> str | None:
    submission = _parts(found)[0].submission
    return None if submission is None else submission.text(CUSTOMER_NO.name)


def _known(
    session: Session, document: Document, found: FileReading | None
) -> tuple[Document, Mapping[str, Reading] | None]:
    """The present row of a document, with what was found in its file: that is parted into its forms.

    And its readings in force, where they were written just now.
    """
    if found is None:
        return loading.load(session, document.tracking), None
    documents, readings = splitting.split_and_tell(
        session,
        document,
        _parts(found),
        ignored_pages=found.ignored_pages,
        turns=found.turns,
        signatures=found.signatures,
    )
    return documents[0], readings


def _go_on(session: Session, document: Document, rows: Mapping[str, Reading] | None) -> State:
    """As far as it gets at once; _HangsOnOthersError where it is to wait, and nothing of this is to stand.

    ``rows`` are its readings in force, where they are known because it was read just now.
    """
    state, submission, seen, read_now = document.at, None, None, rows is not None
    if state not in TO_BRING_FORWARD:
        return state
    if known_form(document) is None:
        rows = None
    elif rows is None:
        rows = readings_of(session, document)
    number = None if rows is None or (read := rows.get(CUSTOMER_NO.name)) is None else read.value
    precedence = precedence_of(session, document, number if isinstance(number, str) else None)
    if precedence is Precedence.LATER:
        return state
    directory = RegisterLookup(session)
    if state is State.RECEIVED:
        # One change of the row for all that is judged: no question asked meanwhile hangs on it.
        with session.no_autoflush:
            # What was not read before nobody has seen.
            seen = rows is not None and not read_now and progress.was_in_review(session, document)
            state, submission = _matched(session, document, rows, directory, seen=seen)
    if state is State.READY:
        submission = submission or submission_of(session, document, rows)
        must_change = precedence is Precedence.IF_IT_CHANGES
        state = _applied(session, document, submission, directory, must_change=must_change, seen=seen)
    return state


def _quarantine(document: Document, code: str, message: str) -> None:
    with transaction() as session:
        transitions.move(session, document, State.QUARANTINED, actor=MACHINE, reason_code=code, reason=message)


def _parts(read: FileReading) -> list[FoundForm]:
    """The forms found, or one part that is none of ours when the file holds nothing but blank pages.

    Letters beside forms come last, so that whoever sends a form with a covering letter is told the number of his form.
    """
    ordered = sorted(read.documents, key=lambda one: any(each.code == LETTER_IN_BATCH for each in one.problems))
    found = [
        FoundForm(one.form_code, one.version, one.pages, one.submission, one.source, one.problems) for one in ordered
    ]
    return found or [FoundForm(None, None, (), None, "scan")]


def _match(tracking: str) -> State:
    with transaction() as session:
        document = loading.load(session, tracking)
        rows = None if known_form(document) is None else readings_of(session, document)
        seen = progress.was_in_review(session, document)
        return _matched(session, document, rows, RegisterLookup(session), seen=seen)[0]


def _matched(
    session: Session,
    document: Document,
    rows: Mapping[str, Reading] | None,
    directory: RegisterLookup,
    *,
    seen: bool,
) -> tuple[State, Submission | None]:
    """Where it stands then, with its values.

    ``rows`` are its readings in force, None where it is none of our forms; a human has ``seen`` it or not.
    """
    if rows is None:
        told = problems_of(document) or (Problem(None, "unknown_form", UNKNOWN_FORM),)
        if document.part == 1:
            for repeated in release_repetitions(session, document, channel=IntakeChannel.UPLOAD):
                _to_review(session, repeated, told)
        return _to_review(session, document, told), None
    blank = next((each for each in problems_of(document) if each.code == BLANK_FORM), None)
    if blank is not None:
        for repeated in release_repetitions(session, document):
            _put_aside(session, repeated, blank)
        return _put_aside(session, document, blank), None
    submission = submission_of(session, document, rows)
    # What a human has sent back he has seen: then only the present problems count, not those of the first reading.
    earlier = () if seen else problems_of(document)
    if PROPOSALS.isdisjoint(problem.code for problem in earlier):
        submission = tolerance.corroborated(session, document, submission, directory, seen=seen)
        save_readings(session, document, submission, MACHINE, rows)
    verdict = matching.judge(submission, directory, clock.today())
    document.customer_no = verdict.customer_no
    problems = list(dict.fromkeys((*earlier, *verdict.problems)))
    record_problems(session, document, problems)
    if problems == list(verdict.problems) and verdict.decision == "reject":
        return _reject(session, document, submission, problems), submission
    if problems or verdict.decision != "ready":
        return _to_review(session, document, problems), submission
    return transitions.move(session, document, State.READY, actor=MACHINE).at, submission


def _put_aside(session: Session, document: Document, problem: Problem) -> State:
    return transitions.move(
        session,
        document,
        State.QUARANTINED,
        actor=MACHINE,
        reason_code=problem.code,
        reason=problem.message,
    ).at


def _to_review(session: Session, document: Document, problems: Sequence[Problem]) -> State:
    first = problems[0] if problems else Problem(None, "doubtful", "Sprawdź odczytane dane.")
    return transitions.move(
        session, document, State.IN_REVIEW, actor=MACHINE, reason_code=first.code, reason=_told(first, *problems[1:])
    ).at


def _reject(session: Session, document: Document, submission: Submission, problems: Sequence[Problem]) -> State:
    number = document.customer_no
    composing.compose_incomplete(
        session,
        tracking=document.tracking,
        form=submission.form,
        problems=problems,
        customer=None if number is None else RegisterLookup(session).find(number),
        submission=submission,
    )
    return transitions.move(
        session,
        document,
        State.REJECTED,
        actor=MACHINE,
        reason_code=problems[0].code,
        reason=_told(*problems),
    ).at


def _told(*problems: Problem) -> str:
    """The first few reasons; all of them stay with the document as its problems."""
    told = list(dict.fromkeys(problem.message for problem in problems))
    more = len(told) - _REASONS_TOLD
    return " ".join(told[:_REASONS_TOLD]) + (f" (i jeszcze: {more})" if more > 0 else "")


def _apply(tracking: str) -> State:
    with transaction() as session:
        document = loading.load(session, tracking)
        return _applied(session, document, submission_of(session, document), RegisterLookup(session))


def _applied(
    session: Session,
    document: Document,
    submission: Submission,
    directory: RegisterLookup,
    *,
    must_change: bool = False,
    seen: bool | None = None,
) -> State:
    """Where it stands then; _HangsOnOthersError where it ``must_change`` something and changes nothing.

    ``seen`` says whether a human has had it on the desk, where the caller knows.
    """
    origin = Origin(document.tracking, document.received_at, document.original_sha256)
    # A clerk who overrules reasons leaves their codes with the document; the machine leaves none.
    approved = {*(document.overruled or ()), *([document.reason_code] if document.reason_code else ())}
    outcome = applying.apply(
        session, submission, origin, clock.today(), approved=approved, paper_from=document.paper_from
    )
    if must_change and outcome.kind != "done":
        raise _HangsOnOthersError
    customer = None if outcome.customer_no is None else directory.find(outcome.customer_no)
    if outcome.kind == "needs_human" or customer is None:
        problem = Problem(None, outcome.code, outcome.message)
        record_problems(session, document, [problem])
        return _to_review(session, document, [problem])
    composing.compose(session, tracking=document.tracking, submission=submission, outcome=outcome, customer=customer)
    document.customer_no = customer.customer_no
    if outcome.kind == "same_request":
        document.duplicate_of = outcome.duplicate_of
        code, message = outcome.code, outcome.message
        return transitions.move(session, document, State.DUPLICATE, actor=MACHINE, reason_code=code, reason=message).at
    moved = transitions.move(session, document, State.APPLIED, actor=MACHINE)
    second_look.consider(session, moved, submission, seen=seen)
    return moved.at


def _deliver(tracking: str, owner: str) -> int:
    delivered = outbox.deliver(transaction, tracking, owner=owner)
    confirm(tracking)
    return len(delivered)
