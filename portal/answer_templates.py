"""Beginnings of answers, for what is asked most: a clerk completes them, nothing is sent as it stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """A beginning; what is between brackets is to be filled in, and an answer that still has it is refused."""

    code: str
    name: str
    text: str


TEMPLATES: Final = (
    AnswerTemplate(
        "invoice",
        "Wyjaśnienie faktury",
        "Dzień dobry,\n\nkwota tej faktury wynika z [wyjaśnij: odczyt, okres, opłata]. Pozycje faktury są w eBOK na "
        "stronie tej faktury.",
    ),
    AnswerTemplate(
        "payment",
        "Wpłata, której nie widać",
        "Dzień dobry,\n\nwpłata z dnia [dzień] na kwotę [kwota] jest zaksięgowana [dzień]. Saldo w eBOK pokazuje ją od "
        "następnego dnia roboczego.",
    ),
    AnswerTemplate(
        "reading",
        "Odczyt wodomierza",
        "Dzień dobry,\n\nostatni odczyt, który mamy, to [stan] m³ z dnia [dzień]. Jeśli wodomierz pokazuje co innego, "
        "podaj nam jego stan i dołącz zdjęcie.",
    ),
    AnswerTemplate(
        "documents",
        "Prosimy o uzupełnienie",
        "Dzień dobry,\n\nżeby odpowiedzieć, potrzebujemy jeszcze: [czego]. Możesz dołączyć plik albo zdjęcie do tego "
        "pytania.",
    ),
    AnswerTemplate(
        "passed_on",
        "Przekazane do działu",
        "Dzień dobry,\n\npytanie przekazaliśmy do działu [nazwa]. Odpowiemy do dnia [dzień].",
    ),
)
OPEN: Final = ("[", "]")
"""What stands around that which is to be filled in."""


def template(code: str) -> AnswerTemplate | None:
    """The one of that code."""
    return next((one for one in TEMPLATES if one.code == code), None)


def is_unfinished(text: str) -> bool:
    """Whether an answer still has something of a template to be filled in."""
    return any(part.partition(OPEN[1])[0] in _GAPS for part in text.split(OPEN[0])[1:])


def _gaps(text: str) -> set[str]:
    return {part.partition(OPEN[1])[0] for part in text.split(OPEN[0])[1:]}


_GAPS: Final = frozenset(gap for one in TEMPLATES for gap in _gaps(one.text))
