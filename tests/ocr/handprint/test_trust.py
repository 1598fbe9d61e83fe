"""How sure a handwritten value must be is what was fitted for its sort, and not a number that looks likely."""

from __future__ import annotations

import json
from math import log

import pytest

from ocr.handprint.trust import FIGURES, MODELS, Evidence, odds, predicted, ratio

STORED = json.loads(MODELS.read_text(encoding="utf-8"))["models"]

WEIGHED = [sort for sort, one in STORED.items() if max(abs(weight) for *_, weight in one["figures"].values()) > 0.01]
"""The others have one confidence for all evidence: in the fitting nothing spoke against a value of theirs."""


def evidence(sort: str, strength: float) -> Evidence:
    """Figures that speak for a value the more, the greater ``strength`` is; at 0 they are those of a common one."""
    figures = [STORED[sort]["figures"][name] for name in FIGURES[sort.split(maxsplit=1)[0]]]
    return Evidence(sort, tuple(mean + strength * scale * weight for mean, scale, weight in figures))


def as_sure_as(sort: str, wanted: float) -> tuple[float, bool]:
    """What is judged of evidence that makes a value just as probable."""
    weakest, strongest = -1e4, 1e4
    for _ in range(200):
        middle = (weakest + strongest) / 2
        weakest, strongest = (weakest, middle) if predicted(evidence(sort, middle))[0] > wanted else (middle, strongest)
    return predicted(evidence(sort, weakest))


@pytest.mark.parametrize("sort", WEIGHED)
def test_a_value_is_trusted_from_the_fitted_threshold_of_its_sort_on(sort: str) -> None:
    threshold = STORED[sort]["threshold"]
    assert threshold > 0.9
    for sure in (0.5, 0.6, 0.9, threshold - 1e-6):
        assert as_sure_as(sort, sure) == (pytest.approx(sure, abs=1e-9), False)
    assert as_sure_as(sort, threshold + 1e-6) == (pytest.approx(threshold + 1e-6, abs=1e-9), True)


def test_evidence_has_an_end_on_both_sides() -> None:
    assert odds(1.0) == pytest.approx(log(1e6), abs=1e-3)
    assert odds(0.0) == pytest.approx(-log(1e6), abs=1e-3)
    assert odds(0.5) == 0.0
    assert odds(0.8) == pytest.approx(log(4))
    assert ratio(1.0, 0.0) == -ratio(0.0, 1.0) == 12.0
    assert ratio(0.0, 0.0) == 0.0
    assert ratio(0.6, 0.2) == pytest.approx(log(3))
