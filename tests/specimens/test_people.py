import csv
from datetime import date

from forms.catalogue import all_forms
from forms.fields import CUSTOMER_NO, FLAT, HOUSE, NAME, NIP, PESEL, PHONE, POSTCODE, STREET, TOWN, email
from forms.submission import submission_from_values
from specimens import names
from specimens.people import CUSTOMER_COLUMNS, invented_customers, values_for, write_customers

TODAY = date(2025, 6, 30)
FIELDS = (CUSTOMER_NO, NAME, PESEL, NIP, STREET, HOUSE, FLAT, POSTCODE, TOWN, PHONE, email("email", "E-mail"))


def test_every_value_of_an_invented_customer_is_right_for_its_kind():
    for customer in invented_customers(300, seed=4):
        for item in FIELDS:
            assert item.kind.parse(customer[item.name], TODAY).fault is None, (item.name, customer[item.name])


def test_a_customer_is_a_person_with_pesel_or_a_company_with_nip():
    customers = invented_customers(600, seed=5)
    assert all(bool(row["pesel"]) != bool(row["nip"]) for row in customers)
    assert 60 < sum(bool(row["nip"]) for row in customers) < 150


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    assert invented_customers(20, seed=6) == invented_customers(20, seed=6)
    assert invented_customers(20, seed=6) != invented_customers(20, seed=7)


def test_customer_numbers_are_unique_and_follow_each_other_when_asked():
    assert len({row["customer_no"] for row in invented_customers(500, seed=8)}) == 500
    numbers = [int(row["customer_no"]) for row in invented_customers(50, seed=8, consecutive=True)]
    assert numbers == list(range(numbers[0], numbers[0] + 50))


def test_each_customer_fills_in_each_form_without_a_problem():
    for seed, customer in enumerate(invented_customers(80, seed=9)):
        for form in all_forms():
            values = values_for(form, customer, seed, TODAY)
            assert submission_from_values(form, values, TODAY)[1] == []
            assert values["signature"] is True


def test_safe_domains_reach_nobody():
    customers = invented_customers(100, seed=10, domains=names.SAFE_DOMAINS)
    used = {row["email"].partition("@")[2] for row in customers if row["email"]}
    assert used <= set(names.SAFE_DOMAINS)
    values = [values_for(form, row, 1, TODAY, domains=names.SAFE_DOMAINS) for row in customers for form in all_forms()]
    written = {
        value.partition("@")[2]
        for row in values
        for name, value in row.items()
        if name.startswith("email") and isinstance(value, str)
    }
    assert written <= set(names.SAFE_DOMAINS)


def test_the_customer_list_has_the_columns_of_the_contract(tmp_path):
    customers = invented_customers(5, seed=11)
    path = write_customers(customers, tmp_path / "klienci.csv", delimiter=";")
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file, delimiter=";"))
    assert tuple(read[0]) == CUSTOMER_COLUMNS
    assert read == customers
