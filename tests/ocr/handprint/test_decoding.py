from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forms.kinds import Date, Email, FieldKind, Nip, Pesel, Phone, Postcode
from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.decoding import decode
from ocr.handprint.recogniser import CellScores

TODAY = date(2026, 3, 2)


def sure(text: str) -> list[CellScores]:
    return [CellScores((EMPTY if character == " " else character,), np.array([1.0])) for character in text]


def unsure(text: str, at: int, **shares: float) -> list[CellScores]:
    """Sure of all cells but one, whose characters (prefixed d for a digit) and shares are given, best first."""
    cells = sure(text)
    cells[at] = CellScores(tuple(name.removeprefix("d") for name in shares), np.array(list(shares.values())))
    return cells


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Pesel(), "44051401359", "44051401359"),
        (Nip(), "5260250274", "5260250274"),
        (Date(), "02032026", "2026-03-02"),
        (Postcode(), "66470", "66-470"),
        (Email(), "jan.nowak@example.com".ljust(40), "jan.nowak@example.com"),
    ],
)
def test_what_is_sure_and_valid_stands(kind: FieldKind, text: str, value: str) -> None:
    best = decode(sure(text), kind, TODAY)[0]
    assert best.value == value
    assert best.probability == pytest.approx(1.0)


def test_the_check_digit_outvotes_a_likelier_digit() -> None:
    found = decode(unsure("44051401359", 4, d7=0.8, d1=0.2), Pesel(), TODAY)
    assert [candidate.value for candidate in found] == ["44051401359"]
    assert 0.9 < found[0].probability < 1.0


def test_two_valid_numbers_share_the_probability() -> None:
    cells = sure("5260250274")
    cells[8] = CellScores(("7", "1"), np.array([0.6, 0.4]))
    cells[9] = CellScores(("4", "5", "3"), np.array([0.6, 0.3, 0.1]))
    found = decode(cells, Nip(), TODAY)
    assert found[0].value == "5260250274"
    assert sum(candidate.probability for candidate in found) <= 1.0 + 1e-9


def test_a_day_that_does_not_exist_is_not_read() -> None:
    assert decode(unsure("32012026", 0, d3=0.7, d1=0.3), Date(), TODAY)[0].value == "2026-01-12"


def test_a_day_to_come_is_not_read() -> None:
    assert decode(unsure("02032027", 7, d7=0.7, d1=0.3), Date(), TODAY)[0].value == "2021-03-02"


def test_nothing_valid_nothing_read() -> None:
    assert decode(sure("44051401358"), Pesel(), TODAY) == []


def test_an_empty_field_has_no_value() -> None:
    assert decode(sure(" " * 9), Phone(), TODAY) == []


def test_a_crossed_out_cell_lowers_the_probability() -> None:
    cells = sure("66470")
    cells[2] = CellScores(("4", STRUCK), np.array([0.6, 0.4]))
    assert decode(cells, Postcode(), TODAY)[0].probability == pytest.approx(0.6)


def test_each_crossed_out_cell_lowers_the_probability() -> None:
    cells = sure("66470")
    cells[2], cells[4] = (CellScores((character, STRUCK), np.array([0.7, 0.3])) for character in "40")
    assert decode(cells, Postcode(), TODAY)[0].probability == pytest.approx(0.49)


def test_a_field_read_badly_all_over_is_never_sure() -> None:
    vague = CellScores(tuple("0123456789"), np.full(10, 0.1))
    found = decode([vague] * 11, Pesel(), TODAY)
    assert all(candidate.probability < 0.01 for candidate in found)


def test_two_ways_to_write_one_value_speak_for_it_together() -> None:
    cells = sure("jan@wp.pl")
    cells[0] = CellScores(("J", "j"), np.array([0.6, 0.4]))
    (only,) = decode(cells, Email(), TODAY)
    assert (only.value, only.characters[0]) == ("jan@wp.pl", "J")
    assert only.probability == pytest.approx(1.0)
