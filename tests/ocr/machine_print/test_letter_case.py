from __future__ import annotations

import pytest

from ocr.machine_print.company_forms import with_company_forms
from ocr.machine_print.letter_case import with_true_cases
from ocr.segmentation.ink import Ink


def boxes(*heights: int) -> list[Ink]:
    return [Ink(20 * at, 40 - height, 20 * at + 12, 40, 12 * height) for at, height in enumerate(heights)]


def test_letters_of_one_shape_take_the_case_that_they_are_high() -> None:
    assert with_true_cases("AnnaS.C.", boxes(22, 16, 16, 16, 16, 4, 16, 4)) == "Annas.c."
    assert with_true_cases("Annas.c.", boxes(22, 16, 16, 16, 22, 4, 23, 4)) == "AnnaS.C."


def test_one_clear_letter_is_enough_to_tell_small_ones_from_capitals() -> None:
    assert with_true_cases("WartaS.C.", boxes(22, 17, 17, 19, 17, 17, 4, 16, 4)) == "Wartas.c."
    assert with_true_cases("BOs.c.", boxes(22, 22, 22, 4, 22, 4)) == "BOS.C."


def test_no_case_is_changed_where_heights_say_nothing() -> None:
    assert with_true_cases("S.C.", boxes(16, 4, 16, 4)) == "S.C."
    assert with_true_cases("Annas.c.", boxes(22, 16, 16, 16, 19, 4, 19, 4)) == "Annas.c."
    assert with_true_cases("AnnaS.C.", boxes(22, 16, 16, 4, 16, 4)) == "AnnaS.C."
    assert with_true_cases("Śmiała", boxes(29, 16, 22, 16, 22, 16)) == "Śmiała"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Warta Sp. z 0.0.", "Warta Sp. z o.o."),
        ("WARTA SP. Z 0.O.", "WARTA SP. Z O.O."),
        ("Warta Sp. zo.o.", "Warta Sp. z o.o."),
        ("Warta Sp. j", "Warta Sp. j."),
        ("Warta Sp: j.", "Warta Sp. j."),
        ("WARTA SP. I.", "WARTA SP. J."),
        ("Warta Sp.l.", "Warta Sp.j."),
        ("Warta Sp. k.", "Warta Sp. k."),
    ],
)
def test_forms_of_companies_are_mended(read: str, meant: str) -> None:
    assert with_company_forms(read) == meant
