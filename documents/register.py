"""The register of documents: who works on what, steps from state to state, readings, corrections.

The face of the package: leases and summaries have files of their own and are named here too. All functions work inside
the caller's transaction and never commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from documents.leases import claim, claim_open, record_fault, release, unstick
from documents.loading import UnknownDocumentError, load
from documents.states import State
from documents.summaries import DocumentPage, counts, list_documents, story
from documents.tables import Document
from forms.form import Problem
from forms.submission import Submission

__all__ = [
    "CorrectionError",
    "DocumentPage",
    "Part",
    "UnknownDocumentError",
    "claim",
    "claim_open",
    "correct",
    "counts",
    "list_documents",
    "load",
    "move",
    "record_fault",
    "record_problems",
    "release",
    "save_readings",
    "split",
    "story",
    "submission_of",
    "unstick",
]


class CorrectionError(ValueError):
    """A correction cannot be taken; ``problem`` says why, in Polish."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Part:
    """One form found in an original, on ``pages`` (1-based); ``submission`` is None when it is none of ours."""

    form: str | None
    version: str | None
    pages: tuple[int, ...]
    submission: Submission | None
    source: str
    problems: tuple[Problem, ...] = ()


def move(
    session: Session,
    document: Document,
    to: State,
    *,
    actor: str,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Document:
    """Move a document to a state, with its reason in Polish; writes transition and audit.

    TransitionError when the state cannot follow; StaleDocumentError when somebody moved it meanwhile.
    """
    raise NotImplementedError


def split(
    session: Session, document: Document, parts: Sequence[Part], *, ignored_pages: Sequence[int] = ()
) -> list[Document]:
    """Record the forms found in an original: the document itself is the first, each further one a new document.

    A document that was split before is left as it is: the same documents are given again, so a repetition after a crash
    is safe. Readings and problems of every part are saved; ``document.pages`` is not None afterwards.
    """
    raise NotImplementedError


def save_readings(session: Session, document: Document, submission: Submission, reader: str) -> None:
    """Record the values of a submission as read by 'machine' or 'online'; earlier ones are superseded, not lost.

    A clerk's correction stays in force. Values that stand already with the same evidence are not written again.
    """
    raise NotImplementedError


def record_problems(session: Session, document: Document, problems: Sequence[Problem]) -> None:
    """Keep the problems of a document for the review desk, in place of earlier ones."""
    raise NotImplementedError


def submission_of(session: Session, document: Document) -> Submission:
    """The values in force of a document; ValueError when it has no form."""
    raise NotImplementedError


def correct(session: Session, document: Document, field: str, value: object, clerk: str) -> None:
    """A clerk's value for a field, in force from now on; what was read before is kept.

    The value is normalised as every other. CorrectionError when the form has no such field, the value is wrong, or the
    document is not in review.
    """
    raise NotImplementedError
