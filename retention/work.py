"""What is still in use and therefore never erased: an open case, an unsent message, a visit that is to be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from confirmations.tables import ENDED, Message
from customers.tables import Proof, Request
from customers.visits import OPEN
from documents.states import WAITING, State
from documents.tables import Document
from environment import clock
from review.tables import SecondLook

CLOSED: Final = tuple(state.value for state in State if state not in (*WAITING, State.QUARANTINED))
"""States in which nobody owes a step any more."""

OPEN_CASE: Final = "sprawa jest w toku"
OPEN_VISIT: Final = "wizyta dopiero będzie: wykonaj ją albo odwołaj, potem powtórz"
_REASONS: Final[Mapping[str, str]] = {
    "message": "wiadomość do klienta jeszcze nie wyszła albo nie wiadomo, czy doszła (Biuro, „Do wyjaśnienia”)",
    "look": "sprawa czeka na drugą kontrolę",
    "link": "klient może jeszcze kliknąć odnośnik",
    "visit": OPEN_VISIT,
    "repeats": "powtarza sprawę, która jest w toku",
}


def at_work() -> ColumnElement[bool]:
    """Condition on documents that are closed: something about them still waits."""
    return or_(*_conditions().values())


def why_at_work(session: Session, document: Document) -> str | None:
    """Why nothing of the document may be erased yet, in Polish; None when all of it may."""
    if document.state not in CLOSED:
        return OPEN_CASE
    for code, condition in _conditions().items():
        if session.scalar(select(Document.id).where(Document.id == document.id, condition)) is not None:
            return _REASONS[code]
    return None


def _conditions() -> dict[str, ColumnElement[bool]]:
    other = aliased(Document)
    waits = and_(Proof.used_at.is_(None), Proof.void.is_(None), Proof.expires_at > clock.now())
    return {
        "message": exists().where(Message.tracking == Document.tracking, Message.state.not_in(ENDED)),
        "look": exists().where(SecondLook.tracking == Document.tracking, SecondLook.verdict.is_(None)),
        "link": exists().where(Proof.tracking == Document.tracking, waits),
        "visit": exists().where(Request.tracking == Document.tracking, Request.visit_state.in_(OPEN)),
        "repeats": exists().where(other.tracking == Document.duplicate_of, other.state.not_in(CLOSED)),
    }
