"""What the customer list says where it is no value stands at the desk beside the field, and is used for nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import office
from benchmarks.office import Paper
from customers.tables import Customer
from database.engine import transaction
from tests.api.desk.staff import Desk
from tests.review.papers import leases_run_out

SignIn = Callable[..., Desk]
PERSON = office.people()[0]


@pytest.fixture
def page(sqlite_database: str, desk: SignIn) -> Callable[..., str]:
    """The desk's page of a form of a customer whose list has these cells instead of values."""
    office.fill_register()

    def opened(cells: dict[str, str], *doubtful: str, login: str = "ola", **written: str) -> str:
        with transaction() as session:
            customer = session.get_one(Customer, PERSON["customer_no"])
            customer.unusable = cells
            for name in cells:
                setattr(customer, name, None)
        paper = Paper("einvoice_acceptance", 0, doubtful=doubtful, written=dict(written))
        tracking = office.judged(office.read(office.received(office.scanned(paper)), paper))
        ewa = desk("ewa")
        found = ewa.post(f"/biuro/sprawy/{tracking}/zajmij").text
        if login == "ewa":
            return found
        leases_run_out()
        return desk(login).browser.get(f"/biuro/sprawy/{tracking}").text

    return opened


def test_a_damaged_house_number_is_shown_beside_the_field_and_contradicts_nothing(page: Callable[..., str]) -> None:
    text = page({"house": "05.lip"}, "email", login="ewa")
    assert "z listy: <q>05.lip</q>, nie do użycia" in text
    assert "Inaczej niż w rejestrze" not in text


def test_the_address_of_the_customer_in_question_shows_what_it_lost(page: Callable[..., str]) -> None:
    text = page({"house": "2026-07-05"}, "email", login="ewa", name=office.people()[1]["name"])
    assert "Z listy: <q>2026-07-05</q>, nie do użycia" in text


OWN = PERSON["pesel"][:-1] + ("1" if PERSON["pesel"][-1] != "1" else "2")


def test_a_damaged_pesel_is_shown_to_the_clerk_who_decides(page: Callable[..., str]) -> None:
    assert f"<q>{OWN}</q>" in page({"pesel": OWN}, "email", login="ewa")


def test_a_damaged_pesel_is_shown_to_no_other_clerk(page: Callable[..., str]) -> None:
    assert OWN not in page({"pesel": OWN}, "email")


def test_of_a_pesel_that_may_be_somebody_elses_no_more_is_told_than_that(page: Callable[..., str]) -> None:
    text = page({"pesel": "99999999999"}, "email", login="ewa")
    assert "<q>całkiem inny</q>" in text
    assert "99999999999" not in text
