"""What second looks prove of the values that are used unseen: an error with its interval.

A document is drawn whole, so its values stand or fall together: the interval widens where errors come in heaps, and
where the documents were drawn at different rates (Korn and Graubard, Survey Methodology 24, 1998, with Jeffreys'
interval in place of Clopper and Pearson's).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Final, NamedTuple

import numpy as np

KINDS: Final = ("hand", "print", "mark")
"""By pen, in print, and what is only there or not: ticks, signatures, fields left empty."""
WAYS: Final = ("office", "sent")
"""Scanned by the mailroom, and sent as a file: other scanners, photographs."""
STRATA: Final = tuple(f"{kind}/{way}" for way in WAYS for kind in KINDS)
SURE: Final = 0.95
"""How sure each end of an interval is by itself: so sure is a proof."""
WORD: Final = 0.5
"""Up to this a doubted value's confidence is no measure but a word for the kind of doubt (``ocr/page_reading``)."""
_GRID: Final = np.linspace(-40.0, 10.0, 10_001)


class Relied(NamedTuple):
    """A value on which the effect of a document rests: its kind, and how sure it was (1: the register confirms it)."""

    kind: str
    sure: float
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A document that somebody compared with its paper; ``rate`` is the share of its like that was drawn."""

    at: datetime
    way: str
    rate: float
    values: tuple[Relied, ...]

    def passes(self, thresholds: Mapping[str, float]) -> bool:
        """Whether it would go through untouched with these thresholds by stratum."""
        if not thresholds:
            return True
        least = {kind: thresholds.get(f"{kind}/{self.way}", 0.0) for kind in KINDS}
        return all(each.sure >= least[each.kind] for each in self.values)


@dataclass(frozen=True, slots=True)
class ErrorEstimate:
    """What was looked at, and the share of wrong values with the ends between which it lies.

    ``documents_wrong`` are those in which something was wrong.
    """

    values: int
    wrong: int
    documents_wrong: int
    share: float
    low: float
    high: float


def proof(looks: Sequence[Looked], stratum: str | None = None) -> ErrorEstimate:
    """What these documents prove of all from which they were drawn; of one stratum, or of all values."""
    counted = [(1 / look.rate, *_counted(look, stratum)) for look in looks]
    weights, values, wrong = (np.array(column, float) for column in zip(*counted, strict=True)) if counted else _NONE
    if not values.sum():
        return ErrorEstimate(0, 0, 0, 0.0, 0.0, 1.0)
    whole = float((weights * values).sum())
    share = float((weights * wrong).sum()) / whole
    if share:
        spread = float(((weights * (wrong - share * values)) ** 2).sum()) / whole**2
        effective = min(float(values.sum()), share * (1 - share) / spread if spread else float("inf"))
    else:
        effective = whole**2 / float((weights**2 * values).sum())
    low, high = interval(share * effective, effective)
    return ErrorEstimate(int(values.sum()), int(wrong.sum()), int((wrong > 0).sum()), share, low, high)


_NONE: Final = (np.zeros(0), np.zeros(0), np.zeros(0))


def _counted(look: Looked, stratum: str | None) -> tuple[int, int]:
    kind, _, way = (stratum or "").partition("/")
    if way not in ("", look.way):
        return 0, 0
    chosen = [each.wrong for each in look.values if kind in ("", each.kind)]
    return len(chosen), sum(chosen)


def least_shown(values: float) -> float:
    """The share of wrong values of which so many values, looked at, show one or more: as surely as a proof."""
    return -log(1 - SURE) / values


def interval(wrong: float, total: float) -> tuple[float, float]:
    """Jeffreys' interval of a share; its lower end is 0 where nothing was wrong."""
    alpha, beta = wrong + 0.5, total - wrong + 0.5
    # In the logarithm of the odds the density has no pole at the ends.
    logs = -alpha * np.logaddexp(0, -_GRID) - beta * np.logaddexp(0, _GRID)
    mass = np.cumsum(np.exp(logs - logs.max()))
    low, high = np.interp([1 - SURE, SURE], mass / mass[-1], 1 / (1 + np.exp(-_GRID)))
    return (0.0 if wrong == 0 else float(low)), float(high)
