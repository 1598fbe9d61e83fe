"""The words of the report (Polish), beside those that the desk has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from confirmations.bounce_reasons import told_of
from documents.states import IntakeChannel, State
from forms.catalogue import current_forms
from ocr.errors import DocumentError
from reports.span import Period, Span
from review.reasons import rejection, short

ENDINGS: Final[Mapping[str, str]] = {
    State.CONFIRMED: "załatwione",
    State.REJECTED: "odrzucone",
    State.DUPLICATE: "powtórzenia",
    State.QUARANTINED: "kwarantanna",
}
"""How documents end, in the order of columns."""
WRITTEN: Final = {"pen": "pismo ręczne", "print": "druk albo plik PDF", "screen": "wpisane na ekranie"}
"""How a form was filled in."""
UNKNOWN_FORM: Final = "Bez rozpoznanego formularza"
_MONTHS: Final = (
    "styczeń",
    "luty",
    "marzec",
    "kwiecień",
    "maj",
    "czerwiec",
    "lipiec",
    "sierpień",
    "wrzesień",
    "październik",
    "listopad",
    "grudzień",
)
_WEEKDAYS: Final = ("pn.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.")
_ON_SCREEN: Final = (IntakeChannel.WEB.value, IntakeChannel.API.value)


def titles() -> dict[str | None, str]:
    """Titles of forms by code, in the order of the catalogue; None stands for papers that are none of ours."""
    return {**{form.code: form.title for form in current_forms()}, None: UNKNOWN_FORM}


def written(channel: str, *, by_hand: bool) -> str:
    """How a form was filled in that came that way."""
    if channel in _ON_SCREEN:
        return WRITTEN["screen"]
    return WRITTEN["pen" if by_hand else "print"]


def why(code: object) -> str:
    """Why a document waits or lies in quarantine, in a few words; a column may lack the code."""
    of_file = next((error.message for error in DocumentError.__subclasses__() if error.code == code), None)
    return _first_sentence(of_file) if of_file else short(code if isinstance(code, str) else None)


def why_refused(code: object) -> str:
    """Why a document was rejected, as the desk says it where one decides, without what it asks for there."""
    chosen = rejection(code) if isinstance(code, str) else None
    return why(code) if chosen is None else chosen.label.partition(" (")[0]


def why_back(code: str) -> str:
    """Why a message came back."""
    return _first_sentence(told_of(code))


def name_of(span: Span) -> str:
    """A span as a heading, short enough for a phone."""
    match span.period:
        case Period.DAY:
            return f"{_WEEKDAYS[span.first.weekday()]} {span.first:%d.%m.%Y}"
        case Period.MONTH:
            return f"{_MONTHS[span.first.month - 1]} {span.first.year}"
        case _:
            return f"{span.first:%d.%m} – {span.last:%d.%m.%Y}"


def step_name(step: date, span: Span) -> str:
    """A step of a drawn span: a day, the first day of a week, or a month."""
    match span.step:
        case Period.DAY:
            return f"{_WEEKDAYS[step.weekday()]} {step:%d.%m}"
        case Period.WEEK:
            return f"od {step:%d.%m}"
        case _:
            return f"{_MONTHS[step.month - 1]} {step.year}"


def _first_sentence(told: str) -> str:
    return told.partition(". ")[0].rstrip(".")
