"""The outbox against documents and their states: nothing lost on the way to a customer, nothing sent twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from audit.tables import AuditEntry
from confirmations import outbox
from confirmations.tables import ENDED, NO_CASE, Message, MessageState, Sending
from database.engine import Session
from documents.states import State
from documents.tables import Document, Transition
from documents.transitions import move
from environment import clock
from integrity.differences import Comparison, DifferenceKind
from integrity.documents import known
from integrity.rows import Rows

_MESSAGES: Final = "Wiadomości"
_CASES: Final = "Sprawy i ich wiadomości"
_LONG: Final = timedelta(hours=1)
"""What the program does of itself it has done by then."""
_VERY_LONG: Final = timedelta(days=1)
"""So long no message waits behind others, however many there are."""
_WANTED: Final = ("message_sent_again", "message_printed", "address_corrected")
"""What somebody at the desk does so that a message leaves once more."""
_CLARIFY: Final = "Zobacz ją w biurze w „Do wyjaśnienia” i zdecyduj, co z nią zrobić."


def _of_nothing() -> ColumnElement[bool]:
    return and_(Message.tracking != NO_CASE, not_(known(Message.tracking)))


def _confirmed_at() -> Any:
    steps = select(func.min(Transition.at)).where(
        Transition.document_id == Document.id, Transition.to_state == State.CONFIRMED.value
    )
    return steps.correlate(Document).scalar_subquery()


def _confirmed_too_early() -> ColumnElement[bool]:
    """What is written afterwards (a link was used, a mistake found) changes nothing of the confirmation."""
    owed = exists().where(
        Message.tracking == Document.tracking,
        Message.state.not_in(ENDED),
        Message.sent_at.is_(None),
        Message.created_at < _confirmed_at(),
    )
    return and_(Document.state == State.CONFIRMED.value, owed)


def _not_confirmed() -> ColumnElement[bool]:
    """Its last message left long ago, and whoever sent it did not come to note that."""
    messages = Message.tracking == Document.tracking
    last = select(func.max(func.coalesce(Message.sent_at, Message.next_attempt_at))).where(messages).scalar_subquery()
    return and_(
        Document.state == State.APPLIED.value,
        not_(exists().where(messages, Message.state.not_in(ENDED))),
        last < clock.now() - _LONG,
    )


def _applied_in_silence() -> ColumnElement[bool]:
    return and_(Document.state == State.APPLIED.value, not_(exists().where(Message.tracking == Document.tracking)))


def _left_in_sending() -> ColumnElement[bool]:
    over = or_(Message.leased_until.is_(None), Message.leased_until < clock.now() - _LONG)
    return and_(Message.state == MessageState.SENDING.value, over)


def _passed_over() -> ColumnElement[bool]:
    """Others leave, and this one was due long before: a program that stands still passes nobody over."""
    last = select(Sending.at).order_by(Sending.id.desc()).limit(1).scalar_subquery()
    return and_(
        Message.state == MessageState.PENDING.value,
        Message.next_attempt_at < clock.now() - _VERY_LONG,
        last > clock.now() - _LONG,
    )


def _sent_twice() -> ColumnElement[bool]:
    """Taken twice by a server, the first one not known to have come back, and nobody at the desk wanted that."""
    first, second = aliased(Sending), aliased(Sending)
    taken = exists().where(
        first.message_id == Message.id,
        first.accepted_at.is_not(None),
        first.bounce.is_(None),
        second.message_id == Message.id,
        second.accepted_at.is_not(None),
        second.id > first.id,
    )
    wanted = exists().where(AuditEntry.subject == Message.subject, AuditEntry.action.in_(_WANTED))
    return and_(Message.repeatable.is_(False), taken, not_(wanted))


def _confirm(session: Session, document: Document, actor: str) -> None:
    move(session, document, State.CONFIRMED, actor=actor)


def _give_back(session: Session, message: Message, _actor: str) -> None:
    message.leased_until = message.leased_until or clock.now()
    session.flush()
    outbox.due(session, message.tracking or None, limit=0)


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        _MESSAGES,
        DifferenceKind(
            "message_of_nothing",
            "Wiadomość należy do sprawy, której nie ma.",
            "Odszukaj sprawę w kopii zapasowej bazy (ebok audit list --document).",
        ),
        Message.id,
        Message.subject,
        _of_nothing,
    ),
    Rows(
        _CASES,
        DifferenceKind("confirmed_too_early", "Sprawa jest potwierdzona, a wiadomość z niej nie wyszła.", _CLARIFY),
        Document.id,
        Document.tracking,
        _confirmed_too_early,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "not_confirmed",
            "Wszystkie wiadomości ze sprawy wyszły, a nie zapisano, że jest potwierdzona.",
            "Zapisz to: ebok check --repair.",
            mending="zapisuje, że sprawa jest potwierdzona",
        ),
        Document.id,
        Document.tracking,
        _not_confirmed,
        _confirm,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "applied_in_silence",
            "Sprawa jest załatwiona, a nie ma z niej żadnej wiadomości do klienta.",
            "Powiadom klienta sam i odszukaj wiadomość w kopii zapasowej bazy.",
        ),
        Document.id,
        Document.tracking,
        _applied_in_silence,
    ),
    Rows(
        _MESSAGES,
        DifferenceKind(
            "message_left_in_sending",
            "Wysyłanie wiadomości przerwano i nikt się nią nie zajął.",
            "Oddaj ją: ebok check --repair. Ta, która mogła dojść, trafi do „Do wyjaśnienia”.",
            mending="oddaje wiadomość do wysłania albo, jeśli mogła dojść, do wyjaśnienia",
        ),
        Message.id,
        Message.subject,
        _left_in_sending,
        _give_back,
    ),
    Rows(
        _MESSAGES,
        DifferenceKind(
            "message_passed_over",
            "Wiadomość od dawna powinna wyjść, a wychodzą tylko inne.",
            "Zobacz w dzienniku programu (EBOK_HOME/logs), co ją zatrzymuje.",
        ),
        Message.id,
        Message.subject,
        _passed_over,
    ),
    Rows(
        _MESSAGES,
        DifferenceKind(
            "message_sent_twice",
            "Wiadomość wyszła dwa razy, a nikt w biurze tego nie chciał.",
            "Jeśli klient pyta, przeproś i wyjaśnij; zobacz w dzienniku programu, co się wtedy stało.",
        ),
        Message.id,
        Message.subject,
        _sent_twice,
    ),
)
"""What is compared here."""
