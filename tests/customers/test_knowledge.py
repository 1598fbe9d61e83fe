"""What the register lends to reading: rows by number, PESEL, NIP, telephone and address; words with their weights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customers import knowledge
from customers.importing import load_customers
from customers.knowledge import ListKnowledge, RegisterKnowledge, register_knowledge
from customers.records import COLUMNS, CustomerRecord
from customers.tables import Customer
from database.engine import transaction
from ocr.installation import Installation
from ocr.knowledge import Knowledge
from specimens.people import invented_customers
from tests.customers.samples import FIRM, JAN, register

FOREIGN = CustomerRecord("10000003", name="Ümit Öztürk", postcode="99-999", town="Nowe Osiedle", street="Przy Torze")


@pytest.fixture(params=["list", "sqlite_database", "postgres_database"])
def known(request: pytest.FixtureRequest) -> Knowledge:
    """The same customers as a list, and in the register, in a database of each sort."""
    if request.param == "list":
        return Installation(ListKnowledge((JAN, FIRM, FOREIGN)))
    request.getfixturevalue(request.param)
    register(JAN, FIRM, FOREIGN)
    return Installation(RegisterKnowledge())


@pytest.mark.parametrize(
    ("column", "value", "number"),
    [
        ("customer_no", JAN.customer_no, JAN.customer_no),
        ("pesel", JAN.pesel, JAN.customer_no),
        ("phone", JAN.phone, JAN.customer_no),
        ("nip", FIRM.nip, FIRM.customer_no),
    ],
)
def test_a_customer_is_found_by_each_of_his_numbers(known: Knowledge, column: str, value: str, number: str) -> None:
    (row,) = known.customers({column: ["0", value]})
    assert row["customer_no"] == number


def test_a_customer_who_is_asked_for_in_two_ways_comes_once_and_whole(known: Knowledge) -> None:
    (row,) = known.customers({"customer_no": [JAN.customer_no], "pesel": [JAN.pesel or ""]})
    assert (row["name"], row["pesel"], row["flat"], "nip" in row) == (JAN.name, JAN.pesel, JAN.flat, False)


def test_nobody_is_found_by_another_column_or_by_what_addresses_are_never_looked_for(known: Knowledge) -> None:
    assert known.customers({"nip": [JAN.pesel or ""], "pesel": [JAN.customer_no], "phone": []}) == []
    assert known.customers({"email": [JAN.email or ""]}) == known.customers({}) == []


def test_words_of_the_register_stand_beside_those_of_the_installation(known: Knowledge) -> None:
    shipped = Installation()
    assert "ÖZTÜRK" not in shipped.words("name")
    assert "PRZY TORZE" not in shipped.words("street")
    assert known.words("name")["ÖZTÜRK"] > known.words("name")["WIERZBICKI"] > 0
    assert known.words("street")["PRZY TORZE"] > 0
    assert "NOWE OSIEDLE" in known.places()["99-999"]
    assert set(shipped.places()["66-470"]) <= set(known.places()["66-470"])


def test_a_changed_register_is_found_at_once_and_its_words_after_some_time(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(JAN)
    held = RegisterKnowledge()
    words = held.words()
    register(FOREIGN, replace(JAN, phone="501502503"))
    assert [row["phone"] for row in held.customers({"customer_no": [JAN.customer_no]})] == ["501502503"]
    assert len(held.customers({"customer_no": [FOREIGN.customer_no]})) == 1
    assert held.words() is words
    monkeypatch.setattr(knowledge, "_FRESH", 0.0)
    assert held.words()["name"]["ÖZTÜRK"] == 1
    assert held.words() is held.words(), "the same object as long as nothing changed"


def test_what_is_learnt_of_a_register_stays_the_same_object_until_its_words_are_others(sqlite_database: str) -> None:
    register(JAN)
    told = Installation(RegisterKnowledge())
    assert told.words("name") is told.words("name")
    assert told.places() is told.places()


def test_the_address_of_invoices_comes_with_the_customer(sqlite_database: str) -> None:
    register(JAN)
    with transaction() as session:
        session.get_one(Customer, JAN.customer_no).invoice_email = "faktury@example.com"
    (row,) = register_knowledge().customers({"phone": [JAN.phone or ""]})
    assert (row["email"], row["invoice_email"]) == (JAN.email, "faktury@example.com")


def test_one_register_is_known_once_for_each_database(sqlite_database: str) -> None:
    assert register_knowledge() is register_knowledge()


@pytest.mark.usefixtures("database")
def test_the_register_lends_what_the_same_customers_in_a_list_lend() -> None:
    """The list is held in memory whole: what its scan finds, the index finds."""
    people = [CustomerRecord(**{name: row[name] or None for name in COLUMNS}) for row in invented_customers(300, 5)]
    load_customers(people)
    by_index, by_scan = RegisterKnowledge(), ListKnowledge(people)
    assert by_index.words() == by_scan.words()
    for one in people:
        for column in ("customer_no", "pesel", "nip", "phone"):
            sought = {column: [value for value in (getattr(one, column), "0") if value]}
            assert by_index.customers(sought) == by_scan.customers(sought)
    every = {column: [getattr(one, column) for one in people[::7]] for column in ("customer_no", "pesel", "nip")}
    wanted = {column: [value for value in values if value] for column, values in every.items()}
    assert by_index.customers(wanted) == by_scan.customers(wanted)


def test_an_address_of_which_a_part_is_damaged_lends_no_house_that_would_be_a_second_factor() -> None:
    lost = replace(JAN, flat=None, unusable={"flat": "01:02:00"})
    (row,) = ListKnowledge([lost]).customers({"customer_no": [JAN.customer_no]})
    assert ("house" in row, row["street"]) == (False, JAN.street)
