"""The second look: a sample of what went through untouched is compared with its picture by a clerk.

What he finds wrong is put right in the register by a compensating change, the customer is told, and the figures of
reading count it. A document is drawn by a keyed digest of its tracking number: nobody can foresee it, and asking twice
gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record, record_view
from confirmations.composing import compose_correction, compose_link_again
from customers.compensation import amend, owed, undo
from customers.records import RegisterLookup
from database.encryption import digest
from database.engine import insert_if_absent
from documents import loading
from documents.entries import find_or_add_document
from documents.loading import lock
from documents.progress import was_in_review
from documents.states import IntakeChannel, State
from documents.tables import Document
from documents.values import record_problems, save_readings, submission_of
from environment import clock
from forms.form import Problem
from forms.kinds import Value
from forms.submission import MACHINE_READ, FieldValue, Source, Submission
from review.tables import SecondLook
from review.tolerance.stored import rate_of, reconsider

RIGHT: Final = "right"
WRONG: Final = "wrong"
_HOLD: Final = timedelta(minutes=10)
"""So long a look belongs to the clerk who took it."""


class LookError(RuntimeError):
    """A look cannot be taken or ended; the message is Polish."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a look: the fields read wrong, and the document that carries the right values, if one is needed."""

    wrong: tuple[str, ...]
    correction: str | None
    unsettled: bool = False
    """Whether the change could not be taken back, because a later document rests on it."""


def consider(
    session: Session, document: Document, submission: Submission | None = None, *, seen: bool | None = None
) -> bool:
    """Draw an applied document for a second look, or not; True when it was drawn now.

    ``submission`` are its values, ``seen`` whether a clerk had it on the desk, where the caller knows.

    Only what a machine read from a page and no clerk has seen is drawn, at the rate that ``review.tolerance`` tells.
    """
    compared = compared_fields(session, document) if submission is None else _compared(submission)
    if document.way_in is IntakeChannel.DESK or not compared:
        return False
    if was_in_review(session, document) if seen is None else seen:
        return False
    drawn = int(digest("second-look", document.tracking)[:8], 16) / 0x1_0000_0000
    rate = rate_of(session, document)
    if drawn >= rate:
        return False
    row = {"tracking": document.tracking, "chosen_at": clock.now(), "rate": rate}
    return insert_if_absent(session, SecondLook, row)


def waiting(session: Session, limit: int = 50) -> list[SecondLook]:
    """Looks that nobody has ended, oldest first."""
    wanted = select(SecondLook).where(SecondLook.verdict.is_(None)).order_by(SecondLook.chosen_at, SecondLook.id)
    return list(session.scalars(wanted.limit(limit)))


def claim(session: Session, tracking: str, clerk: str) -> SecondLook:
    """Take a look for ten minutes; LookError when it is settled, another clerk's, or there is none."""
    taken = session.execute(
        update(SecondLook)
        .where(SecondLook.tracking == tracking, SecondLook.verdict.is_(None), _free_for(clerk))
        .values(clerk=clerk, clerk_until=clock.now() + _HOLD)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount:  # type: ignore[attr-defined]
        record_view(session, actor=clerk, action="second_look_taken", subject=tracking)
    found = session.scalar(
        select(SecondLook).where(SecondLook.tracking == tracking).execution_options(populate_existing=True)
    )
    if found is None:
        raise LookError("Ta sprawa nie jest wylosowana do drugiej kontroli.")
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise LookError(
            "Tę sprawę już sprawdzono." if found.verdict else "Tę sprawę sprawdza teraz ktoś inny. Weź następną."
        )
    return found


def claim_next(session: Session, clerk: str) -> str | None:
    """Take the oldest look that is free; its tracking number, None when there is none."""
    oldest = (
        select(SecondLook.tracking)
        .where(SecondLook.verdict.is_(None), _free_for(clerk))
        .order_by(SecondLook.chosen_at, SecondLook.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    tracking = session.scalar(oldest)
    return None if tracking is None else claim(session, tracking, clerk).tracking


def compared_fields(session: Session, document: Document) -> dict[str, FieldValue]:
    """The values that a machine read from the page, by field name, in the order of the form."""
    return _compared(submission_of(session, document))


def _compared(submission: Submission) -> dict[str, FieldValue]:
    return {
        item.name: submission.fields[item.name]
        for item in submission.form.fields
        if item.name in submission.fields and submission.fields[item.name].source in MACHINE_READ
    }


def finish(session: Session, tracking: str, clerk: str, values: Mapping[str, Value]) -> Ended:
    """End a look with the values that stand on the page, in the caller's transaction.

    ``values`` are normalised and hold every compared field. LookError when the look is not this clerk's any more.
    """
    look = claim(session, tracking, clerk)
    document = lock(session, loading.load(session, tracking))
    read = compared_fields(session, document)
    wrong = tuple(name for name, value in read.items() if values[name] != value.value)
    look.looked_at, look.checked, look.wrong = clock.now(), len(read), list(wrong)
    look.verdict = WRONG if wrong else RIGHT
    record(
        session,
        actor=clerk,
        action="looked_again",
        subject=tracking,
        detail={"checked": len(read), "wrong": list(wrong)},
    )
    session.flush()
    if not wrong:
        return Ended((), None)
    reconsider(session)
    corrected = _corrected(submission_of(session, document), values)
    ended = _put_right(session, document, corrected, wrong, clerk)
    look.correction = ended.correction
    session.flush()
    return ended


def figures(session: Session) -> dict[str, Any]:
    """What the looks have found so far: counts, and the fields read wrong by name; no personal data.

    ``{waiting, looked, documents_wrong, fields_checked, fields_wrong, by_field: {name: times}}``.
    """
    rows = session.execute(
        select(SecondLook.verdict, func.count(), func.sum(SecondLook.checked)).group_by(SecondLook.verdict)
    )
    counted = {verdict: (number, checked or 0) for verdict, number, checked in rows}
    by_field: dict[str, int] = {}
    for names in session.scalars(select(SecondLook.wrong).where(SecondLook.verdict == WRONG)):
        for name in names or []:
            by_field[name] = by_field.get(name, 0) + 1
    right, wrong = counted.get(RIGHT, (0, 0)), counted.get(WRONG, (0, 0))
    return {
        "waiting": counted.get(None, (0, 0))[0],
        "looked": right[0] + wrong[0],
        "documents_wrong": wrong[0],
        "fields_checked": right[1] + wrong[1],
        "fields_wrong": sum(by_field.values()),
        "by_field": dict(sorted(by_field.items())),
    }


def _free_for(clerk: str) -> ColumnElement[bool]:
    return or_(SecondLook.clerk.is_(None), SecondLook.clerk == clerk, SecondLook.clerk_until <= clock.now())


def _corrected(submission: Submission, values: Mapping[str, Value]) -> Submission:
    for name, value in values.items():
        before = submission.fields[name]
        if before.value != value:
            mended = FieldValue(value, source=Source.CLERK, page=before.page, box=before.box)
            submission = submission.with_value(name, mended)
    return submission


def _put_right(
    session: Session, document: Document, corrected: Submission, wrong: tuple[str, ...], clerk: str
) -> Ended:
    what = owed(corrected.form, wrong)
    if what == "nothing":
        return Ended(wrong, None)
    if what == "amendment":
        if amend(session, document.tracking, corrected.values):
            _tell(session, document, corrected, wrong, None)
        return Ended(wrong, None)
    again = _document_of_correction(session, document, corrected, clerk)
    undone = undo(session, document.tracking, again)
    if undone.renewal is not None:
        compose_link_again(session, undone.renewal)
    if undone.done or "customer_no" not in wrong:
        _tell(session, document, corrected, wrong, again)
    return Ended(wrong, again, unsettled=not undone.done)


def _tell(
    session: Session, document: Document, corrected: Submission, wrong: tuple[str, ...], correction: str | None
) -> None:
    """Write to the customer whom the first reading named; whom the form comes from hears by its own messages."""
    customer = RegisterLookup(session).find(document.customer_no or "")
    if customer is not None:
        compose_correction(
            session,
            tracking=document.tracking,
            form=corrected.form,
            wrong=wrong,
            customer=customer,
            stranger="customer_no" in wrong,
            correction=correction,
        )


def _document_of_correction(session: Session, document: Document, corrected: Submission, clerk: str) -> str:
    """A document with the right values that goes the way of all others from here on.

    It counts as received when the first one was. What is wrong with the right values (no signature, no such customer)
    is for a clerk, who can ask the customer.
    """
    problems = _problems(session, corrected)
    first = problems[0] if problems else None
    new, _ = find_or_add_document(
        session,
        IntakeChannel.DESK,
        State.IN_REVIEW if problems else State.READY,
        actor=clerk,
        reason_code=None if first is None else first.code,
        reason=None if first is None else first.message,
        original_sha256=document.original_sha256,
        file_name=document.file_name,
        form=document.form,
        version=document.version,
        pages=document.pages,
        paper=document.paper,
        signatures=document.signatures,
        customer_no=corrected.text("customer_no"),
        received_at=document.received_at,
        authority=document.authority,
    )
    save_readings(session, new, corrected, clerk)
    record_problems(session, new, problems)
    detail = {"corrects": document.tracking}
    record(session, actor=clerk, action="correction", subject=new.tracking, detail=detail)
    return new.tracking


def _problems(session: Session, corrected: Submission) -> list[Problem]:
    number = corrected.text("customer_no")
    problems = corrected.problems(clock.today())
    if number is None or RegisterLookup(session).find(number) is None:
        problems.append(Problem("customer_no", "unknown_customer", "Takiego numeru klienta nie ma w rejestrze."))
    return problems
