"""Visits that customers ask for: whose turn it is, the day, what the crew reports.

The office proposes a day, or takes the one that was wished for; the customer agrees, wishes for another one or cancels;
a crew goes there. Every step names the one that it was decided upon, so two people never overwrite each other; the same
step sent twice is one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from customers.acting import authority_of, is_his_word
from customers.tables import Change, Request
from environment.clock import now
from environment.settings import get_settings


class VisitState(StrEnum):
    """Whose turn it is: the office's (asked), the customer's (proposed), the crew's (agreed), nobody's any more."""

    ASKED = "asked"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    CANCELLED = "cancelled"


class Part(StrEnum):
    """When on its day a visit is."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class Report(StrEnum):
    """What a crew tells of a visit."""

    DONE = "done"
    NOBODY = "nobody"
    """Nobody opened."""
    IMPOSSIBLE = "impossible"


OPEN: Final = (VisitState.ASKED, VisitState.PROPOSED, VisitState.AGREED)
"""States in which something is still to be done."""
ENDED: Final = (VisitState.DONE.value, VisitState.CANCELLED.value)
LONGEST_NOTE: Final = 300


def hours_of(part: Part) -> tuple[int, int]:
    """The hours within which a visit begins."""
    settings = get_settings()
    first, noon, last = settings.visit_from_hour, settings.visit_noon_hour, settings.visit_until_hour
    return {Part.DAY: (first, last), Part.MORNING: (first, noon), Part.AFTERNOON: (noon, last)}[part]


class UnknownVisitError(LookupError):
    """There is no request for a visit of that number."""


class MovedOnError(Exception):
    """Somebody else was quicker: what is to be decided is not what was seen."""


def is_visit() -> ColumnElement[bool]:
    """Condition on requests: one that asks for a visit."""
    return Request.visit_state.is_not(None)


def visit_of(session: Session, tracking: str, customer_no: str | None = None) -> Request | None:
    """The request for a visit of that case, and only of that customer where one is named."""
    found = select(Request).where(Request.tracking == tracking, is_visit())
    return session.scalar(found if customer_no is None else found.where(Request.customer_no == customer_no))


def visits_of(session: Session, customer_no: str) -> list[Request]:
    """All that a customer asked for, the newest first."""
    found = select(Request).where(Request.customer_no == customer_no, is_visit())
    return list(session.scalars(found.order_by(Request.at.desc(), Request.id.desc())))


def state_of(visit: Request) -> VisitState:
    """Its state."""
    return VisitState(visit.visit_state or "")


class Steps:
    """One step of one visit, in the caller's transaction: ``seen`` is the number of the step it was decided upon.

    Each method gives whether anything was changed: False where this very step was made already. MovedOnError where
    another one was.
    """

    def __init__(self, session: Session, tracking: str, seen: int, actor: str) -> None:
        found = select(Request).where(Request.tracking == tracking, is_visit()).with_for_update()
        visit = session.scalar(found.execution_options(populate_existing=True))
        if visit is None:
            raise UnknownVisitError(tracking)
        self.session, self.visit, self.seen, self.actor = session, visit, seen, actor

    def propose(self, day: date, part: Part) -> bool:
        """The office names a day."""
        return self._step(OPEN, VisitState.PROPOSED, day=day, part=part.value)

    def accept_wish(self, part: Part) -> bool:
        """The office takes the day that was wished for."""
        return self._step((VisitState.ASKED,), VisitState.AGREED, day=self.visit.wished_on, part=part.value)

    def agree(self) -> bool:
        """The customer takes the proposed day."""
        return self._step((VisitState.PROPOSED,), VisitState.AGREED, said=True)

    def wish(self, day: date, note: str) -> bool:
        """The customer wishes for another day."""
        return self._step(OPEN, VisitState.ASKED, wished_on=day, wish=note or None, day=None, part=None, said=True)

    def cancel(self) -> bool:
        """It is not to be, whoever says so."""
        return self._step(OPEN, VisitState.CANCELLED, said=is_his_word(self.actor))

    def report(self, told: Report, note: str) -> bool:
        """What the crew tells: done, or for the office again."""
        if told is Report.DONE:
            return self._step((VisitState.AGREED,), VisitState.DONE, report=told.value, note=note or None)
        back: dict[str, Any] = {"day": None, "part": None, "wished_on": None, "wish": None}
        return self._step((VisitState.AGREED,), VisitState.ASKED, report=told.value, note=note or None, **back)

    def give_to(self, crew: str | None, before: str | None) -> bool:
        """The office gives it to a crew, or to none; ``before`` is the crew that was seen.

        No step of its own: to the customer nothing changes.
        """
        if self.visit.crew == crew:
            return False
        if self.visit.crew != before or state_of(self.visit) not in OPEN:
            raise MovedOnError
        self.visit.crew = crew
        self.session.flush()
        detail = {"crew": crew}
        record(self.session, actor=self.actor, action="visit_given", subject=self.visit.tracking, detail=detail)
        return True

    def _step(self, from_states: Collection[VisitState], to: VisitState, *, said: bool = False, **columns: Any) -> bool:
        """``said``: it is the customer's word, or that of who acts for him."""
        visit, before = self.visit, state_of(self.visit)
        if visit.step == self.seen + 1 and before is to and self._stands(columns):
            return False
        if visit.step != self.seen or before not in from_states:
            raise MovedOnError
        visit.visit_state, visit.step, visit.since = to.value, self.seen + 1, now()
        for name, value in columns.items():
            setattr(visit, name, value)
        if said:
            visit.authority = authority_of(self.actor)
        if to.value in ENDED:  # the same wish, should it come again, is a new one
            made = update(Change).where(Change.tracking == visit.tracking).values(request_digest="")
            self.session.execute(made.execution_options(synchronize_session=False))
        self.session.flush()
        record(self.session, actor=self.actor, action=f"visit_{to.value}", subject=visit.tracking)
        return True

    def _stands(self, columns: dict[str, Any]) -> bool:
        """Whether all that a step says is so already."""
        return all(getattr(self.visit, name) == value for name, value in columns.items())
