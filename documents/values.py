"""Readings of a document: what machine, customer and clerk said of each field, and which of it is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from documents.loading import lock
from documents.states import State
from documents.tables import Document, Reading
from environment import clock
from forms.catalogue import UnknownFormError, form_by_code
from forms.electronic_signature import LAPSED, ElectronicSignature, from_json
from forms.form import Form, Problem
from forms.submission import FieldValue, Source, Submission

_CLERK = "clerk:"


class CorrectionError(ValueError):
    """A correction cannot be taken; ``problem`` says why, in Polish."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def save_readings(session: Session, document: Document, submission: Submission, reader: str) -> None:
    """Record the values of a submission as read by 'machine' or 'online'; earlier ones are superseded, not lost.

    A clerk's correction stays in force. Values that stand already with the same evidence are not written again.
    """
    at = clock.now()
    in_force = _in_force(session, document)
    for name, value in submission.fields.items():
        before = in_force.pop(name, None)
        if before is not None and _evidence(before) == _as_columns(value):
            continue
        corrected = before is not None and before.reader.startswith(_CLERK)
        if before is not None and not corrected:
            before.superseded = True
        session.add(
            Reading(
                document_id=document.id, field=name, reader=reader, at=at, superseded=corrected, **_as_columns(value)
            )
        )
    for left in in_force.values():
        left.superseded = not left.reader.startswith(_CLERK)
    session.flush()
    _set_signed_on(session, document)


def record_problems(session: Session, document: Document, problems: Sequence[Problem]) -> None:
    """Keep the problems of a document for the review desk, in place of earlier ones."""
    session.get_one(Document, document.id).problems = [asdict(problem) for problem in problems]
    session.flush()


def problems_of(document: Document) -> tuple[Problem, ...]:
    """The problems kept with a document."""
    return tuple(Problem(**problem) for problem in document.problems or ())


def form_of(document: Document) -> Form:
    """The form of a document, in its newest version where its own is not installed.

    ValueError when it has none, UnknownFormError when there is no form of that code (any more).
    """
    if document.form is None:
        raise ValueError(f"document {document.tracking} has no form")
    try:
        return form_by_code(document.form, document.version)
    except UnknownFormError:
        return form_by_code(document.form)


def known_form(document: Document) -> Form | None:
    """The form of a document, None when it has none that this installation knows."""
    try:
        return None if document.form is None else form_of(document)
    except UnknownFormError:
        return None


def submission_of(session: Session, document: Document) -> Submission:
    """The values in force of a document; ValueError when it has no form."""
    fields = {
        name: FieldValue(
            row.value,
            confidence=row.confidence,
            trusted=row.trusted,
            source=Source(row.source),
            page=row.page,
            box=None if row.box is None else (row.box[0], row.box[1], row.box[2], row.box[3]),
            raw=row.raw,
            doubt=row.doubt,
            by_eye=row.by_eye,
        )
        for name, row in _in_force(session, document).items()
    }
    return Submission(form_of(document), fields, document.paper, signatures_of(document))


def signatures_of(document: Document) -> tuple[ElectronicSignature, ...]:
    """The electronic signatures of the document's file, as they were verified."""
    return tuple(from_json(each) for each in document.signatures or ())


def keep_signatures(document: Document, signatures: Sequence[ElectronicSignature]) -> None:
    """Keep what was verified as evidence; what was valid when the file came stays so, whatever expires later."""
    lapsed = any(each.standing in LAPSED for each in signatures)
    if not (lapsed and any(each.valid for each in signatures_of(document))):
        document.signatures = [each.as_json() for each in signatures] or None


def correct(
    session: Session, document: Document, field: str, value: object, clerk: str, *, settled: bool = False
) -> None:
    """A clerk's value for a field, in force from now on; what was read before is kept.

    The value is normalised as every other. CorrectionError when the form has no such field, the value is wrong, or the
    document is not in review; ``settled`` takes any: the caller puts right what came of it.
    """
    document, at = lock(session, document), clock.now()
    form = form_of(document)
    if document.state != State.IN_REVIEW and not settled:
        raise CorrectionError(Problem(field, "not_in_review", "Dokument nie czeka na sprawdzenie: otwórz go ponownie."))
    if field not in form:
        raise CorrectionError(Problem(field, "unknown_field", "Tego pola nie ma w formularzu."))
    parsed = form[field].kind.parse(value, clock.today())
    if parsed.fault is not None:
        raise CorrectionError(Problem(field, parsed.fault.code, parsed.fault.message))
    before = _in_force(session, document, field).get(field)
    if before is not None:
        before.superseded = True
    session.add(
        Reading(
            document_id=document.id,
            field=field,
            value=parsed.value,
            raw=value if isinstance(value, str) else None,
            confidence=1.0,
            trusted=True,
            source=Source.CLERK,
            page=before and before.page,
            box=before and before.box,
            reader=_CLERK + clerk,
            at=at,
        )
    )
    record(session, actor=_CLERK + clerk, action="corrected", subject=document.tracking, detail={"field": field})
    document.updated_at = at
    session.flush()
    _set_signed_on(session, document)


def _in_force(session: Session, document: Document, field: str | None = None) -> dict[str, Reading]:
    """The readings in force by field, or only that of one field: each costs its decryption."""
    wanted = [Reading.document_id == document.id, Reading.superseded.is_(False)]
    if field is not None:
        wanted.append(Reading.field == field)
    rows = session.scalars(select(Reading).where(*wanted).order_by(Reading.id))
    return {row.field: row for row in rows}


def _as_columns(value: FieldValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "raw": value.raw,
        "confidence": value.confidence,
        "trusted": value.trusted,
        "source": value.source.value,
        "page": value.page,
        "box": None if value.box is None else list(value.box),
        "doubt": value.doubt,
        "by_eye": value.by_eye,
    }


def _evidence(row: Reading) -> dict[str, Any]:
    return {
        "value": row.value,
        "raw": row.raw,
        "confidence": row.confidence,
        "trusted": row.trusted,
        "source": row.source,
        "page": row.page,
        "box": row.box,
        "doubt": row.doubt,
        "by_eye": row.by_eye,
    }


def _set_signed_on(session: Session, document: Document) -> None:
    signed = _in_force(session, document, "date_signed").get("date_signed")
    try:
        day = date.fromisoformat(signed.value) if signed is not None and isinstance(signed.value, str) else None
    except ValueError:
        day = None
    session.get_one(Document, document.id).signed_on = day
    session.flush()
