"""What a customer says to the day of a visit: signed in, or by the page of his case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from confirmations.visits import tell_step
from customers.visit_view import Visit, visit_view
from customers.visits import LONGEST_NOTE, MovedOnError, Steps, UnknownVisitError, VisitState, visit_of, visits_of
from environment.clock import today
from forms.fields import ACCESS, WISHED_DAY

FORMS: Final = ("meter_service", "tank_collection", "treatment_plant_emptying")
"""Forms that ask for a visit, in the order in which customers need them."""
_MOVED_ON: Final = "Ta sprawa wygląda już inaczej. Przeczytaj, co się zmieniło, i odpowiedz jeszcze raz."
_OVER: Final = "Ten dzień już minął. Wybierz inny."
_NO_DAY: Final = "Wybierz dzień, który Ci pasuje."


class VisitAnswer(StrEnum):
    """What he says."""

    AGREES = "pasuje"
    WISHES = "inny"
    CANCELS = "rezygnuje"


class AnswerRefusedError(ValueError):
    """It cannot be so; the text is Polish. UnknownVisitError where there is no such visit."""


def own_visits(session: Session, customer_no: str) -> list[Visit]:
    """All visits that he asked for, the newest first."""
    return [visit_view(each) for each in visits_of(session, customer_no)]


def visit_of_case(session: Session, tracking: str) -> Visit | None:
    """The visit that a case asks for, None where it asks for none."""
    found = visit_of(session, tracking)
    return None if found is None else visit_view(found)


def answer_in(sent: Mapping[str, object]) -> dict[str, str]:
    """An answer as pages send it, for ``answer``."""
    names = {"what": "co", "seen": "krok", "day": "dzien", "note": "uwagi"}
    return {name: value if isinstance(value := sent.get(asked), str) else "" for name, asked in names.items()}


def answer(
    session: Session,
    tracking: str,
    customer_no: str | None,
    actor: str,
    *,
    what: str,
    seen: str,
    day: str = "",
    note: str = "",
) -> None:
    """Take his answer and tell him of it; the same answer twice is one. ``actor`` is who gives it (``portal.views``).

    ``seen`` is the step of the page on which he decided. ``customer_no`` is whose visit it must be, None for whoever
    has the page of the case open. AnswerRefusedError where it cannot be so, UnknownVisitError where there is none.
    """
    if visit_of(session, tracking, customer_no) is None:
        raise UnknownVisitError(tracking)
    step = Steps(session, tracking, int(seen) if re.fullmatch("[0-9]{1,6}", seen) else -1, actor)
    try:
        changed = _taken(step, what, day, note)
    except MovedOnError as error:
        raise AnswerRefusedError(_MOVED_ON) from error
    if changed:
        tell_step(session, step.visit, by_customer=True)


def _taken(step: Steps, what: str, day: str, note: str) -> bool:
    match what:
        case VisitAnswer.AGREES:
            if step.visit.visit_state == VisitState.PROPOSED and step.visit.day and step.visit.day < today():
                raise AnswerRefusedError(_OVER)
            return step.agree()
        case VisitAnswer.CANCELS:
            return step.cancel()
        case VisitAnswer.WISHES:
            return step.wish(_day(day), _note(note))
    raise AnswerRefusedError(_MOVED_ON)


def _day(typed: str) -> date:
    """The day typed; AnswerRefusedError where nobody would come then."""
    kind = WISHED_DAY.kind
    parsed = kind.parse(typed, today())
    if not isinstance(parsed.value, str):
        raise AnswerRefusedError(parsed.fault.message if parsed.fault else _NO_DAY)
    if fault := parsed.fault or kind.untimely(parsed.value, today()):
        raise AnswerRefusedError(fault.message)
    return date.fromisoformat(parsed.value)


def _note(typed: str) -> str:
    """What is said beside it; AnswerRefusedError for signs that nobody sees."""
    parsed = ACCESS.kind.parse(" ".join(typed.split())[:LONGEST_NOTE])
    if parsed.fault is not None and parsed.fault.code != "too_long":
        raise AnswerRefusedError(parsed.fault.message)
    return str(parsed.value or "")
