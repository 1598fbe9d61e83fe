"""On which values a document rests, and how sure they were: by them other thresholds can be tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from customers import matching
from customers.records import CustomerLookup
from forms.submission import MACHINE_READ, FieldValue, Source, Submission
from review.tolerance.evidence import STRATA, WAYS
from review.tolerance.thresholds import NEVER

DOUBT_STEP: Final = (
    "Odczyt wygląda na pewny, ale w takich polach druga kontrola znalazła zbyt wiele pomyłek. Porównaj z obrazem."
)

DOUBT_HELD: Final = (
    "Odczyt wygląda na pewny, ale wszystkie takie pola sprawdza teraz pracownik, dopóki nie wyjaśni się, czy program "
    "nie myli się w nich za często. Porównaj z obrazem."
)


def rests_on(
    submission: Submission, fitted: Submission, directory: CustomerLookup, today: date
) -> dict[str, tuple[str, float]] | None:
    """By field the kind of a value and how sure it is, of a reading that would go through with what was fitted.

    1 where the register confirms the value: that does not hang on any threshold. Empty for a reading that is for a
    clerk anyway, None where nothing was read from a page. ``fitted`` is the reading held against the register.
    """
    needed = [name for name in matching.needed(fitted) if _from_page(fitted.fields.get(name))]
    if not needed:
        return None
    if matching.judge(fitted, directory, today).decision != "ready":
        return {}
    alone = matching.corroborate(doubted(submission, WAYS[0], dict.fromkeys(STRATA, NEVER), needed), directory)
    return {
        name: (
            kind_of_value(fitted.fields[name]),
            1.0 if alone.fields[name].trusted else fitted.fields[name].confidence,
        )
        for name in needed
    }


def doubted(
    submission: Submission,
    way: str,
    thresholds: Mapping[str, float],
    names: Iterable[str],
    doubt: str = DOUBT_STEP,
) -> Submission:
    """A copy in which these values are doubted that are under the threshold of their stratum; itself if none is."""
    for name in names:
        value = submission.fields.get(name)
        if value is None or not value.trusted or not _from_page(value):
            continue
        if value.confidence < thresholds.get(f"{kind_of_value(value)}/{way}", 0.0):
            submission = submission.with_value(name, replace(value, trusted=False, doubt=doubt))
    return submission


def _from_page(value: FieldValue | None) -> bool:
    return value is not None and value.source in MACHINE_READ


def kind_of_value(value: FieldValue) -> str:
    """One of ``evidence.KINDS``."""
    if value.value is None or value.source in (Source.TICK, Source.SIGNATURE):
        return "mark"
    return "hand" if value.source is Source.HANDPRINT else "print"
