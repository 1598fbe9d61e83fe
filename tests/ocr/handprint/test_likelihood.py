"""A value of the register, held against cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, log

import pytest

from forms.kinds import DIGITS, POLISH_CAPITALS
from ocr.handprint.alphabet import STRUCK
from ocr.handprint.likelihood import Cost, Fit, costs, fit
from ocr.handprint.recogniser import within_alphabet
from tests.ocr.handprint.written import posteriors_of


def comb(
    text: str, unsure: Mapping[int, Mapping[str, float]] | None = None, cells: int | None = None
) -> Sequence[Cost]:
    return costs(within_alphabet(posteriors_of(text, unsure, cells), POLISH_CAPITALS + DIGITS + " -."))


def test_what_stands_there_fits_without_distance() -> None:
    found = fit(comb("JAN NOWAK", cells=34), "JAN NOWAK")
    assert (found.distance, found.worst) == (pytest.approx(0, abs=1e-3), pytest.approx(0, abs=1e-3))


def test_an_unsure_cell_costs_as_much_as_its_sign_is_less_likely() -> None:
    found = fit(comb("NOWAK", {1: {"Q": 0.75, "O": 0.25}}), "NOWAK")
    assert found.distance == pytest.approx(log(0.25 / 0.75), abs=0.02)
    assert found.worst == found.distance


def test_another_letter_that_is_clearly_written_does_not_fit() -> None:
    assert fit(comb("KOWALSKA"), "KOWALSKI").distance < -7


@pytest.mark.parametrize("written", ["ANNA NOWAK", "ANNANOWAK", "ANNA  NOWAK", "  ANNA NOWAK", "ANNA          NOWAK"])
def test_spaces_may_be_any_number_of_cells(written: str) -> None:
    assert fit(comb(written, cells=34), "ANNA NOWAK").distance > -0.1


def test_a_letter_more_or_less_does_not_fit() -> None:
    assert fit(comb("NOWAKOWA", cells=12), "NOWAK").distance < -20
    assert fit(comb("NOWA", cells=12), "NOWAK").distance < -7


def test_a_value_longer_than_the_comb_never_fits() -> None:
    assert fit(comb("NOWAK"), "NOWAKOWSKI") == Fit("NOWAKOWSKI", -inf, -inf)


def test_a_mark_that_is_left_out_costs_little_and_one_that_is_added_much() -> None:
    assert fit(comb("LOS"), "ŁOŚ").distance > -7
    assert fit(comb("ŁOŚ"), "LOS").distance < -14


def test_a_crossed_out_cell_counts_as_an_empty_one() -> None:
    assert fit(comb("NOX" + "WAK", {2: {STRUCK: 1.0}}), "NOWAK").distance > -0.1


def test_nothing_fits_a_comb_that_is_empty_and_a_sign_does_not() -> None:
    found = fit(comb("", cells=5), "")
    assert (found.distance, found.worst) == (pytest.approx(0, abs=1e-3), pytest.approx(0, abs=1e-3))
    assert fit(comb("", cells=5), "X").distance < -7
    assert fit((), "") == Fit("", 0.0, 0.0)
