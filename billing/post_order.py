"""The order in which the post wants its letters: by post code, town, street, house and flat."""

from __future__ import annotations

import re
from typing import Final

from customers.records import CustomerRecord

_LETTERS: Final = {letter: place for place, letter in enumerate("aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż")}
_PARTS: Final = re.compile(r"(\d+)")
Key = tuple[object, ...]


def post_order(customer: CustomerRecord | None) -> Key:
    """What customers are sorted by; addresses that are not whole come last."""
    if customer is None or not customer.postcode:
        return (1,)
    place = customer.street or customer.town
    return (
        0,
        customer.postcode,
        _words(customer.town),
        _words(place),
        _number(customer.house),
        _number(customer.flat),
        customer.customer_no,
    )


def _words(text: str | None) -> tuple[tuple[int, int], ...]:
    """Polish letters in their order, others and digits by their codes before them."""
    return tuple((1, _LETTERS[sign]) if sign in _LETTERS else (0, ord(sign)) for sign in (text or "").lower())


def _number(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """2 before 12, 12 before 12A."""
    parts = _PARTS.split((text or "").lower())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
