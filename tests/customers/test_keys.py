"""Keys of a customer are the same however his name and address are written."""

from __future__ import annotations

import pytest

from customers.keys import address_key, lookup_keys, name_key
from database.encryption import digest


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Jan Nowak", "jan nowak"),
        ("NOWAK  Jan", "jan nowak"),
        ("Żółć-Łąka Ewa", "ewa laka zolc"),
        ("", None),
        (" . ", None),
        (None, None),
        ("x" * 300, "x" * 200),
    ],
)
def test_the_key_of_a_name_is_its_words_in_order(name: str | None, key: str | None) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ({"street": "ul. A. Mickiewicza", "house": "12", "flat": "3", "postcode": "66-470"}, "mickiewicza 12/3 66-470"),
        ({"street": "Mickiewicza", "house": "12 m. 3", "postcode": "66-470"}, "mickiewicza 12/3 66-470"),
        ({"street": "os. Słoneczne", "house": "5a"}, "sloneczne 5A"),
        ({"street": None, "town": "Drzewice", "house": "7", "postcode": "66-470"}, "drzewice 7 66-470"),
        ({"street": "Wodna", "house": None, "postcode": "66-470"}, None),
        ({"street": "ul.", "house": "7"}, None),
        ({"house": "7", "postcode": "66-470"}, None),
        ({"street": "Wodna", "flat": "3"}, "wodna 3"),
    ],
)  # fmt: skip
def test_the_key_of_an_address_is_its_street_house_and_post_code(
    address: dict[str, str | None], key: str | None
) -> None:
    assert address_key(address) == key


def test_an_address_as_long_as_no_column_is_cut() -> None:
    key = address_key({"street": "Wodna", "house": "1" * 300})
    assert key is not None and len(key) == 200


def test_a_customer_is_looked_up_by_three_keys_and_his_pesel_stands_in_none(home: object) -> None:
    keys = lookup_keys({"name": "Jan Nowak", "street": "Wodna", "house": "7", "pesel": "44051401359"})
    assert keys == {
        "name_key": "jan nowak",
        "address_key": "wodna 7",
        "pesel_key": digest("pesel", "44051401359"),
    }
    assert lookup_keys({}) == {"name_key": None, "address_key": None, "pesel_key": None}
