"""Whether somebody on the telephone is the customer: he tells his number and one thing more that the register knows.

The number stands on every invoice, and so do the address and, for a firm, its NIP: who has found an invoice in a letter
box knows them all. The second thing is one that no invoice tells. Where the register knows none, nobody can be told
apart on the telephone; on a form (``customers.matching``) the signature goes with what stands on the invoice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from customers.records import CustomerRecord
from forms.kinds import Phone

_TAIL: Final = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """What somebody on the telephone said: his number, and his answer to the question of that code."""

    customer_no: str = field(repr=False)
    question: str
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a clerk may ask: its text in Polish, what the register knows, and whether an answer is right.

    Silence never is.
    """

    text: str
    known: Callable[[CustomerRecord], str | None]
    is_right: Callable[[CustomerRecord, str], bool]


def _ends(number: str | None, answer: str) -> bool:
    digits = re.sub(r"\s", "", answer)
    return number is not None and re.fullmatch(rf"[0-9]{{{_TAIL}}}", digits) is not None and number.endswith(digits)


def _is_phone(customer: CustomerRecord, answer: str) -> bool:
    given = Phone().parse(answer)
    return customer.phone is not None and given.fault is None and given.value == customer.phone


QUESTIONS: Final[Mapping[str, Question]] = {
    "pesel": Question(
        "Cztery ostatnie cyfry PESEL",
        lambda customer: customer.pesel,
        lambda customer, answer: _ends(customer.pesel, answer),
    ),
    "phone": Question("Telefon, który mamy w rejestrze", lambda customer: customer.phone, _is_phone),
}
"""What may be asked beside the number, by its code: nothing that an invoice tells."""


def can_be_asked(customer: CustomerRecord) -> bool:
    """Whether the register knows anything of the customer that may be asked."""
    return any(question.known(customer) for question in QUESTIONS.values())


def is_customer(caller: Caller, customer: CustomerRecord) -> bool:
    """Whether number and answer are those of the customer; False where the register does not know the answer."""
    question = QUESTIONS.get(caller.question)
    same = re.sub(r"[\s-]", "", caller.customer_no) == customer.customer_no
    return same and question is not None and question.is_right(customer, caller.answer)
