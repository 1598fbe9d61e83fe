"""Whether somebody on the telephone is the customer: he tells his number and one thing more that the register knows.

As where a form is identified (``customers.matching``), the number alone, which stands on every invoice, proves nothing.
A post code alone is no second thing in a town that has only one: the number of the house goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from customers.comparison import Answer, compare_houses
from customers.records import CustomerRecord
from forms.kinds import Phone, Postcode

_TAIL: Final = 4
_PLACE: Final = re.compile(r"\s*([0-9]{2}\s*-?\s*[0-9]{3})[\s,;]+(\S.*)")


@dataclass(frozen=True, slots=True)
class Caller:
    """What somebody on the telephone said: his number, and his answer to the question of that code."""

    customer_no: str = field(repr=False)
    question: str
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a clerk may ask: its text in Polish, and whether an answer is right, which silence never is."""

    text: str
    is_right: Callable[[CustomerRecord, str], bool]


def _ends(number: str | None, answer: str) -> bool:
    digits = re.sub(r"\s", "", answer)
    return number is not None and re.fullmatch(rf"[0-9]{{{_TAIL}}}", digits) is not None and number.endswith(digits)


def _lives_there(customer: CustomerRecord, answer: str) -> bool:
    found = _PLACE.fullmatch(answer)
    if found is None or Postcode().parse(found[1]).value != customer.postcode:
        return False
    known = {"house": customer.house, "flat": customer.flat}
    return compare_houses({"house": found[2], "flat": None}, known) is Answer.AGREES


def _is_phone(customer: CustomerRecord, answer: str) -> bool:
    given = Phone().parse(answer)
    return customer.phone is not None and given.fault is None and given.value == customer.phone


QUESTIONS: Final[Mapping[str, Question]] = {
    "pesel": Question("Cztery ostatnie cyfry PESEL", lambda customer, answer: _ends(customer.pesel, answer)),
    "nip": Question("Cztery ostatnie cyfry NIP (firma)", lambda customer, answer: _ends(customer.nip, answer)),
    "place": Question("Kod pocztowy, numer domu i lokalu (66-470 12/4)", _lives_there),
    "phone": Question("Telefon, który mamy w rejestrze", _is_phone),
}
"""What may be asked beside the number, by its code."""


def is_customer(caller: Caller, customer: CustomerRecord) -> bool:
    """Whether number and answer are those of the customer; False where the register does not know the answer."""
    question = QUESTIONS.get(caller.question)
    same = re.sub(r"[\s-]", "", caller.customer_no) == customer.customer_no
    return same and question is not None and question.is_right(customer, caller.answer)
