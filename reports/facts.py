"""What a report is counted from: rows of a span of days, asked by index; no value of a person is among them.

How a document ended is told as it was at the end of the span, so that what is told of a day that is over does not
change: a case that is opened again a week later was rejected on that day, and counts as settled on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from confirmations.tables import Message, Sending
from customers.calls import Call, calls_owed, count_owed
from customers.tables import Proof
from documents.states import WAITING, IntakeChannel, State
from documents.tables import BY_HAND, Document, Reading, Transition
from environment import clock
from portal import answering
from portal.answering import WaitingQuestions
from portal.question_tables import QuestionTurn
from reports.span import Span
from review.tables import SecondLook
from review.tolerance.section import Quality, quality_section

ENDS: Final = (State.CONFIRMED.value, State.REJECTED.value, State.DUPLICATE.value, State.QUARANTINED.value)
"""States in which a document ended, unless somebody takes it up again."""
SETTLED: Final = (State.CONFIRMED.value, State.REJECTED.value)
"""Ends for which a customer waits: a repetition asks for nothing, and a file in quarantine waits for a human."""
_CLERK: Final = "clerk:"
_MOST_CALLS: Final = 100
_MOST_BACK: Final = 20
_ARRIVED: Final = Document.channel != IntakeChannel.DESK.value
"""What the office makes itself to put a mistake right did not come in."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All rows. Those of ``arrived``, ``ended`` and ``desk`` are of the drawn span, the others of the span itself.

    ``arrived``: documents by when they came (``at``). ``ended``: the last end of each document in the span. ``desk``:
    what clerks decided. ``doubted``: that documents came to a clerk, by reason. ``waiting``: what waits now.
    ``messages`` and ``bounces``: counts; ``came_back``: the last of those, one by one. ``looks``: second looks that
    were ended. ``calls``: who is to be phoned now, of ``calls_total``. ``calls_done``: what came of calls.
    ``reading``: how sure reading is, and what is tolerated. ``answers``: to questions, and how long each was owed;
    ``questions``: how many wait now, and since when.
    """

    span: Span
    told_at: datetime
    arrived: pd.DataFrame
    ended: pd.DataFrame
    desk: pd.DataFrame
    doubted: pd.DataFrame
    waiting: pd.DataFrame
    messages: pd.DataFrame
    bounces: pd.DataFrame
    came_back: pd.DataFrame
    looks: pd.DataFrame
    proofs_waiting: int
    proofs_used: int
    calls: Sequence[Call]
    calls_total: int
    calls_done: pd.DataFrame
    reading: Quality
    answers: pd.DataFrame
    questions: WaitingQuestions


def facts(session: Session, span: Span) -> Facts:
    """Ask for all rows of a span; ``session`` sees one moment of the database."""
    told_at = clock.now()
    open_links = (Proof.used_at.is_(None), Proof.void.is_(None), Proof.expires_at > told_at)
    return Facts(
        span,
        told_at,
        arrived=framed(session, arrived(span.drawn)),
        ended=_ended(session, span.drawn),
        desk=framed(session, _decided(span.drawn)),
        doubted=framed(session, _doubted(span)),
        waiting=framed(session, _waiting()),
        messages=framed(session, _messages(span)),
        bounces=framed(session, _bounces(span)),
        came_back=framed(session, _came_back(span)),
        looks=framed(session, _looks(span)),
        proofs_waiting=_count(session, *open_links),
        proofs_used=_count(session, Proof.used_at >= span.begin, Proof.used_at < span.end),
        calls=calls_owed(session, _MOST_CALLS),
        calls_total=count_owed(session),
        calls_done=framed(session, _called(span)),
        reading=quality_section(session),
        answers=framed(session, _answered(span)),
        questions=answering.waiting(session),
    )


def arrived(span: Span) -> Select[Any]:
    """Documents with what they are now; ``by_hand``: pen was read on them, ``touched``: a human had to do with them."""
    by_hand = exists().where(Reading.document_id == Document.id, BY_HAND).correlate(Document)
    seen = or_(Transition.to_state == State.IN_REVIEW.value, Transition.actor.startswith(_CLERK))
    touched = exists().where(Transition.document_id == Document.id, seen).correlate(Document)
    return select(
        Document.tracking,
        Document.received_at.label("at"),
        Document.form,
        Document.channel,
        Document.state,
        Document.reason_code,
        by_hand.label("by_hand"),
        touched.label("touched"),
    ).where(Document.received_at >= span.begin, Document.received_at < span.end, _ARRIVED)


def _ended(session: Session, span: Span) -> pd.DataFrame:
    """The last end of each document in the span, unless it was taken up again by the end of it."""
    moved = framed(
        session,
        select(
            Transition.id,
            Transition.document_id,
            Transition.at,
            Transition.to_state.label("state"),
            Transition.reason_code,
            Document.form,
            Document.received_at,
        )
        .join(Document, Document.id == Transition.document_id)
        .where(
            Transition.at >= span.begin,
            Transition.at < span.end,
            or_(Transition.to_state.in_(ENDS), Transition.from_state.in_(ENDS)),
            _ARRIVED,
        ),
    )
    last = moved.sort_values("id").drop_duplicates("document_id", keep="last")
    return last[last["state"].isin(ENDS)].assign(took=lambda rows: rows["at"] - rows["received_at"])


def _decided(span: Span) -> Select[Any]:
    decisions = (State.READY.value, State.REJECTED.value, State.DUPLICATE.value)
    return select(Transition.at, Transition.to_state.label("state")).where(
        Transition.at >= span.begin,
        Transition.at < span.end,
        Transition.from_state == State.IN_REVIEW.value,
        Transition.to_state.in_(decisions),
        Transition.actor.startswith(_CLERK),
    )


def _doubted(span: Span) -> Select[Any]:
    return (
        select(Transition.reason_code, func.count(func.distinct(Transition.document_id)).label("number"))
        .where(Transition.at >= span.begin, Transition.at < span.end, Transition.to_state == State.IN_REVIEW.value)
        .group_by(Transition.reason_code)
    )


def _waiting() -> Select[Any]:
    states = [state.value for state in (*WAITING, State.QUARANTINED)]
    return (
        select(Document.tracking, Document.received_at, Document.form, Document.state, Document.reason_code)
        .where(Document.state.in_(states))
        .order_by(Document.received_at, Document.id)
    )


def _messages(span: Span) -> Select[Any]:
    return (
        select(Message.channel, Message.state, func.count().label("number"))
        .where(Message.created_at >= span.begin, Message.created_at < span.end)
        .group_by(Message.channel, Message.state)
    )


def _bounces(span: Span) -> Select[Any]:
    return (
        select(Sending.bounce, func.count().label("number"))
        .where(Sending.bounced_at >= span.begin, Sending.bounced_at < span.end)
        .group_by(Sending.bounce)
    )


def _came_back(span: Span) -> Select[Any]:
    return (
        select(Message.tracking, Sending.bounced_at, Sending.bounce, Message.state)
        .join(Message, Message.id == Sending.message_id)
        .where(Sending.bounced_at >= span.begin, Sending.bounced_at < span.end)
        .order_by(Sending.bounced_at.desc(), Sending.id.desc())
        .limit(_MOST_BACK)
    )


def _looks(span: Span) -> Select[Any]:
    return select(SecondLook.looked_at.label("at"), SecondLook.verdict, SecondLook.checked, SecondLook.wrong).where(
        SecondLook.looked_at >= span.begin, SecondLook.looked_at < span.end
    )


def _called(span: Span) -> Select[Any]:
    return (
        select(Proof.call_outcome, func.count().label("number"))
        .where(Proof.phoned_at >= span.begin, Proof.phoned_at < span.end)
        .group_by(Proof.call_outcome)
    )


def _answered(span: Span) -> Select[Any]:
    return select(QuestionTurn.at.label("at"), QuestionTurn.waited_since.label("owed_at")).where(
        QuestionTurn.at >= span.begin, QuestionTurn.at < span.end, QuestionTurn.clerk.is_not(None)
    )


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(Proof).where(and_(*conditions))) or 0


def framed(session: Session, asked: Select[Any]) -> pd.DataFrame:
    """The rows of an answer; moments as UTC, also where there are none."""
    columns = [column.name for column in asked.selected_columns]
    found = pd.DataFrame(_rows(session.execute(asked)), columns=columns)
    for column in columns:
        if column == "at" or column.endswith("_at"):
            found[column] = pd.to_datetime(found[column], utc=True)
    return found


def _rows(answer: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in answer]
