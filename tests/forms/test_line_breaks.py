"""Where Polish lines must not end, in every text that we set: pages, messages and print ask the same function."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from forms.line_breaks import unbroken
from forms.typesetting import REGULAR, text_width, wrap

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zadzwoń i zapytaj w biurze: 95 727 96 51", "Zadzwoń i_zapytaj w_biurze: 95_727_96_51"),
        ("Faktury w domu i w sadzie, a z nimi e-mail.", "Faktury w_domu i_w_sadzie, a_z_nimi e~mail."),
        ("(w domu) „z nimi” § 5 ust. 1", "(w_domu) „z_nimi” §_5 ust. 1"),
        ("Zakłady Sp. z o.o.", "Zakłady Sp._z_o.o."),
        ("Na e-fakturę i E-mail: e-BOK", "Na e~fakturę i_E~mail: e~BOK"),
        ("W Kostrzynie", "W_Kostrzynie"),
        ("Ala i", "Ala i"),
        ("blok B klatka x piętro 3", "blok B klatka x piętro 3"),
    ],
)
def test_one_letter_words_numbers_and_short_forms_hold_together(text: str, shown: str) -> None:
    assert unbroken(text).replace("\N{NO-BREAK SPACE}", "_").replace("\N{NON-BREAKING HYPHEN}", "~") == shown


@pytest.mark.parametrize(
    "address",
    [
        "anna-e-kot@o2.pl",
        "e-kot@o2.pl",
        "e-mail.anna@o2.pl",
        "https://e-bok.example/e-faktura",
        "www.e-bok.pl",
        "e-bok.pl",
    ],
)
def test_an_address_is_left_as_it_is_so_that_it_can_be_copied(address: str) -> None:
    assert unbroken(f"Adres: {address}.") == f"Adres: {address}."


def test_what_is_printed_breaks_where_pages_and_messages_do() -> None:
    text = "Faktury z wodą Miejskich Zakładów Sp. z o.o. w Kostrzynie, tel. 95 727 96 51, a nie e-mail " * 3
    lines = wrap(text, REGULAR, 9, 120)
    assert " ".join(lines) == text.strip()
    assert all(text_width(line, REGULAR, 9) <= 120 for line in lines)
    for line, following in pairwise(lines):
        assert unbroken(f"{line} {following}")[len(line)] == " "


def test_no_other_place_says_where_a_line_may_break() -> None:
    rules = {
        str(path.relative_to(ROOT))
        for room in ("api", "confirmations", "customers", "forms", "review")
        for path in (ROOT / room).rglob("*.py")
        if "aiouwz" in path.read_text().lower()
    }
    assert rules == {"forms/line_breaks.py"}
