"""The states of a document, the ways in, and which state may follow which."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a document stands."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    READY = "ready"
    APPLIED = "applied"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


class IntakeChannel(StrEnum):
    """How a document came in (how a message goes out: ``confirmations.tables.Medium``)."""

    FOLDER = "folder"
    UPLOAD = "upload"
    API = "api"
    CLI = "cli"
    WEB = "web"
    DESK = "desk"


TO_BRING_FORWARD: Final = (State.RECEIVED, State.READY)
"""States in which a run takes the document on; from 'applied' it goes on by its messages, which leave by themselves."""

OPEN: Final = (*TO_BRING_FORWARD, State.APPLIED)
"""States in which the machine has the next step."""

WAITING: Final = (*OPEN, State.IN_REVIEW)
"""States in which somebody, machine or clerk, still owes a step."""

# An applied document never goes back: its change of the customer register is done. A clerk may reopen what the machine
# refused or took for a repetition. One taken for a repetition moves on if the first turns out to ask for nothing.
_NEXT: Final[dict[State, frozenset[State]]] = {
    State.RECEIVED: frozenset(
        {State.IN_REVIEW, State.READY, State.REJECTED, State.QUARANTINED, State.DUPLICATE},
    ),
    State.IN_REVIEW: frozenset(
        {State.READY, State.REJECTED, State.DUPLICATE, State.RECEIVED, State.QUARANTINED},
    ),
    State.READY: frozenset({State.APPLIED, State.IN_REVIEW, State.REJECTED, State.DUPLICATE}),
    State.APPLIED: frozenset({State.CONFIRMED}),
    State.CONFIRMED: frozenset(),
    State.REJECTED: frozenset({State.IN_REVIEW}),
    State.QUARANTINED: frozenset({State.RECEIVED, State.REJECTED, State.DUPLICATE, State.QUARANTINED}),
    State.DUPLICATE: frozenset({State.IN_REVIEW, State.QUARANTINED}),
}


class TransitionError(ValueError):
    """A state cannot follow another; a fault of the calling program."""


class StaleDocumentError(RuntimeError):
    """Somebody else moved the document meanwhile; load it again and decide anew."""


def may_follow(before: State, after: State) -> bool:
    """Whether a document in state ``before`` may be moved to ``after``."""
    return after in _NEXT[before]


def require_transition(before: State, after: State) -> None:
    """Do nothing when ``after`` may follow ``before``; TransitionError otherwise."""
    if not may_follow(before, after):
        raise TransitionError(f"a document that is {before} cannot become {after}")
