"""A request for a visit that a clerk begins from a question: what we know is filled in, he types the rest and approves.

From there on it is a case as any other: the customer is told that we have it and sees how it stands, and the question
leads to it.
"""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from customers.records import RegisterLookup
from documents.intake import IdempotencyConflictError, receive_values
from documents.loading import load
from documents.states import IntakeChannel, State
from documents.transitions import move
from documents.values import record_problems
from environment import clock
from forms.catalogue import form_by_code
from forms.form import Problem
from forms.web import online_submission
from portal.prefilling import known_values
from portal.question_tables import Question, QuestionTurn
from portal.visits import FORMS
from review.decisions import RefusedError
from review.queue import Clerk, claim

_LOOK: Final = Problem(None, "doubtful", "Sprawdź dane i uzupełnij, o co prosi klient.")


def begin_visit(session: Session, number: int, clerk: Clerk, code: str, *, seen: int) -> str | None:
    """A case with that form for who asked the question, held by the clerk; None where there is no such question.

    ``seen`` is the last turn on the page where that was decided: the same again is the same case. RefusedError for
    another form, and for who is in the register no more.
    """
    question = session.get(Question, number, with_for_update=True)
    if question is None:
        return None
    if code not in FORMS:
        raise RefusedError([Problem("wniosek", "unknown_form", "Wybierz jeden z wniosków na stronie.")])
    form, day = form_by_code(code), clock.today()
    if RegisterLookup(session).find(question.customer_no) is None:
        raise RefusedError([Problem("wniosek", "unknown_customer", "Tego klienta nie ma już w rejestrze.")])
    known = known_values(session, question.customer_no, "", form, day)
    submission, problems = online_submission(form, known, day)
    raw = json.dumps({"question": number, "form": code, **submission.values}, ensure_ascii=False).encode()
    key = f"question {number} {code} {seen}"
    try:
        receipt = receive_values(
            session,
            submission,
            channel=IntakeChannel.DESK,
            raw=raw,
            idempotency_key=key,
            authority=_asked_by(session, number),
        )
    except IdempotencyConflictError:
        told = "Taki wniosek już zaczęto, a dane klienta w rejestrze potem się zmieniły. Znajdź go w wyszukiwaniu."
        raise RefusedError([Problem("wniosek", "begun", told)]) from None
    if receipt.state is not State.RECEIVED:  # begun before
        return receipt.tracking
    document = load(session, receipt.tracking)
    document.customer_no = question.customer_no
    first = problems[0] if problems else _LOOK
    move(session, document, State.IN_REVIEW, actor=clerk.actor, reason_code=first.code, reason=first.message)
    record_problems(session, document, problems or [_LOOK])
    question.case_tracking = question.case_tracking or document.tracking
    detail = {"case": document.tracking, "form": code}
    record(session, actor=clerk.actor, action="visit_begun", subject=f"question:{number}", detail=detail)
    session.flush()
    claim(session, document.tracking, clerk)
    return document.tracking


def _asked_by(session: Session, number: int) -> int | None:
    """The authority of who wrote last for the customer, None where he did himself."""
    turns = select(QuestionTurn.authority).where(QuestionTurn.question_id == number, QuestionTurn.clerk.is_(None))
    return session.scalar(turns.order_by(QuestionTurn.id.desc()).limit(1))
