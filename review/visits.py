"""Visits as office and crews work on them: what waits for whom, days, reports, and a crew's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from confirmations.visits import tell_step
from customers.tables import Request
from customers.visit_view import Visit, visit_view
from customers.visits import (
    ENDED,
    LONGEST_NOTE,
    MovedOnError,
    Part,
    Report,
    Steps,
    VisitState,
    is_visit,
    visit_of,
)
from environment.clock import today
from environment.working_days import is_working_day
from forms.form import Problem
from forms.kinds import Date
from forms.kinds.wished_day import WishedDay
from review.decisions import RefusedError

_MOST: Final = 200
_FURTHEST: Final = timedelta(days=366)
_MOVED_ON: Final = "Ktoś był szybszy: ta sprawa wygląda już inaczej. Przeczytaj ją jeszcze raz."


@dataclass(frozen=True, slots=True)
class OfficeVisits:
    """What the office looks at.

    ``late``: nobody answered for too long, or its day is over and the crew told nothing; these stand in no other list.
    ``ended`` are the newest.
    """

    late: tuple[Visit, ...]
    asked: tuple[Visit, ...]
    proposed: tuple[Visit, ...]
    agreed: tuple[Visit, ...]
    ended: tuple[Visit, ...]


def office_visits(session: Session, form: str | None = None, day: date | None = None) -> OfficeVisits:
    """Of one kind, or of one day, where asked for; the longest waiting first, days as they come."""
    wanted: list[ColumnElement[bool]] = [is_visit()]
    if form is not None:
        wanted.append(Request.form == form)
    if day is not None:
        wanted.append(Request.day == day)
    open_ones = _found(session, [*wanted, Request.visit_state.not_in(ENDED)], Request.since)
    ended = _found(session, [*wanted, Request.visit_state.in_(ENDED)], Request.since.desc())
    late = tuple(one for one in open_ones if one.late)

    def of(state: VisitState) -> tuple[Visit, ...]:
        return tuple(one for one in open_ones if one.state is state and not one.late)

    agreed = sorted(of(VisitState.AGREED), key=lambda one: (one.day or date.max, one.order))
    return OfficeVisits(late, of(VisitState.ASKED), of(VisitState.PROPOSED), tuple(agreed), ended)


def one_visit(session: Session, tracking: str) -> Visit | None:
    """The visit that a case asks for."""
    found = visit_of(session, tracking)
    return None if found is None else visit_view(found)


def crew_day(session: Session, day: date, form: str | None = None) -> tuple[Visit, ...]:
    """Where a crew goes on that day, street by street; what is done stays, so that nobody goes twice."""
    wanted = [Request.day == day, Request.visit_state.in_((VisitState.AGREED.value, VisitState.DONE.value))]
    if form is not None:
        wanted.append(Request.form == form)
    return tuple(sorted(_found(session, wanted, Request.id), key=lambda one: one.order))


def days_with_work(session: Session, first: date, last: date, form: str | None = None) -> dict[date, int]:
    """How many visits are to be made on each of these days that has any."""
    asked = select(Request.day, func.count()).where(
        Request.visit_state == VisitState.AGREED.value, Request.day >= first, Request.day <= last
    )
    if form is not None:
        asked = asked.where(Request.form == form)
    return {day: count for day, count in session.execute(asked.group_by(Request.day)) if day is not None}


def calendar_visits(session: Session, first: date, form: str | None = None) -> tuple[Visit, ...]:
    """All that stands in a crew's calendar from that day on."""
    states = (VisitState.AGREED.value, VisitState.DONE.value)
    wanted = [Request.day >= first, Request.visit_state.in_(states)]
    if form is not None:
        wanted.append(Request.form == form)
    return _found(session, wanted, Request.day, Request.id)


def decide(
    session: Session, tracking: str, actor: str, *, what: str, seen: int, day: str = "", part: str = "", note: str = ""
) -> None:
    """What office or crew says of a visit, and the customer is told of; the same twice is one.

    ``what`` is 'propose', 'accept', 'cancel', or one of ``Report``. RefusedError where it cannot be so;
    UnknownVisitError where there is no such visit.
    """
    step = Steps(session, tracking, seen, actor)
    try:
        changed = _made(step, what, day, part, note)
    except MovedOnError as error:
        raise RefusedError([Problem(None, "moved_on", _MOVED_ON)]) from error
    if changed:
        tell_step(session, step.visit)


def _made(step: Steps, what: str, day: str, part: str, note: str) -> bool:
    when = Part(part) if part in list(Part) else Part.DAY
    match what:
        case "propose":
            return step.propose(_day(day), when)
        case "accept":
            if step.visit.visit_state == VisitState.ASKED:
                _day(step.visit.wished_on.isoformat() if step.visit.wished_on else "")
            return step.accept_wish(when)
        case "cancel":
            return step.cancel()
        case _ if what in list(Report):
            return step.report(Report(what), " ".join(note.split())[:LONGEST_NOTE])
    raise RefusedError([Problem(None, "unknown_step", "Wybierz jeden z przycisków na stronie.")])


def _day(typed: str) -> date:
    """A working day from today on; RefusedError for any other. The office may choose sooner days than customers."""
    parsed = WishedDay().parse(typed, today())
    if not isinstance(parsed.value, str) or parsed.fault is not None:
        message = parsed.fault.message if parsed.fault else f"Wpisz dzień: {Date.hint}."
        raise RefusedError([Problem("dzien", "bad_day", message)])
    day = date.fromisoformat(parsed.value)
    if not today() <= day <= today() + _FURTHEST:
        raise RefusedError([Problem("dzien", "bad_day", "Wybierz dzień, który jeszcze nie minął.")])
    if not is_working_day(day):
        raise RefusedError([Problem("dzien", "bad_day", "To sobota, niedziela albo święto. Wybierz dzień roboczy.")])
    return day


def _found(session: Session, wanted: Sequence[ColumnElement[bool]], *order: object) -> tuple[Visit, ...]:
    found = select(Request).where(*wanted).order_by(*order).limit(_MOST)  # type: ignore[arg-type]  # columns
    return tuple(visit_view(each) for each in session.scalars(found))
