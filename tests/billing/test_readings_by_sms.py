"""A reading by SMS: taken where it is clear whose it is, answered in any case, and never guessed."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering import sms
from billing.metering.tables import ReadingState, ReportedReading
from confirmations.channels.sms import text_of
from confirmations.rendering import render
from confirmations.tables import Medium, Message
from customers.tables import Customer
from database.engine import Session, reading, transaction

PHONE = "601202303"
METER = "W1234567-1"


def number(person: int = 0) -> str:
    return str(office.people()[person]["customer_no"])


@pytest.fixture
def customer(sqlite_database: str) -> str:
    """A customer with a telephone of his own and one meter, which showed 240 ten days ago."""
    office.fill_register()
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == number()).values(phone=PHONE))
    add_meter(number(), METER)
    return number()


def send(text: str, *, phone: str = PHONE, reference: str | None = None) -> str:
    """The answer, '' where there is none."""
    before = len(answers())
    with transaction() as session:
        sms.answer(session, phone, text, reference or f"{text} {before}")
    found = answers()
    return found[-1] if len(found) > before else ""


def answers() -> list[str]:
    with reading() as session:
        messages = list(session.scalars(select(Message).order_by(Message.id)))
    return [render(one.template, one.context, Medium.SMS).plain for one in messages]


def kept() -> list[tuple[int, str]]:
    with reading() as session:
        return [(one.value, one.state) for one in session.scalars(select(ReportedReading))]


@pytest.mark.parametrize("text", ["243", " 243 m3", "Odczyt 243", "odczyt {customer} 243", "ODCZYT {meter} 243."])
def test_a_known_telephone_needs_the_digits_alone(customer: str, text: str) -> None:
    told = send(text.format(customer=customer, meter=METER))
    assert "odczyt 243 m3" in told and "przyjęty" in told
    assert kept() == [(243, ReadingState.ACCEPTED)]


@pytest.mark.parametrize("text", ["", "dzień dobry", "ile mam do zapłaty?", "123,456", "12345678901", "odczyt mój 5"])
def test_what_is_no_reading_is_answered_with_how_to_write_one(customer: str, text: str) -> None:
    assert "podaj czarne cyfry" in send(text)
    assert kept() == []


def test_an_unknown_telephone_needs_both_factors(customer: str) -> None:
    stranger = "602303404"
    assert "nie znamy tego telefonu" in send("243", phone=stranger)
    assert "nie znamy tego telefonu" in send(f"ODCZYT {customer} 243", phone=stranger)
    assert "nie znamy tego telefonu" in send(f"ODCZYT {customer} W999 243", phone=stranger)
    assert kept() == []
    assert "przyjęty" in send(f"ODCZYT {customer} {METER} 243", phone=stranger)
    assert kept() == [(243, ReadingState.ACCEPTED)]


def test_a_telephone_that_an_account_has_proven_needs_the_digits_alone_as_the_register_s_does(customer: str) -> None:
    proven = "602303404"

    def whose(_session: Session, phone: str) -> list[str]:
        return [customer] if phone == proven else []

    with transaction() as session:
        sms.answer(session, proven, "243", "1", whose)
        sms.answer(session, "602303405", "244", "2", whose)
    assert ["przyjęty" in one for one in answers()] == [True, False]
    assert kept() == [(243, ReadingState.ACCEPTED)]


def test_of_several_meters_he_says_which(customer: str) -> None:
    add_meter(customer, "W7")
    assert "masz więcej wodomierzy" in send("243")
    assert "przyjęty" in send("ODCZYT W7 243")


def test_a_doubtful_one_is_asked_about_and_taken_for_a_clerk_when_it_is_confirmed(customer: str) -> None:
    told = send("300")
    assert "To byłoby 60 m³" in told and "TAK 300" in told
    assert kept() == []
    assert "Sprawdzi go pracownik" in send("TAK 300")
    assert kept() == [(300, ReadingState.WAITING)]


def test_the_same_sms_handed_over_again_changes_and_answers_nothing(customer: str) -> None:
    assert send("243", reference="1")
    assert send("243", reference="1") == ""
    assert len(kept()) == 1


def test_one_telephone_is_not_answered_without_end_and_what_is_no_telephone_not_at_all(customer: str) -> None:
    told = [send(f"hej {at}x") for at in range(8)]
    assert [bool(one) for one in told] == [True] * 6 + [False] * 2
    assert send("243", phone="INFO") == send("243", phone="48957279651") == ""


def test_answers_have_no_letters_that_make_an_sms_dear(customer: str) -> None:
    for text in ("hej", "243", "300"):
        send(text)
    with reading() as session:
        for one in session.scalars(select(Message)):
            content = render(one.template, one.context, Medium.SMS)
            envelope = type("E", (), {"content": content})()
            assert len(text_of(envelope)) <= 306, "two SMS at the most"
