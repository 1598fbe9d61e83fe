"""A question as both sides see it: its turns, oldest first, and the files beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.question_tables import Question, QuestionAttachment, QuestionTurn

LONGEST: Final = 4_000
"""Signs of one turn: two pages."""
_BEGINNING: Final = 90


class QuestionKind(StrEnum):
    """What a question is about."""

    BILLING = "billing"
    SERVICES = "services"
    OTHER = "other"


KINDS: Final[Mapping[QuestionKind, str]] = {
    QuestionKind.BILLING: "Rozliczenia i faktury",
    QuestionKind.SERVICES: "Usługi: woda, ścieki, nieczystości",
    QuestionKind.OTHER: "Coś innego",
}
"""The same in Polish."""


class QuestionState(StrEnum):
    """Where a question is: ``new`` as long as the office owes an answer."""

    NEW = "new"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file beside a turn, as its sender called it."""

    number: int
    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side wrote; ``clerk`` is None where it was the customer, or who acted for him by ``authority``."""

    number: int
    at: datetime
    clerk: str | None
    authority: int | None
    text: str = field(repr=False)
    files: tuple[AttachedFile, ...]

    @property
    def paragraphs(self) -> list[list[str]]:
        """The text as it is shown: lines in paragraphs."""
        return [part.split("\n") for part in self.text.split("\n\n") if part.strip()]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question with all that was written."""

    number: int
    customer_no: str
    kind: QuestionKind
    invoice_no: str | None
    case_tracking: str | None
    state: QuestionState
    asked_at: datetime
    waits_since: datetime | None
    held_by: str | None
    account_tracking: str
    turns: tuple[Turn, ...]

    @property
    def last_turn(self) -> int:
        """The number of the last turn: who answers says which one he saw."""
        return self.turns[-1].number


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in a list; ``beginning`` is how it begins, ``authority`` that by which somebody asked it for him."""

    number: int
    customer_no: str
    kind: QuestionKind
    state: QuestionState
    asked_at: datetime
    waits_since: datetime | None
    last_at: datetime
    held_by: str | None
    beginning: str = field(repr=False)
    authority: int | None


def conversation(session: Session, question: Question) -> Conversation:
    """All of a question."""
    turns = session.scalars(
        select(QuestionTurn).where(QuestionTurn.question_id == question.id).order_by(QuestionTurn.id)
    ).all()
    files: dict[int, list[AttachedFile]] = {}
    of_these = QuestionAttachment.turn_id.in_([turn.id for turn in turns])
    for row in session.scalars(select(QuestionAttachment).where(of_these).order_by(QuestionAttachment.id)):
        files.setdefault(row.turn_id, []).append(file_of(row))
    return Conversation(
        question.id,
        question.customer_no,
        QuestionKind(question.kind),
        question.invoice_no,
        question.case_tracking,
        QuestionState(question.state),
        question.asked_at,
        question.waits_since,
        question.held_by,
        question.account_tracking,
        tuple(Turn(one.id, one.at, one.clerk, one.authority, one.text, tuple(files.get(one.id, ()))) for one in turns),
    )


def lines(session: Session, questions: Iterable[Question]) -> list[QuestionLine]:
    """The same in a list, in their order."""
    wanted = list(questions)
    first: dict[int, QuestionTurn] = {}
    turns = select(QuestionTurn).where(QuestionTurn.question_id.in_([one.id for one in wanted]))
    for turn in session.scalars(turns.order_by(QuestionTurn.id)):
        first.setdefault(turn.question_id, turn)
    return [
        QuestionLine(
            one.id,
            one.customer_no,
            QuestionKind(one.kind),
            QuestionState(one.state),
            one.asked_at,
            one.waits_since,
            one.last_at,
            one.held_by,
            _beginning(first[one.id].text if one.id in first else ""),
            first[one.id].authority if one.id in first else None,
        )
        for one in wanted
    ]


def file_of(row: QuestionAttachment) -> AttachedFile:
    """A file of its row."""
    return AttachedFile(row.id, row.name, row.media_type, row.size, row.sha256)


def _beginning(text: str) -> str:
    """As much of a text as stands in a line of a list, ended at a word."""
    line = " ".join(text.split())
    if len(line) <= _BEGINNING:
        return line
    return f"{line[:_BEGINNING].rsplit(' ', 1)[0]}…"
