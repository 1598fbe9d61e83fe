"""Readings of a document: what machine, customer and clerk said of each field, and which of it is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, select
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
_SIGNED: Final = "date_signed"
_IN_FORCE: Final = (
    select(Reading)
    .where(Reading.document_id == bindparam("document"), Reading.superseded.is_(False))
    .order_by(Reading.id)
)
"""Made once: to put a question together costs more than to ask it."""


class CorrectionError(ValueError):
    """A correction cannot be taken; ``problem`` says why, in Polish."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def save_readings(
    session: Session,
    document: Document,
    submission: Submission,
    reader: str,
    before: Mapping[str, Reading] | None = None,
) -> dict[str, Reading]:
    """Record the values of a submission as read by 'machine' or 'online'; earlier ones are superseded, not lost.

    A clerk's correction stays in force. Values that stand already with the same evidence are not written again.
    ``before`` are the readings in force, where the caller knows them (``readings_of``); those in force now are given.
    """
    at = clock.now()
    left = dict(readings_of(session, document) if before is None else before)
    now = dict[str, Reading]()
    for name, value in submission.fields.items():
        known = left.pop(name, None)
        if known is not None and _evidence(known) == _as_columns(value):
            now[name] = known
            continue
        corrected = known is not None and known.reader.startswith(_CLERK)
        if known is not None and not corrected:
            known.superseded = True
        row = Reading(
            document_id=document.id, field=name, reader=reader, at=at, superseded=corrected, **_as_columns(value)
        )
        session.add(row)
        now[name] = known if known is not None and corrected else row
    for name, row in left.items():
        row.superseded = not row.reader.startswith(_CLERK)
        if not row.superseded:
            now[name] = row
    _set_signed_on(session, document, now.get(_SIGNED))
    return now


def record_problems(session: Session, document: Document, problems: Sequence[Problem]) -> None:
    """Keep the problems of a document for the review desk, in place of earlier ones."""
    session.get_one(Document, document.id).problems = [asdict(problem) for problem in problems]


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


def readings_of(session: Session, document: Document) -> dict[str, Reading]:
    """The readings of a document that are in force, by field: each costs its decryption."""
    rows = session.scalars(_IN_FORCE, {"document": document.id})
    return {row.field: row for row in rows}


def submission_of(session: Session, document: Document, rows: Mapping[str, Reading] | None = None) -> Submission:
    """The values in force of a document; ValueError when it has no form.

    ``rows`` are its readings in force, where the caller knows them.
    """
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
        for name, row in (readings_of(session, document) if rows is None else rows).items()
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
    before = session.scalars(_IN_FORCE.where(Reading.field == field), {"document": document.id}).all()
    for each in before:
        each.superseded = True
    last = before[-1] if before else None
    corrected = Reading(
        document_id=document.id,
        field=field,
        value=parsed.value,
        raw=value if isinstance(value, str) else None,
        confidence=1.0,
        trusted=True,
        source=Source.CLERK,
        page=last and last.page,
        box=last and last.box,
        reader=_CLERK + clerk,
        at=at,
    )
    session.add(corrected)
    record(session, actor=_CLERK + clerk, action="corrected", subject=document.tracking, detail={"field": field})
    document.updated_at = at
    if field == _SIGNED:
        _set_signed_on(session, document, corrected)
    session.flush()


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


def _set_signed_on(session: Session, document: Document, signed: Reading | None) -> None:
    try:
        day = date.fromisoformat(signed.value) if signed is not None and isinstance(signed.value, str) else None
    except ValueError:
        day = None
    session.get_one(Document, document.id).signed_on = day
