"""Visits as office and crews work on them: what waits for whom, days, reports, and a crew's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from access.crews import crews
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
    UnknownVisitError,
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

_ENDED: Final = 200
"""The newest that are over. Of what is still to be done nothing is left out: nobody would go there."""
_FURTHEST: Final = timedelta(days=366)
GIVE: Final = "give"
"""What the office says where it gives a visit to a crew and nothing else, and a crew that takes one of nobody's."""
UNGIVEN: Final = "-"
"""In the place of a crew's name: visits that no crew has."""
_OTHERS: Final = (
    "Tę wizytę biuro dało innej ekipie. Nie ma jej już na Twojej liście; w razie wątpliwości zadzwoń do biura."
)
_NOT_YET: Final = (
    "Dzień tej wizyty jeszcze nie nadszedł, a klient przeczytałby, że byliśmy u niego. Dzień zmienia albo odwołuje "
    "biuro."
)
_NO_CREW: Final = "Nie ma takiej ekipy. Wybierz jedną z listy."
_MOVED_ON: Final = "Ktoś był szybszy: ta sprawa wygląda już inaczej. Przeczytaj ją jeszcze raz."


@dataclass(frozen=True, slots=True)
class Giving:
    """To which crew a visit is given, None for none, and which one it had on the page where that was decided."""

    crew: str | None
    before: str | None


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

    @property
    def all(self) -> tuple[Visit, ...]:
        """Those of every list."""
        return self.late + self.asked + self.proposed + self.agreed + self.ended


def office_visits(
    session: Session, form: str | None = None, day: date | None = None, crew: str | None = None
) -> OfficeVisits:
    """Of one kind, one day or one crew (or of none, ``UNGIVEN``) where asked for; the longest waiting first."""
    wanted: list[ColumnElement[bool]] = [is_visit()]
    if form is not None:
        wanted.append(Request.form == form)
    if day is not None:
        wanted.append(Request.day == day)
    if crew is not None:
        wanted.append(_ungiven(session) if crew == UNGIVEN else Request.crew == crew)
    open_ones = _found(session, [*wanted, Request.visit_state.not_in(ENDED)], Request.since)
    ended = _found(session, [*wanted, Request.visit_state.in_(ENDED)], Request.since.desc(), most=_ENDED)
    late = tuple(one for one in open_ones if one.late)

    def of(state: VisitState) -> tuple[Visit, ...]:
        return tuple(one for one in open_ones if one.state is state and not one.late)

    agreed = sorted(of(VisitState.AGREED), key=lambda one: (one.day or date.max, one.order))
    return OfficeVisits(late, of(VisitState.ASKED), of(VisitState.PROPOSED), tuple(agreed), ended)


def one_visit(session: Session, tracking: str) -> Visit | None:
    """The visit that a case asks for."""
    found = visit_of(session, tracking)
    return None if found is None else visit_view(found)


def crew_day(session: Session, day: date, form: str | None = None, crew: str | None = None) -> tuple[Visit, ...]:
    """Where a crew goes on that day, street by street; what is done stays, so that nobody goes twice.

    ``crew`` sees what is its own and what no crew has; without one all is seen.
    """
    wanted = [Request.day == day, Request.visit_state.in_((VisitState.AGREED.value, VisitState.DONE.value))]
    wanted += _for_crew(session, crew)
    if form is not None:
        wanted.append(Request.form == form)
    return tuple(sorted(_found(session, wanted, Request.id), key=lambda one: one.order))


def days_with_work(
    session: Session, first: date, last: date, form: str | None = None, crew: str | None = None
) -> dict[date, int]:
    """How many visits are to be made on each of these days that has any."""
    asked = select(Request.day, func.count()).where(
        Request.visit_state == VisitState.AGREED.value,
        Request.day >= first,
        Request.day <= last,
        *_for_crew(session, crew),
    )
    if form is not None:
        asked = asked.where(Request.form == form)
    return {day: count for day, count in session.execute(asked.group_by(Request.day)) if day is not None}


def calendar_visits(
    session: Session, first: date, form: str | None = None, crew: str | None = None
) -> tuple[Visit, ...]:
    """All that stands in a crew's calendar from that day on."""
    states = (VisitState.AGREED.value, VisitState.DONE.value)
    wanted = [Request.day >= first, Request.visit_state.in_(states), *_for_crew(session, crew)]
    if form is not None:
        wanted.append(Request.form == form)
    return _found(session, wanted, Request.day, Request.id)


def decide(
    session: Session,
    tracking: str,
    actor: str,
    *,
    what: str,
    seen: int,
    day: str = "",
    part: str = "",
    note: str = "",
    giving: Giving | None = None,
    crew: str | None = None,
) -> None:
    """What office or crew says of a visit, and the customer is told of; the same twice is one.

    ``what`` is 'propose', 'accept', 'cancel', ``GIVE`` or one of ``Report``; ``giving`` says whose it is from now on.
    ``crew`` is that of who says so in the field. RefusedError where it cannot be so;
    UnknownVisitError where there is no such visit.
    """
    step = Steps(session, tracking, seen, actor)
    if crew is not None and not _is_for(session, step.visit.crew, crew):
        raise RefusedError([Problem(None, "of_others", _OTHERS)])
    try:
        if giving is not None:
            _give(session, step, giving)
        changed = (what != GIVE or giving is None) and _made(step, what, day, part, note)
    except MovedOnError as error:
        raise RefusedError([Problem(None, "moved_on", _MOVED_ON)]) from error
    if changed:
        tell_step(session, step.visit)


def give_many(session: Session, actor: str, chosen: Mapping[str, str | None], crew: str | None) -> tuple[str, ...]:
    """Give many visits at once to a crew, None to none; gives those that somebody else changed meanwhile.

    ``chosen`` are their cases, each with the crew that it had on the page. RefusedError for a crew that is none.
    """
    if crew is not None and crew not in crews(session):
        raise RefusedError([Problem("daj", "unknown_crew", _NO_CREW)])
    late = []
    for tracking, before in sorted(chosen.items()):
        try:
            Steps(session, tracking, -1, actor).give_to(crew, before)
        except (MovedOnError, UnknownVisitError):
            late.append(tracking)
    return tuple(late)


def _give(session: Session, step: Steps, giving: Giving) -> None:
    if giving.crew not in (None, giving.before, *crews(session)):
        raise RefusedError([Problem("ekipa", "unknown_crew", _NO_CREW)])
    step.give_to(giving.crew, giving.before)


def _is_for(session: Session, visited_by: str | None, crew: str) -> bool:
    """Whether that crew may go there: it is its own, or nobody's (of no crew, or of one that is there no more)."""
    return visited_by in (None, crew) or visited_by not in crews(session)


def _ungiven(session: Session) -> ColumnElement[bool]:
    return or_(Request.crew.is_(None), Request.crew.not_in(crews(session)))


def _for_crew(session: Session, crew: str | None) -> list[ColumnElement[bool]]:
    """Conditions on visits: those that the crew sees."""
    return [] if crew is None else [or_(Request.crew == crew, _ungiven(session))]


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
            if what != Report.DONE and step.visit.day is not None and step.visit.day > today():
                raise RefusedError([Problem(None, "not_yet", _NOT_YET)])
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


def _found(
    session: Session, wanted: Sequence[ColumnElement[bool]], *order: object, most: int | None = None
) -> tuple[Visit, ...]:
    found = select(Request).where(*wanted).order_by(*order).limit(most)  # type: ignore[arg-type]  # columns
    return tuple(visit_view(each) for each in session.scalars(found))
