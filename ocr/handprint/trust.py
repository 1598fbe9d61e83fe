"""How sure a handwritten value is, and whether it may be used without a person looking at it.

The confidence is the probability that the value is exactly right, from a few figures of evidence by a logistic model
for each sort of field; ``trust.json`` holds the models. ``python -m benchmarks.trust`` fits them anew, from whole pages
by writers that neither the network nor any published figure knows, and must be run after every new network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any, Final

from forms.kinds import FieldKind

MODELS: Final = Path(__file__).with_name("trust.json")

_MOST: Final = 12.0
"""Logarithms of evidence are cut off here: beyond it there is nothing more to know."""
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one value.

    ``sort`` names its model: 'read' or 'register' (the register's value fits the cells) and the group of the kind.
    ``figures`` are in the order of ``FIGURES`` of that way.
    """

    sort: str
    figures: tuple[float, ...]


FIGURES: Final = {
    "read": ("odds", "margin", "worst", "apart", "length", "legible", "bitonal"),
    "register": ("distance", "worst", "apart", "lead", "against", "read_alike", "length", "legible", "bitonal"),
}
"""``odds``: of the decoded value; ``margin``: to the second; ``worst``: probability of the least likely of its
characters; ``apart``: how far the closest character is ahead of another one in its cell; ``distance``, ``lead`` and
``against``: see ``likelihood.Fit`` and ``customer_identity.Identity``; ``read_alike``: whether the same was read
without the register; ``legible``: of the page. All are logarithms, but for counts and yes or no."""


def group_of(kind: FieldKind) -> str:
    """The sort of field that a kind belongs to: how sure a reading is, depends on what is written."""
    return kind.writing.value


def odds(probability: float) -> float:
    """The logarithm of the odds, cut off at both ends."""
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return log(kept / (1 - kept))


def ratio(first: float, second: float) -> float:
    """The logarithm of how much likelier the first is, cut off at both ends."""
    return min(_MOST, max(-_MOST, log(max(first, _LEAST) / max(second, _LEAST))))


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model over standardised figures; trusted from ``threshold`` on (above 1: never)."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def confidence(self, figures: tuple[float, ...]) -> float:
        """The probability that the value is right."""
        parts = zip(figures, self.means, self.scales, self.weights, strict=True)
        total = self.bias + sum((one - mean) / scale * weight for one, mean, scale, weight in parts)
        return 1 / (1 + exp(-min(30.0, max(-30.0, total))))


def predicted(evidence: Evidence) -> tuple[float, bool]:
    """Confidence, and whether it suffices for trust."""
    model = _models()[evidence.sort]
    sure = model.confidence(evidence.figures)
    return sure, sure >= model.threshold


@cache
def _models() -> dict[str, Model]:
    stored: dict[str, dict[str, Any]] = json.loads(MODELS.read_text(encoding="utf-8"))["models"]
    found = {}
    for sort, one in stored.items():
        means, scales, weights = zip(*(one["figures"][name] for name in FIGURES[sort.split()[0]]), strict=True)
        found[sort] = Model(means, scales, weights, one["bias"], one["threshold"])
    return found
