"""Which cells of a field may be written in and which may be empty, and what letters of both cases say together."""

from __future__ import annotations

import numpy as np
import pytest

from forms.kinds import EMAIL_ALPHABET, POLISH_CAPITALS
from ocr.handprint.alphabet import STRUCK
from ocr.handprint.field_scores import certain, field_scores
from tests.ocr.handprint.written import posteriors_of

_VOID = {"x": 0.001, ".": 0.999, "u": 0.4, "v": 0.3}
"""Probabilities of an empty cell: of ink, of none, of something unclear and of something less so."""


def _certain(pattern: str, *, most: int = 8, apart: int = 2) -> tuple[str, str]:
    """Which cells may be written in, and which may be empty."""
    empty = np.log([_VOID[character] for character in pattern])
    inked, void = certain(empty, 0.01, most, apart)
    return "".join(".x"[int(one)] for one in inked), "".join("x."[int(one)] for one in void)


@pytest.mark.parametrize(
    ("pattern", "inked", "void"),
    [
        ("xxx..", "xxx..", "xxx.."),
        ("xxuxx", "xxxxx", "xx.xx"),
        ("xxx..x", "xxx..x", "xxx..."),
        ("xxx..xx", "xxx..xx", "xxx...."),
        ("xxx..xxx", "xxx..xxx", "xxx..xxx"),
        ("xxx.x", "xxx.x", "xxx.x"),
        ("..x", "..x", "..."),
        (".x", ".x", ".x"),
        ("x..xx..x", "x..xx..x", "x......."),
    ],
)
def test_an_unclear_cell_may_be_either_and_ink_that_stands_alone_may_be_dirt(
    pattern: str, inked: str, void: str
) -> None:
    assert _certain(pattern) == (inked, void)


def test_of_many_unclear_cells_the_least_clear_stay_open() -> None:
    assert _certain("uvx", most=2) == ("xxx", "..x")
    assert _certain("uvx", most=1) == ("xxx", ".xx")


def test_a_field_with_a_cell_that_is_surely_crossed_out_is_hardly_readable_and_not_impossible() -> None:
    struck = field_scores(posteriors_of("JAN", {1: {STRUCK: 1.0}}), POLISH_CAPITALS)
    assert 0 < struck.readable < 0.01
    assert field_scores(posteriors_of("JAN"), POLISH_CAPITALS).readable > 0.99


def test_the_case_of_the_clear_letters_tells_what_an_unclear_one_is() -> None:
    unclear = {2: {"I": 0.5, "l": 0.5}}
    for text, likely in (("ABxGH", "i"), ("abxgh", "l")):
        scores = field_scores(posteriors_of(text, unclear), EMAIL_ALPHABET)
        assert scores.characters[int(scores.logs[2].argmax())] == likely
    assert len(scores) == 5
    assert scores.codes("ab") == [scores.characters.index("a"), scores.characters.index("b")]
    with pytest.raises(KeyError):
        scores.codes("ż")
