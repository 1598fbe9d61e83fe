"""Who calls is the customer when number and one more thing agree with the register, and in no other case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customers.caller_check import QUESTIONS, Caller, can_be_asked, is_customer
from customers.records import CustomerRecord

ZOFIA = CustomerRecord(
    customer_no="10000001",
    name="Zofia Przykładna",
    pesel="02070803628",
    nip="1234563218",
    house="12",
    flat="4",
    postcode="66-470",
    town="Kostrzyn nad Odrą",
    phone="600700800",
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("pesel", "3628"),
        ("pesel", " 36 28 "),
        ("phone", "600 700 800"),
        ("phone", "+48 600-700-800"),
    ],
)
def test_the_right_answer_with_the_right_number_is_the_customer(question: str, answer: str) -> None:
    assert is_customer(Caller("10000001", question, answer), ZOFIA)
    assert is_customer(Caller(" 1000 0001", question, answer), ZOFIA)
    assert not is_customer(Caller("10000002", question, answer), ZOFIA)
    assert not is_customer(Caller("", question, answer), ZOFIA)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("pesel", "628"),
        ("pesel", "03628"),
        ("pesel", "3629"),
        ("pesel", "0708"),  # in the middle of it: a birthday, which many know
        ("pesel", "02070803628"),
        ("nip", "3218"),
        ("place", "66-470 12/4"),
        ("place", "66470, 12 m. 4"),
        ("phone", "600700801"),
        ("phone", ""),
        ("name", "Zofia Przykładna"),
        ("", ""),
    ],
)
def test_a_wrong_answer_or_one_to_a_question_that_nobody_asks_is_not(question: str, answer: str) -> None:
    assert not is_customer(Caller("10000001", question, answer), ZOFIA)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", ["", "None", "0000", "66-470", "66-470 ", " "])
def test_what_the_register_does_not_know_no_answer_is_right_for(question: str, answer: str) -> None:
    unknown = replace(ZOFIA, pesel=None, nip=None, house=None, flat=None, postcode=None, phone=None)
    assert not is_customer(Caller("10000001", question, answer), unknown)


def test_nothing_that_an_invoice_tells_is_asked() -> None:
    on_an_invoice = replace(ZOFIA, pesel=None, phone=None)
    for told in ("10000001", "Zofia Przykładna", "1234563218", "3218", "66-470", "12/4", "66-470 12/4", ZOFIA.town):
        assert not any(is_customer(Caller("10000001", question, told), on_an_invoice) for question in QUESTIONS)
    assert not can_be_asked(on_an_invoice)
    assert can_be_asked(replace(on_an_invoice, phone="600700800"))
    assert can_be_asked(replace(on_an_invoice, pesel="02070803628"))


def test_what_a_caller_says_stands_in_no_trace() -> None:
    told = repr(Caller("10000001", "pesel", "3628"))
    assert "3628" not in told and "10000001" not in told
