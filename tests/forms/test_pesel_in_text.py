"""A PESEL within a text is found, hidden and taken out."""

from __future__ import annotations

import pytest

from forms.kinds import Pesel


@pytest.mark.parametrize(
    ("text", "hidden", "stands"),
    [
        ("44051401359", "•••••••••••", True),
        ("tel. 600 700 800, PESEL 44051401359", "tel. 600 700 800, PESEL •••••••••••", True),
        ("600 700 800 44051401359", "600 700 800 •••••••••••", True),
        ("440514-01359 i 440514 01358", "••••••••••• i •••••••••••", True),
        ("44051401358", "•••••••••••", False),
        ("4405140135", "•••••••••••", False),
        ("440514013599", "•••••••••••", False),
        ("4405140135999", "4405140135999", False),
        ("600700800 600700801", "600700800 600700801", False),
        ("05.07.2026", "05.07.2026", False),
    ],
)
def test_a_pesel_is_found_and_hidden_within_a_text(text: str, hidden: str, stands: bool) -> None:
    assert (Pesel().hidden_in(text), Pesel().stands_in(text)) == (hidden, stands)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Jan Nowak 44051401359", "Jan Nowak"),
        ("Jan Nowak (PESEL: 440514 01359)", "Jan Nowak"),
        ("Nowak, nr pesel 44051401359, Jan", "Nowak , Jan"),
        ("44051401359 Nowak-Kowalska Jan", "Nowak-Kowalska Jan"),
        ("44051401359", ""),
        ("Jan Nowak 44051401358", "Jan Nowak 44051401358"),
        ("Wspólnota Pesel  12", "Wspólnota Pesel  12"),
    ],
)
def test_a_pesel_is_taken_out_of_a_text_with_the_word_that_names_it(text: str, left: str) -> None:
    assert Pesel().taken_out_of(text) == left


def test_a_pesel_with_a_dash_after_each_digit_is_still_found_in_a_text() -> None:
    assert Pesel().stands_in("nr " + "-".join("44051401359"))
