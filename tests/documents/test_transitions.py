"""From state to state: only where one may follow, and once whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from audit.tables import AuditEntry
from database.engine import transaction
from documents import leases
from documents.loading import UnknownDocumentError, load
from documents.states import StaleDocumentError, State, TransitionError, may_follow
from documents.tables import Transition
from documents.transitions import move
from tests.documents.examples import together
from tests.documents.received import scan

pytestmark = pytest.mark.usefixtures("database")


def test_an_unknown_tracking_number_is_said_so() -> None:
    with transaction() as session, pytest.raises(UnknownDocumentError):
        load(session, "K7M4-PX9A")


def test_a_move_writes_state_reason_transition_and_audit() -> None:
    tracking = scan()
    with transaction() as session:
        moved = move(
            session, load(session, tracking), State.REJECTED, actor="machine", reason_code="x", reason="Brak podpisu."
        )
        assert (moved.at, moved.reason_code, moved.reason) == (State.REJECTED, "x", "Brak podpisu.")
    with transaction() as session:
        steps = list(session.scalars(select(Transition).order_by(Transition.id)))
        assert [(step.from_state, step.to_state, step.note) for step in steps] == [
            (None, "received", None),
            ("received", "rejected", "Brak podpisu."),
        ]
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.subject == tracking)))
        assert [(entry.actor, entry.action) for entry in entries] == [("folder", "taken_in"), ("machine", "moved")]


def test_a_state_that_cannot_follow_is_refused() -> None:
    tracking = scan()
    with transaction() as session, pytest.raises(TransitionError, match="received cannot become confirmed"):
        move(session, load(session, tracking), State.CONFIRMED, actor="machine")


def test_what_is_applied_never_goes_back() -> None:
    assert [after for after in State if may_follow(State.APPLIED, after)] == [State.CONFIRMED]
    assert [after for after in State if may_follow(State.CONFIRMED, after)] == []


def test_a_document_from_an_earlier_transaction_may_be_moved() -> None:
    tracking = scan()
    with transaction() as session:
        document = load(session, tracking)
    with transaction() as session:
        move(session, document, State.READY, actor="machine")
    with transaction() as session:
        move(session, document, State.APPLIED, actor="machine")
        assert load(session, tracking).at is State.APPLIED


def test_a_document_that_somebody_moved_meanwhile_is_not_moved_again() -> None:
    tracking = scan()
    with transaction() as session:
        seen = load(session, tracking)
    with transaction() as session:
        move(session, load(session, tracking), State.REJECTED, actor="clerk:7")
    with transaction() as session, pytest.raises(StaleDocumentError):
        move(session, seen, State.READY, actor="machine")
    with transaction() as session:
        assert load(session, tracking).at is State.REJECTED


def test_of_several_moves_at_once_one_wins() -> None:
    tracking = scan()
    seen = []
    for _ in range(4):
        with transaction() as session:
            seen.append(load(session, tracking))
    ends: list[str] = []

    def move_it(number: int) -> None:
        try:
            with transaction() as session:
                move(session, seen[number], State.READY, actor="machine")
        except StaleDocumentError:
            ends.append("lost")
        else:
            ends.append("won")

    together(4, move_it)
    assert sorted(ends) == ["lost", "lost", "lost", "won"]


def test_the_lease_ends_with_the_move_to_where_nobody_brings_the_document_forward() -> None:
    tracking = scan()
    for state, holder in ((State.READY, "a run"), (State.IN_REVIEW, None)):
        with transaction() as session:
            assert leases.claim(session, tracking, "a run") is not None
            assert move(session, load(session, tracking), state, actor="machine").lease_owner == holder
        with transaction() as session:
            document = load(session, tracking)
            assert (document.lease_owner, document.attempts) == (holder, int(holder is not None))
