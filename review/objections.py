"""What stands against accepting a document now; what approving would bring about is foreseen, not tried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from customers import matching
from customers.applying import approvable, foresee
from customers.outcome import AgreedDayError, Origin, Outcome
from customers.records import RegisterLookup
from documents.tables import Document
from documents.values import problems_of
from environment import clock
from forms.form import Problem
from forms.submission import Submission
from ocr.results import PROPOSALS
from review.reasons import overrulable

_LASTING: Final = PROPOSALS | {"attachments", "not_aligned", "pages_missing", "two_forms", "unknown_form"}
"""Problems of the paper itself, which no correction of a field takes away."""


@dataclass(frozen=True, slots=True)
class Objections:
    """What stands against a document now: in its fields, and as a whole; ``outcome`` is what approving it would do."""

    of_fields: tuple[Problem, ...]
    of_document: tuple[Problem, ...]
    outcome: Outcome | None


def objections_to(
    session: Session, document: Document, submission: Submission, paper_from: date | None = None
) -> Objections:
    """All that stands against accepting these values.

    ``outcome`` is what the effect comes to when a human overrules all that may be overruled.
    """
    today = clock.today()
    lasting = [problem for problem in problems_of(document) if problem.code in _LASTING]
    told = matching.judge(submission, RegisterLookup(session), today).problems
    of_fields = [one for one in told if one.field is not None and one.code not in overrulable()]
    of_document = [*lasting, *(one for one in told if one not in of_fields)]
    outcome = None
    if not submission.problems(today) and not any(one.code == "unknown_customer" for one in told):
        try:
            outcome, against = _outlook(session, document, submission, paper_from)
            of_document += against
        except AgreedDayError as error:
            of_document.append(Problem("paper_from", "agreed_day", str(error)))
    return Objections(tuple(of_fields), tuple(of_document), outcome)


def asked(session: Session, document: Document, submission: Submission) -> frozenset[str]:
    """Names of the fields that a human is asked to look at."""
    if any(problem.code in PROPOSALS for problem in problems_of(document)):
        return frozenset(item.name for item in submission.form.fields)
    told = matching.judge(submission, RegisterLookup(session), clock.today()).problems
    return frozenset(problem.field for problem in told if problem.field is not None)


def _outlook(
    session: Session, document: Document, submission: Submission, paper_from: date | None
) -> tuple[Outcome, list[Problem]]:
    """What the effect comes to in the end, and each reason against it that a human meets on the way there."""
    origin = Origin(document.tracking, document.received_at, document.original_sha256)
    approved: set[str] = set()
    against: list[Problem] = []
    while True:
        outcome = foresee(session, submission, origin, clock.today(), approved=approved, paper_from=paper_from)
        if outcome.kind != "needs_human":
            return outcome, against
        against.append(Problem(None, outcome.code, outcome.message))
        if outcome.code not in approvable() - approved:
            return outcome, against
        approved.add(outcome.code)


def nothing_read(document: Document) -> Objections:
    """The same where there are no values to be judged."""
    return Objections((), problems_of(document) or (Problem(None, "unknown_form", document.reason or ""),), None)
