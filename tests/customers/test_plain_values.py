"""What is told plain by the column is what its kind takes unchanged, and nearly all of a usual list is."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pandas as pd
import pytest

from customers.customer_list import _judge, _kinds
from customers.plain_values import plain
from specimens.people import invented_customers

DAY = date(2026, 7, 5)
COLUMNS = ["customer_no", "name", "pesel", "nip", "street", "house", "postcode", "town", "phone", "email"]


def told(column: str, texts: list[str]) -> list[bool]:
    return [bool(one) for one in plain(_kinds()[column], pd.Series(texts, dtype=object), DAY)]


def texts_like(column: str, rng: random.Random) -> list[str]:
    """Values of people, and the same with one sign changed, lost or doubled."""
    found = []
    for row in invented_customers(400, rng.randrange(10**6)):
        text = str(row[column])  # type: ignore[literal-required]
        found.append(text)
        if text:
            at = rng.randrange(len(text))
            sign = rng.choice("0123456789abzĄłŻ.@-_+ /'=\u00a0\u0301")
            found += [text[:at] + sign + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + sign + text[at:]]
    return found


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.usefixtures("home")
def test_a_plain_value_is_one_that_its_kind_takes_unchanged(column: str) -> None:
    rng = random.Random(column)
    texts = texts_like(column, rng)
    texts += [
        "".join(rng.choice("0123456789") for _ in range(length)) for length in (8, 9, 10, 11) for _ in range(3000)
    ]
    for text, is_plain in zip(texts, told(column, texts), strict=True):
        if is_plain:
            judged = _judge(column, text, _kinds()[column], DAY)
            assert (judged.value, judged.reason) == (text, None)


@pytest.mark.parametrize("column", ["customer_no", "pesel", "nip", "phone", "email"])
@pytest.mark.usefixtures("home")
def test_nearly_all_of_a_usual_list_is_plain(column: str) -> None:
    texts = [str(row[column]) for row in invented_customers(500, 3)]  # type: ignore[literal-required]
    assert np.mean(told(column, [text for text in texts if text])) > 0.85


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("pesel", "44051401358"), ("pesel", "99999999999"), ("pesel", "00000000000"), ("pesel", "26270500003"),
        ("pesel", "26270600012"), ("pesel", "26322800012"),  # right but for the day, which is still to come
        ("nip", "1234563219"), ("nip", "0000000000"), ("phone", "000000000"), ("phone", "60070080"),
        ("phone", "1219000"),  # as some numbers were before they had nine digits
        ("email", "a@b,c"), ("email", "jan@example"), ("email", "jan..nowak@example.com"), ("email", "@example.com"),
        ("email", "jan@example.com ewa@example.com"), ("name", "Brak Danych"), ("name", "Nie Dotyczy"),
        ("name", "Nan Nan"), ("name", "None None"), ("name", "Ewa None"), ("name", "None Lis"),
        ("street", "Bez Numeru"),
        ("town", "Not Available"), ("name", "Null Null Null"), ("name", "Brak Brak"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("home")
def test_what_is_wrong_is_not_plain(column: str, cell: str) -> None:
    assert told(column, [cell]) == [False]
