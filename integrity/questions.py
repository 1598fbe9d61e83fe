"""Questions against their turns, and the files that came with them against the store's claims."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_

from database.engine import Session
from documents import claims
from documents.tables import Original
from integrity.differences import Comparison, DifferenceKind, Whose
from integrity.rows import Rows
from portal.question_tables import Question, QuestionAttachment, QuestionTurn

_NAME: Final = "Pytania klientów"


def _without_turn() -> ColumnElement[bool]:
    return not_(exists().where(QuestionTurn.question_id == Question.id))


def _waiting_torn() -> ColumnElement[bool]:
    waits = Question.waits_since.is_not(None)
    return or_(and_(Question.state == "new", not_(waits)), and_(Question.state != "new", waits))


def _unclaimed() -> ColumnElement[bool]:
    """Its file may be erased any night."""
    claimed = exists().where(Original.sha256 == QuestionAttachment.sha256, claims.kept_for(claims.QUESTIONS))
    return not_(claimed)


def _of_no_question() -> ColumnElement[bool]:
    named = exists().where(QuestionAttachment.sha256 == Original.sha256)
    return and_(claims.kept_for(claims.QUESTIONS), not_(named))


def _let_go(session: Session, original: Original, _actor: str) -> None:
    claims.let_go(session, [original.sha256], claims.QUESTIONS)


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        _NAME,
        DifferenceKind(
            "question_empty",
            "Jest pytanie, w którym nic nie napisano.",
            "Porównaj tabelę question_turns z kopią zapasową bazy; zapytaj klienta, o co chodziło.",
            Whose.OTHER,
        ),
        Question.id,
        Question.id,
        _without_turn,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "question_wait_torn",
            "Nie zgadza się, czy pytanie czeka na odpowiedź.",
            "Otwórz to pytanie w biurze i odpowiedz na nie albo je zakończ.",
            Whose.OTHER,
        ),
        Question.id,
        Question.id,
        _waiting_torn,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "question_file_unclaimed",
            "Plik z pytania klienta nie ma prawa do miejsca w magazynie i zniknie przy usuwaniu.",
            "Przywróć wiersz tabeli originals z kopii zapasowej bazy.",
            Whose.OTHER,
        ),
        QuestionAttachment.id,
        QuestionAttachment.id,
        _unclaimed,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "question_file_of_none",
            "Plik trzymany dla pytań nie należy do żadnego pytania.",
            "Zwolnij go: ebok check --repair; usunie go najbliższa noc.",
            Whose.ORIGINAL,
            mending="zwalnia plik",
        ),
        Original.sha256,
        func.substr(Original.sha256, 1, 12),
        _of_no_question,
        _let_go,
    ),
)
"""What is compared here."""
