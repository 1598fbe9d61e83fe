"""A whole report of a span of days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from documents.states import State
from reports import flow, standing
from reports.counting import judged, middle, settled, share_untouched, within
from reports.facts import Facts, facts
from reports.model import Cell, Report, ReportSection
from reports.span import Span
from reports.wording import name_of

SECTIONS: Final[tuple[Callable[[Facts], ReportSection], ...]] = (
    flow.arrivals,
    flow.untouched,
    flow.endings,
    flow.times,
    flow.trend,
    standing.waiting,
    standing.messages,
    standing.proofs,
    standing.quality,
    standing.tolerance,
    standing.questions,
    standing.desk,
)
"""The parts in the order of the page; another part is another function here."""


def report(session: Session, span: Span) -> Report:
    """The report of a span, as things stand at the moment that the session sees."""
    return told(facts(session, span))


def told(found: Facts) -> Report:
    """The report that these facts make."""
    return Report(
        f"Raport: {name_of(found.span)}",
        found.told_at,
        _figures(found),
        tuple(section(found) for section in SECTIONS),
    )


def _figures(found: Facts) -> tuple[tuple[str, Cell], ...]:
    """What a manager wants to know first."""
    came, ended = within(found.arrived, found.span), within(found.ended, found.span)
    at_desk = int((found.waiting["state"] == State.IN_REVIEW.value).sum())
    return (
        ("przyszło", len(came)),
        ("załatwiono", int((ended["state"] == State.CONFIRMED.value).sum())),
        ("odrzucono", int((ended["state"] == State.REJECTED.value).sum())),
        ("połowa spraw w ciągu", middle(settled(ended)["took"])),
        ("bez udziału człowieka", share_untouched(judged(came))),
        ("czeka teraz na pracownika", at_desk),
        ("do zadzwonienia", found.calls_total),
    )
