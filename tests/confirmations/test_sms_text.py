"""How long a text is as SMS, and in which letters it goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from confirmations.sms_text import SmsSize, as_sms, size_of

POLISH = "Zażółć gęślą jaźń"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize(True, 1)),
        ("a" * 160, SmsSize(True, 1)),
        ("a" * 161, SmsSize(True, 2)),
        ("a" * 306, SmsSize(True, 2)),
        ("a" * 307, SmsSize(True, 3)),
        ("€" * 80, SmsSize(True, 1)),
        ("€" * 81, SmsSize(True, 2)),
        ("a" * 152 + "€" * 2 + "a" * 150, SmsSize(True, 3)),
        ("é" * 160, SmsSize(True, 1)),
        ("ó" * 70, SmsSize(False, 1)),
        ("ą" * 71, SmsSize(False, 2)),
        ("ą" * 134, SmsSize(False, 2)),
        ("ą" * 135, SmsSize(False, 3)),
        ("\N{WATER WAVE}" * 35, SmsSize(False, 1)),
        ("\N{WATER WAVE}" * 36, SmsSize(False, 2)),
        ("a" + "\N{WATER WAVE}" * 66, SmsSize(False, 2)),
        ("\N{WATER WAVE}" * 67, SmsSize(False, 3)),
    ],
)
def test_parts_are_counted_by_the_alphabet_and_no_sign_is_torn(text: str, size: SmsSize) -> None:
    assert size_of(text) == size


def test_polish_letters_go_as_the_setting_says(set_settings: Callable[..., None]) -> None:
    typeset = f"„{POLISH}” – dziś"
    assert as_sms(typeset) == '"Zazolc gesla jazn" - dzis'
    set_settings(sms_letters="one_part")
    assert as_sms(typeset) == f'"{POLISH}" - dziś'
    assert as_sms(POLISH * 5).isascii(), "it would be two"
    set_settings(sms_letters="polish")
    assert as_sms(POLISH * 5) == POLISH * 5


def test_without_polish_letters_every_polish_text_is_in_the_short_alphabet(set_settings: Callable[..., None]) -> None:
    assert size_of(as_sms("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ–—„”\N{NO-BREAK SPACE}")).gsm
