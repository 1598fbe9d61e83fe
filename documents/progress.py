"""What the sender of a document may know: its states and their times, what was understood, what else was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from documents.states import State
from documents.tables import Document, Transition
from documents.values import known_form, problems_of, submission_of
from forms.form import Field
from forms.kinds import Value

_PASSED: Final = (
    select(Transition.to_state, Transition.at)
    .where(Transition.document_id == bindparam("document"))
    .order_by(Transition.id)
)
"""Made once: to put a question together costs more than to ask it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One field as it was read or typed; ``shown`` hides only what is sensitive, ``masked`` tells nobody's data.

    Both are None where nothing was found; ``checked``: a clerk is looking at it.
    """

    label: str
    shown: str | None = field(repr=False)
    masked: str | None = field(repr=False)
    checked: bool


def states_passed(session: Session, document: Document) -> list[tuple[State, datetime]]:
    """The states that the document has passed through, oldest first, with the UTC moment each began."""
    return [(State(state), at) for state, at in session.execute(_PASSED, {"document": document.id})]


def was_in_review(session: Session, document: Document) -> bool:
    """Whether a human has had the document on the desk."""
    return any(state is State.IN_REVIEW for state, _ in states_passed(session, document))


def further_parts(session: Session, document: Document) -> list[str]:
    """Tracking numbers of the other forms that were found in the document's file, in their order there."""
    query = select(Document.tracking).where(Document.parent_tracking == document.tracking).order_by(Document.part)
    return list(session.scalars(query))


def understood(session: Session, document: Document) -> list[Understood]:
    """The values in force in the order of the form, with what a clerk checks; empty where the form is not known.

    What was left empty is left out, unless just that is being checked.
    """
    form = known_form(document)
    if form is None:
        return []
    submission = submission_of(session, document)
    in_review = document.at is State.IN_REVIEW
    doubted = {problem.field for problem in problems_of(document)} if in_review else set()
    found = []
    for item in form.fields:
        value = submission.fields.get(item.name)
        checked = item.name in doubted or (in_review and value is not None and not value.trusted)
        if checked or _is_told(item, submission.value(item.name), paper=submission.paper):
            found.append(_understood(item, submission.value(item.name), checked))
    return found


def _is_told(item: Field, value: Value, *, paper: bool) -> bool:
    """No signature is worth telling only where one is owed."""
    return value is not None and value != "" and not (item.on_paper_only and not paper)


def _understood(item: Field, value: Value, checked: bool) -> Understood:
    if value is None or value == "":
        return Understood(item.label, None, None, checked)
    masked = item.kind.masked(value)
    shown = masked if item.kind.sensitive else item.kind.display(value)
    return Understood(item.label, shown, shown if item.kind.names_nobody else masked, checked)
