"""Erasing questions with their turns and attachments: when their time is over, or when their customer asks.

A file goes with the last that has a claim to it. Functions work inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from documents import claims
from portal.question_tables import Question, QuestionAttachment, QuestionTurn


def erase_before(session: Session, cutoff: datetime, most: int) -> int:
    """Erase questions that wait for no answer and in which nothing was written since; gives how many."""
    over = select(Question.id).where(Question.waits_since.is_(None), Question.last_at < cutoff)
    return _erase(session, session.scalars(over.order_by(Question.last_at).limit(most)).all())


def erase_questions(session: Session, customer_no: str) -> int:
    """Erase those of a customer that wait for no answer; gives how many."""
    of_him = select(Question.id).where(Question.customer_no == customer_no, Question.waits_since.is_(None))
    return _erase(session, session.scalars(of_him).all())


def is_owed_an_answer(session: Session, customer_no: str) -> bool:
    """Whether the office still has to answer a question of that customer, who then has to be reached."""
    waits = exists().where(Question.customer_no == customer_no, Question.waits_since.is_not(None))
    return bool(session.scalar(select(waits)))


def _erase(session: Session, numbers: Collection[int]) -> int:
    turns = select(QuestionTurn.id).where(QuestionTurn.question_id.in_(numbers))
    of_these = QuestionAttachment.turn_id.in_(turns)
    digests = set(session.scalars(select(QuestionAttachment.sha256).where(of_these)))
    for table, condition in (
        (QuestionAttachment, of_these),
        (QuestionTurn, QuestionTurn.question_id.in_(numbers)),
        (Question, Question.id.in_(numbers)),
    ):
        session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
    still = select(QuestionAttachment.sha256).where(QuestionAttachment.sha256.in_(digests))
    claims.let_go(session, digests - set(session.scalars(still)), claims.QUESTIONS)
    return len(numbers)
