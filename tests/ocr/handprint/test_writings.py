"""The usual ways to write on a form what the register says: each is known, and no other."""

from __future__ import annotations

import pytest

from forms.catalogue import current_forms
from forms.form import Field
from ocr.handprint.writings import writings


def _field(name: str) -> Field:
    return next(item for form in current_forms() for item in form.fields if item.name == name)


@pytest.mark.parametrize(
    ("name", "known", "ways"),
    [
        ("name", "Anna Lis", {"ANNA LIS", "LIS ANNA"}),
        ("name", "Xawery  Lis", {"XAWERY LIS", "LIS XAWERY"}),
        ("name", "Anna Maria Lis", {"ANNA MARIA LIS", "LIS ANNA MARIA"}),
        ("name", "Anna Maria Lis Kot", {"ANNA MARIA LIS KOT"}),
        ("name", "Lis", {"LIS"}),
        ("name", "Lis & Kot", {"LIS & KOT"}),
        ("name", 'PHU "Lis"', {'PHU "LIS"'}),
        ("name", "Lis s.c.", {"LIS S.C."}),
        ("name", "Lis Sp. z o.o.", {"LIS SP. Z O.O.", "LIS SP. Z O. O.", "LIS SP Z O O"}),
        ("street", "Wodna", {"WODNA", "UL. WODNA", "UL WODNA"}),
        ("street", "Ulanowa", {"ULANOWA", "UL. ULANOWA", "UL ULANOWA"}),
        ("street", "ul. Wodna", {"UL. WODNA", "UL WODNA", "WODNA"}),
        ("street", "Ulica Wodna", {"ULICA WODNA", "UL. WODNA", "UL WODNA", "WODNA"}),
        ("street", "os.Leśne", {"OS.LEŚNE", "OS. LEŚNE", "OS LEŚNE", "OSIEDLE LEŚNE", "LEŚNE"}),
        ("street", "Osiedle Leśne", {"OSIEDLE LEŚNE", "OS. LEŚNE", "OS LEŚNE", "LEŚNE"}),
        ("street", "al. Róż", {"AL. RÓŻ", "AL RÓŻ", "ALEJA RÓŻ", "RÓŻ"}),
        ("street", "Aleje Róż", {"ALEJE RÓŻ", "AL. RÓŻ", "AL RÓŻ", "RÓŻ"}),
        ("street", "pl. Orła", {"PL. ORŁA", "PL ORŁA", "PLAC ORŁA", "ORŁA"}),
        ("town", "Witnica", {"WITNICA"}),
        (
            "town",
            "Kostrzyn nad Odrą",
            {"KOSTRZYN NAD ODRĄ", "KOSTRZYN N. ODRĄ", "KOSTRZYN N/ODRĄ", "KOSTRZYN N.ODRĄ", "KOSTRZYN"},
        ),
        (
            "town",
            "Gorzów Wielkopolski",
            {"GORZÓW WIELKOPOLSKI", "GORZÓW WLKP.", "GORZÓW WLKP", "GORZÓW"},
        ),
        ("customer_no", "10000017", {"10000017"}),
        ("postcode", "66-470", {"66-470"}),
        ("house", "5a", {"5A"}),
        ("flat", "2b", {"2B"}),
    ],
)
def test_a_value_of_the_register_is_written_in_these_ways(name: str, known: str, ways: set[str]) -> None:
    found = writings(_field(name), {name: known})
    assert set(found) == ways
    assert len(found) == len(ways)
    assert found[0] == " ".join(known.upper().split()), "the register's own comes first"


def test_house_and_flat_may_stand_together_in_the_field_of_the_house() -> None:
    row = {"house": "5", "flat": "2a"}
    assert writings(_field("house"), row) == ("5", "5/2A")
    assert writings(_field("flat"), row) == ("2A",)


def test_an_address_in_use_may_be_that_of_the_account_or_of_the_invoices_and_a_new_one_is_nobodys() -> None:
    row = {"email": "a@wp.pl", "invoice_email": "b@wp.pl"}
    assert writings(_field("email"), row) == ("a@wp.pl",)
    assert writings(_field("email_current"), row) == ("b@wp.pl", "a@wp.pl")
    assert writings(_field("email_current"), {**row, "invoice_email": "a@wp.pl"}) == ("a@wp.pl",)
    assert writings(_field("email_new"), row) == ()


@pytest.mark.parametrize("name", ["name", "street", "house", "flat", "email", "pesel"])
def test_of_what_the_register_does_not_know_there_is_no_way_to_write_it(name: str) -> None:
    assert writings(_field(name), {}) == ()
    assert writings(_field(name), {name: ""}) == ()
