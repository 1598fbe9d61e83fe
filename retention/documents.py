"""Erasers of cases: their originals, their values, their messages, and in the end their records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from confirmations import erasing as messages
from confirmations.tables import ENDED, Message
from customers import erasing as register
from customers.tables import Consent, Proof
from documents.erasing import SENTENCE, erase_record, erase_values, release_original
from documents.states import State
from documents.tables import Document, Original
from documents.transitions import move
from environment.clock import local_day
from retention.bundles import SIZE, Bundle
from retention.work import CLOSED, at_work
from review.tables import SecondLook

_TYPED: Final = "application/json"


def scans(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Cases let go of scans, photos and files that prove no consent."""
    wanted = (_media() != _TYPED, *_unreleased(cutoff), ~exists().where(_proves()))
    return _each(session, after, wanted, release_original)


def typed(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Cases let go of the JSON that they came as, where it proves no consent."""
    wanted = (_media() == _TYPED, *_unreleased(cutoff), ~exists().where(_proves()))
    return _each(session, after, wanted, release_original)


def consent_originals(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Cases let go of originals whose consents are over for long."""
    lasting = or_(Consent.effective_to.is_(None), Consent.effective_to >= local_day(cutoff))
    wanted = (*_unreleased(cutoff), exists().where(_proves()), ~exists().where(_proves(), lasting))
    return _each(session, after, wanted, release_original)


def values(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase what was read, typed, noted and told of settled cases."""
    wanted = (Document.values_erased_at.is_(None), *_settled(cutoff))
    return _each(session, after, wanted, reduce)


def reduce(session: Session, document: Document) -> None:
    """Erase the words of one case, wherever they stand; its original is another matter."""
    erase_values(session, document)
    register.reduce_change(session, document.tracking, SENTENCE)


def quarantined(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Put away files in quarantine that nobody has dealt with, and erase them."""
    wanted = (Document.state == State.QUARANTINED.value, Document.updated_at < cutoff)
    return _each(session, after, wanted, _put_away)


def _put_away(session: Session, document: Document) -> None:
    move(session, document, State.REJECTED, actor="machine", reason_code=document.reason_code)
    erase_values(session, document)
    release_original(session, document)


def sent_messages(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase to whom messages of settled cases went, and what they said."""
    open_case = exists().where(Document.tracking == Message.tracking, Document.state.not_in(CLOSED))
    found = session.execute(
        select(Message, open_case)
        .where(
            Message.id > after,
            Message.state.in_(ENDED),
            Message.erased_at.is_(None),
            func.coalesce(Message.sent_at, Message.created_at) < cutoff,
        )
        .order_by(Message.id)
        .limit(SIZE)
    ).all()
    for message, goes_on in found:
        if not goes_on:
            messages.erase_message(session, message)
    kept = sum(goes_on for _, goes_on in found)
    return Bundle(len(found) - kept, kept, found[-1][0].id if found else None)


def desk_leases(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Forget who held documents at the desk."""
    documents = update(Document).where(Document.desk_until < cutoff).values(desk_owner=None, desk_until=None)
    looks = (
        update(SecondLook)
        .where(SecondLook.clerk_until < cutoff, SecondLook.verdict.is_(None))
        .values(clerk=None, clerk_until=None)
    )
    forgotten = 0
    for statement in (documents, looks):
        done = session.execute(statement.execution_options(synchronize_session=False))
        forgotten += done.rowcount  # type: ignore[attr-defined]
    return Bundle(forgotten)


def records(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase that there were cases, where no consent names them and nothing of them is left."""
    named = exists().where(Proof.tracking == Document.tracking)
    reduced = and_(
        Document.values_erased_at.is_not(None),
        or_(Document.original_released_at.is_not(None), Document.original_sha256.is_(None)),
    )
    wanted = (reduced, *_settled(cutoff), ~exists().where(_proves()), ~named)
    return _each(session, after, wanted, erase_case_record)


def erase_case_record(session: Session, document: Document) -> None:
    """Erase the record of one case in every room."""
    messages.erase_records(session, document.tracking)
    register.erase_change(session, document.tracking)
    for look in session.scalars(select(SecondLook).where(SecondLook.tracking == document.tracking)):
        session.delete(look)
    erase_record(session, document)


def _settled(cutoff: datetime) -> tuple[ColumnElement[bool], ...]:
    return Document.state.in_(CLOSED), Document.updated_at < cutoff


def _unreleased(cutoff: datetime) -> tuple[ColumnElement[bool], ...]:
    return Document.original_sha256.is_not(None), Document.original_released_at.is_(None), *_settled(cutoff)


def _media() -> ColumnElement[str]:
    return select(Original.media_type).where(Original.sha256 == Document.original_sha256).scalar_subquery()


def _proves() -> ColumnElement[bool]:
    return or_(Consent.tracking == Document.tracking, Consent.ended_by_tracking == Document.tracking)


def _each(
    session: Session, after: int, wanted: tuple[ColumnElement[bool], ...], erase: Callable[[Session, Document], object]
) -> Bundle:
    """The next documents of those that are wanted, each erased unless something about it is at work."""
    waits = at_work()
    found: Select[tuple[Document, bool]] = (
        select(Document, waits).where(Document.id > after, *wanted).order_by(Document.id).limit(SIZE)
    )
    rows = session.execute(found.with_for_update(of=Document, skip_locked=True)).all()
    for document, busy in rows:
        if not busy:
            erase(session, document)
    kept = sum(busy for _, busy in rows)
    return Bundle(len(rows) - kept, kept, rows[-1][0].id if rows else None)
