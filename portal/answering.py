"""Questions at the desk: what waits, oldest first, an answer, handing on, closing, and finding one again.

Two who answer at once do not write past each other: an answer names the last turn that its clerk saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from access.roles import Right
from access.staff import StaffMember, list_staff
from audit.trail import SEARCHED_BY_NAME, record
from confirmations.account_messages import compose_question_answered
from customers.accounts import known_login, open_account
from customers.records import CustomerRecord, RegisterLookup
from customers.tables import Account, Customer
from database.encryption import digest
from environment import clock
from portal.conversations import AttachedFile, Conversation, QuestionLine, QuestionState, conversation, file_of, lines
from portal.question_tables import Question, QuestionAttachment, QuestionTurn
from portal.views import Permission, views_of
from review.search import customers_named

SHOWN: Final = 100
_READ_THROUGH: Final = 2_000
"""So many questions, the newest, are looked through for words: what was written is encrypted."""


class AnsweredMeanwhileError(Exception):
    """Something was written, or decided, since the clerk looked."""


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A question in a list of the desk; ``customer`` is the name in the register."""

    line: QuestionLine
    customer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeskQuestion:
    """A question with whose it is; ``reachable``: there is an account that is told of an answer by e-mail."""

    talk: Conversation
    customer: CustomerRecord | None = field(repr=False)
    reachable: bool


@dataclass(frozen=True, slots=True)
class WaitingQuestions:
    """How many wait for an answer, and since when the oldest does."""

    number: int
    since: datetime | None


def waiting(session: Session) -> WaitingQuestions:
    """What the office owes."""
    counted = select(func.count(), func.min(Question.waits_since)).where(Question.waits_since.is_not(None))
    number, since = session.execute(counted).one()
    return WaitingQuestions(number, since)


def listed(session: Session, state: QuestionState, *, held_by: str | None = None) -> list[DeskLine]:
    """Questions in that state: what waits oldest first, all else by what was written last."""
    wanted = select(Question).where(Question.state == state.value)
    if held_by is not None:
        wanted = wanted.where(Question.held_by == held_by)
    if state is QuestionState.NEW:
        wanted = wanted.order_by(Question.waits_since, Question.id)
    else:
        wanted = wanted.order_by(Question.last_at.desc(), Question.id.desc())
    return _with_names(session, session.scalars(wanted.limit(SHOWN)).all())


def find(session: Session, typed: str) -> list[DeskLine]:
    """Questions by their number, by the customer's number or name, or by words in them, the newest first.

    Words are looked for among the newest ``_READ_THROUGH`` questions.
    """
    words = typed.split()
    by_number = [Question.customer_no == typed]
    if typed.isdecimal() and len(typed) < 10:
        by_number.append(Question.id == int(typed))
    named = [one.customer_no for one in customers_named(session, typed)]
    newest = select(Question).order_by(Question.last_at.desc(), Question.id.desc())
    found = {one.id: one for one in session.scalars(newest.where(or_(*by_number, Question.customer_no.in_(named))))}
    if words and not found:
        lately = session.scalars(newest.limit(_READ_THROUGH)).all()
        turns = select(QuestionTurn).where(QuestionTurn.question_id.in_([one.id for one in lately]))
        holding = {
            turn.question_id
            for turn in session.scalars(turns)
            if all(word.casefold() in turn.text.casefold() for word in words)
        }
        found = {one.id: one for one in lately if one.id in holding}
    return _with_names(session, list(found.values())[:SHOWN])


def note_search(session: Session, found: Sequence[DeskLine], actor: str) -> None:
    """Say in the audit that questions were looked for, and whose were shown; never what was typed."""
    detail = {"shown": sorted({one.line.customer_no for one in found}), "found": len(found)}
    record(session, actor=actor, action=SEARCHED_BY_NAME, subject="questions", detail=detail)


def question(session: Session, number: int) -> DeskQuestion | None:
    """One of them; None where there is none of that number."""
    row = session.get(Question, number)
    if row is None:
        return None
    record_of = RegisterLookup(session).find(row.customer_no)
    return DeskQuestion(conversation(session, row), record_of, _account(session, row) is not None)


def answer(session: Session, number: int, clerk: str, text: str, *, key: str, seen: int, closes: bool = False) -> bool:
    """Write an answer, and tell the customer that there is one; False where there is no such question.

    The same key again changes nothing. AnsweredMeanwhileError when ``seen`` is no longer the last turn.
    """
    row = _locked(session, number)
    if row is None:
        return False
    kept = digest("answer", str(number), key)
    if session.scalar(select(QuestionTurn.id).where(QuestionTurn.key == kept)) is not None:
        return True
    _require_last(session, row, seen)
    at = clock.now()
    turn = QuestionTurn(question_id=row.id, at=at, clerk=clerk, text=text, key=kept, waited_since=row.waits_since)
    session.add(turn)
    row.state = QuestionState.CLOSED.value if closes else QuestionState.ANSWERED.value
    row.waits_since, row.last_at, row.held_by = None, at, clerk
    session.flush()
    account = _account(session, row)
    if account is not None:
        compose_question_answered(session, row.customer_no, account.login, account.tracking, f"{row.id}-{turn.id}")
    record(session, actor=f"clerk:{clerk}", action="question_answered", subject=f"question:{row.id}")
    return True


def hand_over(session: Session, number: int, clerk: str, to: str | None) -> bool:
    """Give a question to a clerk, or to whoever comes first (None); False where there is no such question or clerk."""
    row = _locked(session, number)
    if row is None or (to is not None and to not in {one.login for one in answerers(session)}):
        return False
    row.held_by = to
    record(
        session,
        actor=f"clerk:{clerk}",
        action="question_handed_over",
        subject=f"question:{row.id}",
        detail={"to": to},
    )
    return True


def close(session: Session, number: int, clerk: str, *, seen: int) -> bool:
    """End a question without a(nother) answer; AnsweredMeanwhileError. False where there is no such question."""
    row = _locked(session, number)
    if row is None:
        return False
    if row.state != QuestionState.CLOSED:
        _require_last(session, row, seen)
        row.state, row.waits_since = QuestionState.CLOSED.value, None
        record(session, actor=f"clerk:{clerk}", action="question_closed", subject=f"question:{row.id}")
    return True


def attachment(session: Session, number: int, attachment_number: int) -> AttachedFile | None:
    """A file of that question; None where there is none."""
    found = (
        select(QuestionAttachment)
        .join(QuestionTurn, QuestionTurn.id == QuestionAttachment.turn_id)
        .where(QuestionAttachment.id == attachment_number, QuestionTurn.question_id == number)
    )
    row = session.scalar(found)
    return None if row is None else file_of(row)


def answerers(session: Session) -> list[StaffMember]:
    """Who may answer: staff that work on cases, by name."""
    members = (one for one in list_staff(session) if one.active and Right.DECIDE in one.role.rights)
    return sorted(members, key=lambda one: one.name)


def names_of_staff(session: Session) -> dict[str, str]:
    """Names by login, of former staff too."""
    return {one.login: one.name for one in list_staff(session)}


def _with_names(session: Session, questions: Sequence[Question]) -> list[DeskLine]:
    numbers = {one.customer_no for one in questions}
    found = select(Customer.customer_no, Customer.name).where(Customer.customer_no.in_(numbers))
    names = dict(session.execute(found).tuples().all())
    return [DeskLine(one, names.get(one.customer_no)) for one in lines(session, questions)]


def _locked(session: Session, number: int) -> Question | None:
    wanted = select(Question).where(Question.id == number).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def _require_last(session: Session, row: Question, seen: int) -> None:
    last = session.scalar(select(func.max(QuestionTurn.id)).where(QuestionTurn.question_id == row.id))
    if last != seen:
        raise AnsweredMeanwhileError


def _account(session: Session, row: Question) -> Account | None:
    """Who is told: the account that asked while it may see the question, else that of the customer, who may."""
    found = select(Account).where(Account.tracking == row.account_tracking, Account.state == "active")
    asked = session.scalar(found) if row.account_tracking else None
    if asked is not None:
        views = views_of(session, asked.id, asked.customer_no, clock.today())
        if any(view.customer_no == row.customer_no and view.may(Permission.ACT) for view in views):
            return asked
    return open_account(session, row.customer_no) if known_login(session, row.customer_no) else None
