"""What a clerk decides about the document he holds.

Every decision is made on the state that he saw (``seen``) and by who holds it: otherwise DeskConflictError, and nothing
is changed. What cannot be accepted as it was typed is told as RefusedError, and nothing is changed either. An approved
document is taken up by the next sweep; from then on nothing can be taken back at the desk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from confirmations.composing import compose_answer, compose_incomplete
from confirmations.message import Put
from confirmations.outbox import enqueue
from confirmations.rendering import Content, render
from confirmations.tables import Medium
from customers.applying import approvable
from customers.effects import effect_of
from customers.records import RegisterLookup
from documents.loading import load, load_all, lock
from documents.progress import states_passed
from documents.states import State
from documents.tables import Document
from documents.transitions import move
from documents.values import CorrectionError, correct, known_form, submission_of
from environment import clock
from forms.form import Form, Problem
from forms.kinds import Pesel
from forms.submission import Submission
from review.case_sheet import seen_of
from review.objections import asked, objections_to
from review.queue import Clerk, DeskConflictError, claim, conflict
from review.reasons import NOT_OURS, overrulable, rejection, short

_CHANGED: Final = "Ta sprawa zmieniła się, odkąd ją otwarto. Sprawdź ją jeszcze raz."
_LOOKED_AT: Final = frozenset({"not_aligned", "unknown_layout"})
"""Problems that are over once every field was looked at."""
_PESEL_IN_NOTE: Final = Problem("note", "pesel", "Usuń numer PESEL: te słowa wychodzą zwykłym e-mailem albo listem.")
_REPEATS_THIS: Final = Problem(
    "duplicate_of", "repeats_this", "Tamtą sprawę zamknięto jako powtórzenie tej: ktoś musi rozpatrzyć jedną z nich."
)
_NO_FORM: Final = Problem(None, "unknown_form", "Najpierw wybierz, który to formularz.")


class RefusedError(ValueError):
    """The decision cannot be taken as it stands; ``problems`` say why, in Polish, by field where it is a field's."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message as it would go out; ``content`` draws it (and its attachment): call it outside the transaction."""

    medium: Medium
    recipient: str = field(repr=False)
    template: str
    context: dict[str, Any] = field(repr=False)

    def content(self) -> Content:
        """What the reader gets."""
        return render(self.template, self.context, self.medium)


def leased_document(session: Session, tracking: str, clerk: Clerk, seen: str | None = None) -> Document:
    """The document, locked, when the clerk holds it and (if told) saw its present state; DeskConflictError otherwise.

    A lease that ran out still counts as long as nobody else has taken the document.
    """
    document = lock(session, load(session, tracking))
    _require_holder(session, document, clerk)
    if seen is not None and seen != seen_of(document):
        raise DeskConflictError("changed", _CHANGED)
    return document


def peek(session: Session, tracking: str, clerk: Clerk) -> Document:
    """The same for a look: nothing is locked, and the session may be one for looking only."""
    document = load(session, tracking)
    _require_holder(session, document, clerk)
    return document


def _require_holder(session: Session, document: Document, clerk: Clerk) -> None:
    if document.state != State.IN_REVIEW or document.desk_owner != clerk.login:
        raise conflict(session, document.tracking, clerk)


def save(session: Session, tracking: str, clerk: Clerk, seen: str, values: Mapping[str, object]) -> None:
    """Keep what the clerk changed, without a decision, and go on holding it; RefusedError when a value is wrong."""
    document = leased_document(session, tracking, clerk, seen)
    _keep(session, document, clerk, values, confirm=False)
    claim(session, tracking, clerk)


def approve(
    session: Session,
    tracking: str,
    clerk: Clerk,
    *,
    seen: str,
    values: Mapping[str, object],
    overrule: Collection[str] = (),
    paper_from: date | None = None,
) -> None:
    """Accept the document with these values: the machine carries it out next.

    Doubtful fields among ``values`` count as looked at, changed or not. All that stands against the document must be in
    ``overrule`` by its code and be overrulable; RefusedError otherwise. ``paper_from`` is the agreed first day on paper
    of a withdrawal.
    """
    document = leased_document(session, tracking, clerk, seen)
    _keep(session, document, clerk, values, confirm=True)
    submission = submission_of(session, document)
    if effect_of(submission.form).agreed_day is None:
        paper_from = None
    judged = objections_to(session, document, submission, paper_from)
    against = [one for one in judged.of_document if one.code not in _LOOKED_AT]
    accepted = overrulable() & frozenset(overrule)
    if refused := [*judged.of_fields, *(one for one in against if one.code not in accepted)]:
        raise RefusedError(refused)
    overruled = [one.code for one in against]
    document.overruled = overruled or None
    document.paper_from = paper_from
    document.customer_no = submission.text("customer_no")
    # Of what was overruled the step names one code that the effect asks for, if there is any; the row has them all.
    first = next((code for code in overruled if code in approvable()), next(iter(overruled), None))
    reason = f"Przyjęto mimo to: {', '.join(short(code) for code in overruled)}." if overruled else None
    _settle(session, document, clerk, State.READY, code=first, reason=reason)


def reject(
    session: Session, tracking: str, clerk: Clerk, *, seen: str, code: str, note: str = "", tell: bool = True
) -> None:
    """Refuse the document for a reason of ``review.reasons``; the customer gets the message unless not told.

    RefusedError when there is no such reason, or it wants the clerk's own words and has none.
    """
    document = leased_document(session, tracking, clerk, seen)
    if tell:
        _compose_rejection(session, document, code, note)
    else:
        _chosen(code, note)
    chosen = rejection(code)
    label = chosen.label if chosen else code
    _settle(session, document, clerk, State.REJECTED, code=code, reason=f"{label}. {note.strip()}".strip())


def preview_rejection(
    session: Session, tracking: str, clerk: Clerk, code: str, note: str = ""
) -> tuple[PreparedMessage, ...]:
    """The messages that ``reject`` would send, made by the same code and only looked at; none when nobody can be told.

    The session may be one for looking only.
    """
    prepared: list[PreparedMessage] = []

    def show(_session: Session, **message: Any) -> None:
        named = message["channel"], message["recipient"], message["template"], message["context"]
        prepared.append(PreparedMessage(*named))

    _compose_rejection(session, peek(session, tracking, clerk), code, note, put=show)
    return tuple(prepared)


def reject_as_not_ours(session: Session, tracking: str, clerk: Clerk, seen: str) -> None:
    """The document is none of our business: it is put away and nobody is told."""
    document = leased_document(session, tracking, clerk, seen)
    _settle(session, document, clerk, State.REJECTED, code=NOT_OURS, reason="To nie jest formularz do nas.")


def mark_duplicate(session: Session, tracking: str, clerk: Clerk, seen: str, of: str) -> None:
    """The document repeats the one of that tracking number; RefusedError when there is none, or that one repeats it.

    Of two clerks who each hold one of two and name the other's, the second is refused: somebody has to answer it.
    """
    other = next(iter(load_all(session, [of])), None)
    for each in sorted(load_all(session, [tracking, of]), key=lambda one: one.id):
        lock(session, each)
    document = leased_document(session, tracking, clerk, seen)
    if other is None:
        raise RefusedError([Problem("duplicate_of", "unknown_document", "Nie ma sprawy o tym numerze.")])
    if other.id == document.id:
        raise RefusedError([Problem("duplicate_of", "same_document", "To numer tej samej sprawy.")])
    if _repeats(session, other, document):
        raise RefusedError([_REPEATS_THIS])
    document.duplicate_of = other.tracking
    _settle(session, document, clerk, State.DUPLICATE, code="duplicate", reason=f"Powtórzenie sprawy {other.tracking}.")


def _repeats(session: Session, other: Document, document: Document) -> bool:
    """Whether the other was closed for the sake of the document, or of one that was."""
    met = {other.tracking}
    while other.at is State.DUPLICATE and other.duplicate_of is not None and other.duplicate_of not in met:
        if other.duplicate_of == document.tracking:
            return True
        met.add(other.duplicate_of)
        other = load(session, other.duplicate_of)
    return False


def _settle(
    session: Session, document: Document, clerk: Clerk, to: State, *, code: str | None, reason: str | None
) -> None:
    document.desk_owner = document.desk_until = None
    session.flush()
    move(session, document, to, actor=clerk.actor, reason_code=code, reason=reason)


def _keep(session: Session, document: Document, clerk: Clerk, values: Mapping[str, object], *, confirm: bool) -> None:
    """Write down what the clerk changed and, to ``confirm``, what he was asked to look at."""
    form = known_form(document)
    if form is None:
        raise RefusedError([_NO_FORM])
    submission = submission_of(session, document)
    looked_at = asked(session, document, submission) if confirm else frozenset()
    problems = []
    for name, value in values.items():
        confirmed = name in looked_at and _unsure(submission, name)
        if not (confirmed or _changed(submission, form, name, value)):
            continue
        try:
            correct(session, document, name, value, clerk.login)
        except CorrectionError as error:
            problems.append(error.problem)
    if problems:
        raise RefusedError(problems)
    if _changed(submission, form, "customer_no", values.get("customer_no", submission.value("customer_no"))):
        document.overruled = None  # what was decided of another customer


def _changed(submission: Submission, form: Form, name: str, value: object) -> bool:
    if name not in form:
        return False
    parsed = form[name].kind.parse(value, clock.today())
    return parsed.fault is not None or (parsed.value or None) != (submission.value(name) or None)


def _unsure(submission: Submission, name: str) -> bool:
    reading = submission.fields.get(name)
    return reading is not None and not reading.trusted


def _compose_rejection(session: Session, document: Document, code: str, note: str, *, put: Put = enqueue) -> list[str]:
    """The messages of a rejection into the outbox, or wherever else; their keys."""
    chosen = _chosen(code, note)
    form = known_form(document)
    submission = submission_of(session, document) if form else None
    number = (submission.text("customer_no") if submission else None) or document.customer_no
    customer = RegisterLookup(session).find(number) if number else None
    words, refusal = note.strip() or None, _times_rejected(session, document) + 1
    if chosen and form is not None and customer is not None:
        return compose_answer(
            session,
            tracking=document.tracking,
            form=form,
            code=code,
            customer=customer,
            note=words,
            refusal=refusal,
            put=put,
        )
    problems = [Problem("signature", "missing_signature", "")]
    if code != "missing_signature" and form is not None and submission is not None:
        problems = [one for one in objections_to(session, document, submission).of_fields if one.field != "signature"]
    return compose_incomplete(
        session,
        tracking=document.tracking,
        form=form,
        problems=problems,
        customer=customer,
        submission=submission,
        note=words,
        refusal=refusal,
        put=put,
    )


def _times_rejected(session: Session, document: Document) -> int:
    return sum(state is State.REJECTED for state, _ in states_passed(session, document))


def _chosen(code: str, note: str) -> bool:
    """Whether that reason is told as an answer; RefusedError when it cannot be given as it stands."""
    found = rejection(code)
    if found is None:
        raise RefusedError([Problem("code", "unknown_reason", "Wybierz powód.")])
    if found.note_required and not note.strip():
        raise RefusedError([Problem("note", "missing", "Napisz, jaki to powód.")])
    require_no_pesel(note)
    return found.answer


def require_no_pesel(note: str) -> None:
    """RefusedError when a PESEL stands in a clerk's words to a customer: they go by open e-mail, and on paper."""
    if Pesel().stands_in(note):
        raise RefusedError([_PESEL_IN_NOTE])
