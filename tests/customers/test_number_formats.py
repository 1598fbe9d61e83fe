"""What a number looks like in a cell, by the format of the cell."""

from __future__ import annotations

import pytest

from customers.number_formats import changes_text, hides_numbers, shown


@pytest.mark.parametrize(
    ("number", "code", "seen"),
    [
        (5123, "00-000", "05-123"),
        (210112345, "00000000000", "00210112345"),
        (7012345678, "000-000-00-00", "701-234-56-78"),
        (12, '0"a"', "12a"),
        (7, r"\m\.\ 0", "m. 7"),
        (48600100200, "+00 000 000 000", "+48 600 100 200"),
        (1234567, "[<=9999999]000-00-00;(00) 000-00-00", "123-45-67"),
        (121234567, "[<=9999999]000-00-00;(00) 000-00-00", "(12) 123-45-67"),
        (5, "[$-415]000", "005"),
        (5, '0 [$zł-415]', "5 zł"),
        (0, '00;-00;"brak"', "brak"),
        (1234, "00", "1234"),
        (3, '"nieczynne"', "nieczynne"),
        (12, "_-0_-", "12"),
        (12, r"0\/0", "1/2"),
        *((12, code, None) for code in ("General", "0", "#,##0", "0.00", "0%", "yyyy-mm-dd", "@", "0.0E+0", "", ";;")),
        (12, "# ?/?", None),
        (12.5, "000", None),
        (-3, "000", None),
        (-12, "0;(0)", "(12)"),
        (12, '[>10]"dużo";0', "dużo"),
        (7, '[>10]"dużo";[=7]"siedem";0', "siedem"),
        (3, '[>10]"dużo";[=7]"siedem";00', "03"),
    ],
)  # fmt: skip
def test_a_whole_number_is_seen_as_its_format_writes_it(number: float, code: str, seen: str | None) -> None:
    assert shown(number, code) == seen


@pytest.mark.parametrize(
    ("code", "numbers", "texts"),
    [
        (";;;", True, True),
        (";;", True, False),
        ("General;;;", False, True),
        ("0;-0;;@", False, False),
        ('0;-0;0;"x"', False, True),
        ("General", False, False),
        ('";"0', False, False),
        ("@", False, False),
        ("0;-0;0;_-@_-", False, False),
        ('"ul. "@', False, True),
    ],
)
def test_a_format_may_show_nothing_or_another_text(code: str, numbers: bool, texts: bool) -> None:
    assert (hides_numbers(code), changes_text(code)) == (numbers, texts)
