"""What the register lends to reading: rows by number, PESEL, NIP, telephone and address; words with their weights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customers import knowledge
from customers.knowledge import ListKnowledge, RegisterKnowledge, register_knowledge
from customers.records import CustomerRecord
from customers.tables import Customer
from database.engine import transaction
from ocr.installation import Installation
from ocr.knowledge import Knowledge
from tests.customers.samples import FIRM, JAN, register

FOREIGN = CustomerRecord("10000003", name="Ümit Öztürk", postcode="99-999", town="Nowe Osiedle", street="Przy Torze")


@pytest.fixture(params=["list", "sqlite_database", "postgres_database"])
def known(request: pytest.FixtureRequest) -> Knowledge:
    """The same customers as a list, and in the register, in a database of each sort."""
    if request.param == "list":
        return ListKnowledge((JAN, FIRM, FOREIGN))
    request.getfixturevalue(request.param)
    register(JAN, FIRM, FOREIGN)
    return RegisterKnowledge()


@pytest.mark.parametrize(
    ("column", "value", "number"),
    [
        ("customer_no", JAN.customer_no, JAN.customer_no),
        ("pesel", JAN.pesel, JAN.customer_no),
        ("phone", JAN.phone, JAN.customer_no),
        ("email", JAN.email, JAN.customer_no),
        ("nip", FIRM.nip, FIRM.customer_no),
    ],
)
def test_a_customer_is_found_by_each_of_his_numbers(known: Knowledge, column: str, value: str, number: str) -> None:
    (row,) = known.customers({column: ["0", value]})
    assert row["customer_no"] == number


def test_a_customer_who_is_asked_for_in_two_ways_comes_once_and_whole(known: Knowledge) -> None:
    (row,) = known.customers({"customer_no": [JAN.customer_no], "pesel": [JAN.pesel or ""]})
    assert (row["name"], row["pesel"], row["flat"], "nip" in row) == (JAN.name, JAN.pesel, JAN.flat, False)


def test_nobody_is_found_by_another_column(known: Knowledge) -> None:
    assert known.customers({"nip": [JAN.pesel or ""], "pesel": [JAN.customer_no]}) == []


def test_words_of_the_register_stand_beside_those_of_the_installation(known: Knowledge) -> None:
    shipped = Installation()
    assert "ÖZTÜRK" not in shipped.words("name")
    assert "PRZY TORZE" not in shipped.words("street")
    assert known.words("name")["ÖZTÜRK"] > known.words("name")["WIERZBICKI"] > 0
    assert known.words("street")["PRZY TORZE"] > 0
    assert "NOWE OSIEDLE" in known.places()["99-999"]
    assert set(shipped.places()["66-470"]) <= set(known.places()["66-470"])


def test_a_changed_register_is_looked_at_anew_after_some_time(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    register(JAN)
    held = RegisterKnowledge()
    assert held.customers({"nip": [FIRM.nip or ""]}) == []
    register(FIRM, replace(JAN, phone="501502503"))
    assert [row["phone"] for row in held.customers({"customer_no": [JAN.customer_no]})] == ["501502503"]
    monkeypatch.setattr(knowledge, "_FRESH", 0.0)
    assert len(held.customers({"nip": [FIRM.nip or ""]})) == 1


def test_the_address_of_invoices_is_one_of_the_customers_addresses(sqlite_database: str) -> None:
    register(JAN)
    with transaction() as session:
        session.get_one(Customer, JAN.customer_no).invoice_email = "faktury@example.com"
    (row,) = register_knowledge().customers({"email": ["faktury@example.com"]})
    assert (row["email"], row["invoice_email"]) == (JAN.email, "faktury@example.com")


def test_one_register_is_known_once_for_each_database(sqlite_database: str) -> None:
    assert register_knowledge() is register_knowledge()


def test_a_register_of_several_pages_is_known_whole(known: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "_PAGE", 1)
    for one in (JAN, FIRM, FOREIGN):
        assert [row["customer_no"] for row in known.customers({"customer_no": [one.customer_no]})] == [one.customer_no]
    assert [row["customer_no"] for row in known.customers({"pesel": [JAN.pesel or ""]})] == [JAN.customer_no]
    assert known.words("name")["ÖZTÜRK"] > 0


@pytest.mark.usefixtures("database")
def test_a_customer_from_before_there_were_keys_is_found_by_his_pesel() -> None:
    register(JAN)
    with transaction() as session:
        session.get_one(Customer, JAN.customer_no).pesel_key = None
    (row,) = RegisterKnowledge().customers({"pesel": [JAN.pesel or ""]})
    assert row["customer_no"] == JAN.customer_no


def test_an_address_of_which_a_part_is_damaged_lends_no_house_that_would_be_a_second_factor() -> None:
    lost = replace(JAN, flat=None, unusable={"flat": "01:02:00"})
    (row,) = ListKnowledge([lost]).customers({"customer_no": [JAN.customer_no]})
    assert ("house" in row, row["street"]) == (False, JAN.street)
