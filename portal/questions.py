"""Questions of a customer: asked from his account, gone on with, closed; each is looked for among his alone.

What is sent twice is one: the key of a form counts once for its customer. Files come stored and looked at
(``api.receiving``); with a question that is written down the house has a claim to them. Functions work inside the
caller's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from unicodedata import category

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from billing.statement import invoice_on
from customers.acting import authority_of
from customers.proofs import lock_customer
from customers.tables import Account
from database.encryption import digest
from documents import claims
from documents.originals import StoredFile
from environment import clock
from forms.form import Problem
from portal.cases import is_case_of
from portal.conversations import (
    LONGEST,
    AttachedFile,
    Conversation,
    QuestionKind,
    QuestionLine,
    QuestionState,
    conversation,
    file_of,
    lines,
)
from portal.question_tables import Question, QuestionAttachment, QuestionTurn
from portal.views import OWNER

MOST_FILES: Final = 5
MOST_A_DAY: Final = 20
"""Turns that a customer may write in a day, and each who acts for him."""
_DAY: Final = 24 * 60
_SHOWN: Final = 200
_LONGEST_NAME: Final = 120
_UNPRINTED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINES: Final = re.compile(r"\n{3,}")


class TooManyQuestionsError(Exception):
    """The customer has written too much today."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose questions it is about, and which account asks.

    Who acts for the customer sees only what his own account asked, unless he ``sees_all``. ``actor`` is who it is, as
    the audit has it (``portal.views``).
    """

    customer_no: str
    login: str = field(repr=False)
    sees_all: bool
    actor: str = OWNER


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a turn and is in the store."""

    name: str = field(repr=False)
    stored: StoredFile


@dataclass(frozen=True, slots=True)
class Written:
    """What a customer sent: one turn.

    ``key`` came with the form; from the same sender, for the same question, the same one again is the same turn.
    """

    text: str = field(repr=False)
    key: str = field(repr=False)
    files: Sequence[SentFile] = ()


def cleaned(typed: str) -> tuple[str, Problem | None]:
    """A text as it is kept, and what is wrong with it: signs that nobody sees and heaps of empty lines go."""
    text = _UNPRINTED.sub("", typed.replace("\r\n", "\n").replace("\r", "\n"))
    text = _LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
    if all(category(sign)[0] in "CZ" for sign in text):  # what is left may be of zero width
        return text, Problem("text", "missing", "Napisz, o co chcesz zapytać.")
    if len(text) > LONGEST:
        told = f"Tekst ma {len(text)} znaków, a zmieści się {LONGEST}. Skróć go albo resztę dołącz jako plik PDF."
        return text, Problem("text", "too_long", told)
    return text, None


def is_his(session: Session, customer_no: str, *, invoice_no: str | None, case_tracking: str | None) -> bool:
    """Whether the invoice and the case that a question names are this customer's.

    What no number has, as a NUL, is not looked for: PostgreSQL takes none.
    """
    if not all(named.isprintable() for named in (invoice_no, case_tracking) if named is not None):
        return False
    if invoice_no is not None:
        invoice = invoice_on(session, invoice_no)
        if invoice is None or invoice.row["customer_no"] != customer_no:
            return False
    return case_tracking is None or is_case_of(session, customer_no, case_tracking)


def ask(
    session: Session,
    asker: Asker,
    written: Written,
    *,
    kind: QuestionKind,
    invoice_no: str | None = None,
    case_tracking: str | None = None,
) -> int:
    """A new question; gives its number. TooManyQuestionsError."""
    customer_no = asker.customer_no
    lock_customer(session, customer_no)
    key = _key(asker, written)
    known = _sent_before(session, key)
    if known is not None:
        return known
    _count(session, asker)
    at, account = clock.now(), session.scalar(_account_of(asker))
    question = Question(
        customer_no=customer_no,
        account_tracking=account or "",
        kind=kind.value,
        invoice_no=invoice_no,
        case_tracking=case_tracking,
        state=QuestionState.NEW.value,
        asked_at=at,
        waits_since=at,
        last_at=at,
    )
    session.add(question)
    session.flush()
    _add_turn(session, question, written, asker.actor, key)
    record(session, actor=asker.actor, action="question_asked", subject=f"question:{question.id}")
    return question.id


def go_on(session: Session, asker: Asker, number: int, written: Written) -> bool:
    """One more turn of a question, which waits for the office again; False where it is none of his.

    TooManyQuestionsError.
    """
    lock_customer(session, asker.customer_no)
    question = _held(session, asker, number)
    if question is None:
        return False
    key = _key(asker, written, question)
    if _sent_before(session, key) is not None:
        return True
    _count(session, asker)
    question.last_at = clock.now()
    question.waits_since = question.waits_since or question.last_at
    question.state = QuestionState.NEW.value
    _add_turn(session, question, written, asker.actor, key)
    record(session, actor=asker.actor, action="question_asked", subject=f"question:{question.id}")
    return True


def close(session: Session, asker: Asker, number: int) -> bool:
    """The customer needs no (further) answer; False where it is none of his."""
    lock_customer(session, asker.customer_no)
    question = _held(session, asker, number)
    if question is None:
        return False
    if question.state != QuestionState.CLOSED:
        question.state, question.waits_since = QuestionState.CLOSED.value, None
        record(session, actor=asker.actor, action="question_closed", subject=f"question:{question.id}")
    return True


def questions_of(session: Session, asker: Asker) -> list[QuestionLine]:
    """The newest of his questions first, by what was written last."""
    found = select(Question).where(_his(asker))
    return lines(session, session.scalars(found.order_by(Question.last_at.desc(), Question.id.desc()).limit(_SHOWN)))


def question_of(session: Session, asker: Asker, number: int) -> Conversation | None:
    """One of his; None for anybody else's as for one that nobody has."""
    question = _of_him(session, asker, number)
    return None if question is None else conversation(session, question)


def all_of(session: Session, customer_no: str) -> tuple[Conversation, ...]:
    """All that this customer ever asked, as long as it is kept, the oldest first."""
    found = session.scalars(select(Question).where(Question.customer_no == customer_no).order_by(Question.id))
    return tuple(conversation(session, one) for one in found.all())


def attachment_of(session: Session, asker: Asker, number: int, attachment: int) -> AttachedFile | None:
    """A file that he sent with that question; None where there is none."""
    found = (
        select(QuestionAttachment)
        .join(QuestionTurn, QuestionTurn.id == QuestionAttachment.turn_id)
        .join(Question, Question.id == QuestionTurn.question_id)
        .where(QuestionAttachment.id == attachment, Question.id == number, _his(asker))
    )
    row = session.scalar(found)
    return None if row is None else file_of(row)


def _of_him(session: Session, asker: Asker, number: int) -> Question | None:
    return session.scalar(select(Question).where(Question.id == number, _his(asker)))


def _held(session: Session, asker: Asker, number: int) -> Question | None:
    """The same, which no clerk changes meanwhile: who answers holds the question and not its customer."""
    wanted = select(Question).where(Question.id == number, _his(asker)).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def _his(asker: Asker) -> ColumnElement[bool]:
    """Condition on a question: whoever asks may see it."""
    of_customer = Question.customer_no == asker.customer_no
    if asker.sees_all:
        return of_customer
    return and_(of_customer, Question.account_tracking == _account_of(asker).scalar_subquery())


def _account_of(asker: Asker) -> Select[tuple[str]]:
    return select(Account.tracking).where(Account.login == asker.login, Account.state == "active")


def _key(asker: Asker, written: Written, question: Question | None = None) -> str:
    """What makes a turn one: programs of a customer and of his agents may choose the same keys."""
    authority = authority_of(asker.actor)
    by = [] if authority is None else [f"by {authority}"]
    of = [] if question is None else [f"of {question.id}"]
    return digest("question", asker.customer_no, *by, *of, written.key)


def _sent_before(session: Session, key: str) -> int | None:
    return session.scalar(select(QuestionTurn.question_id).where(QuestionTurn.key == key))


def _count(session: Session, asker: Asker) -> None:
    key = f"question:{asker.customer_no}:{authority_of(asker.actor)}"
    if not tries.allowed(session, key, most=MOST_A_DAY, minutes=_DAY):
        raise TooManyQuestionsError
    tries.note_wrong(session, key)


def _add_turn(session: Session, question: Question, written: Written, actor: str, key: str) -> None:
    if written.files:
        claims.keep(session, [one.stored for one in written.files], claims.QUESTIONS)
    turn = QuestionTurn(
        question_id=question.id,
        at=question.last_at,
        authority=authority_of(actor),
        text=written.text,
        key=key,
    )
    session.add(turn)
    session.flush()
    for one in written.files:
        session.add(
            QuestionAttachment(
                turn_id=turn.id,
                sha256=one.stored.sha256,
                media_type=one.stored.media_type,
                size=one.stored.size,
                name=_UNPRINTED.sub("", one.name)[:_LONGEST_NAME] or "plik",
            )
        )
    session.flush()
