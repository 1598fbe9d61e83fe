"""How a visit that a customer asked for stands, in words for him (Polish): for the account and the page of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confirmations.polish import long_date
from customers.visit_view import Visit
from customers.visits import Report, VisitState

STATES: Final[Mapping[VisitState, str]] = {
    VisitState.ASKED: "Biuro ustala dzień",
    VisitState.PROPOSED: "Czeka na Ciebie: proponujemy dzień",
    VisitState.AGREED: "Wizyta umówiona",
    VisitState.DONE: "Wykonane",
    VisitState.CANCELLED: "Odwołane",
}
"""A state in a few words."""
_IN_VAIN: Final[Mapping[Report | None, str]] = {
    Report.NOBODY: "Byliśmy u Ciebie, ale nikogo nie zastaliśmy.",
    Report.IMPOSSIBLE: "Byliśmy u Ciebie, ale pracy nie dało się wykonać.",
}


def when(visit: Visit) -> str | None:
    """The day of the office with its hours; None where there is none."""
    return None if visit.day is None else f"{long_date(visit.day)}, {visit.hours}"


def message(visit: Visit) -> str:
    """How it stands, in one or two sentences."""
    return {
        VisitState.ASKED: f"{_IN_VAIN.get(visit.report, 'Mamy Twój wniosek.')} {_asked(visit)}",
        VisitState.PROPOSED: f"Możemy przyjechać: {when(visit)}. Powiedz nam, czy ten dzień Ci pasuje.",
        VisitState.AGREED: f"Przyjedziemy: {when(visit)}. Prosimy, aby ktoś był wtedy na miejscu.",
        VisitState.DONE: "Praca jest wykonana.",
        VisitState.CANCELLED: "Wizyta jest odwołana. Jeśli nadal potrzebujesz tej usługi, złóż wniosek jeszcze raz.",
    }[visit.state]


def next_step(visit: Visit) -> str:
    """What happens next and who does it; '' where nothing does."""
    return {
        VisitState.ASKED: "Teraz my: ustalamy dzień i napiszemy do Ciebie. Ty nie musisz nic robić.",
        VisitState.PROPOSED: "Teraz Ty: odpowiedz niżej na tej stronie.",
        VisitState.AGREED: "Teraz my: przyjedziemy w umówionym dniu.",
        VisitState.DONE: "Nie musisz nic robić.",
    }.get(visit.state, "")


def _asked(visit: Visit) -> str:
    if visit.wished_on is None:
        return "Zaproponujemy dzień wizyty."
    return f"Sprawdzamy, czy możemy przyjechać {long_date(visit.wished_on)}".rstrip(".") + "."
