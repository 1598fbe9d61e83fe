"""A page of handwriting and the register: nothing is pulled to a customer who did not write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log

import pytest

from forms.catalogue import form_by_code
from forms.kinds import Email
from forms.layout import layout
from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.page import DOUBT_HAND, HandReading, read_posteriors, trusted_value
from ocr.handprint.trust import FIGURES
from ocr.installation import Installation
from ocr.knowledge import Row
from tests.ocr.handprint.written import posteriors_of

TODAY = date(2026, 3, 2)
FORM = form_by_code("einvoice_acceptance")
ANNA = {
    "customer_no": "10000017", "name": "Anna Kowalska", "pesel": "44051401359", "street": "Wodna", "house": "5",
    "flat": "2", "postcode": "66-470", "town": "Kostrzyn nad Odrą", "phone": "600700800", "email": "ania@wp.pl",
}  # fmt: skip
JERZY = {**ANNA, "customer_no": "10000011", "name": "Jerzy Żuk", "pesel": "02070803628", "house": "80", "flat": "11"}
Unsure = Mapping[str, Mapping[int, Mapping[str, float]]]


@dataclass
class Register(Installation):
    """Two customers whose numbers differ by one digit."""

    rows: tuple[Row, ...] = (ANNA, JERZY)

    def __post_init__(self) -> None:
        super().__init__()

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        return [row for row in self.rows if any(row.get(name) in values for name, values in wanted.items())]


def read(
    person: Row, unsure: Unsure | None = None, *, register: Register | None = None, **changed: str
) -> dict[str, HandReading]:
    """What is read of a form that this person filled in, the cells of ``unsure`` seen dimly."""
    values = {**person, "date_signed": "2026-02-27", **changed}
    items = {
        item.field.name: item
        for item in layout(FORM).fields
        if item.field.kind.widget == "comb" and values.get(item.field.name)
    }
    posteriors = {}
    for name, item in items.items():
        text = item.field.kind.to_comb(values[name])
        text = text if isinstance(item.field.kind, Email) else text.upper()
        posteriors[name] = posteriors_of(text, (unsure or {}).get(name), len(item.boxes))
    return read_posteriors(items, posteriors, register or Register(), bitonal=False, today=TODAY)


def values_of(readings: Mapping[str, HandReading]) -> dict[str, str | None]:
    return {name: one.value for name, one in readings.items()}


def by_register(readings: Mapping[str, HandReading]) -> set[str]:
    return {name for name, one in readings.items() if one.evidence and one.evidence.sort.startswith("register")}


def test_a_page_that_fits_a_customer_gets_his_values() -> None:
    found = read(ANNA)
    assert by_register(found) == set(found) - {"date_signed"}
    assert values_of(found)["name"] == "ANNA KOWALSKA"
    assert not [one.doubt for one in found.values() if one.doubt]


def test_a_dim_digit_of_the_number_is_read_as_the_customers_where_name_and_pesel_fit() -> None:
    found = read(ANNA, {"customer_no": {7: {"1": 0.7, "7": 0.3}}})
    assert values_of(found)["customer_no"] == "10000017"


def test_of_many_numbers_that_may_stand_there_the_one_of_a_customer_is_found_though_it_is_the_least_likely() -> None:
    dim = {5: {"8": 0.6, "0": 0.4}, 6: {"7": 0.6, "1": 0.4}, 7: {"1": 0.6, "7": 0.4}}
    found = read({name: ANNA[name] for name in ("customer_no", "name")}, {"customer_no": dim})
    assert values_of(found)["customer_no"] == ANNA["customer_no"]
    assert "name" in by_register(found)


def test_a_clear_number_of_somebody_else_is_not_pulled_to_the_customer_whose_name_stands_there() -> None:
    found = read(ANNA, customer_no="10000011")
    assert values_of(found)["customer_no"] == "10000011"
    assert by_register(found) == set()


def test_a_stranger_who_writes_a_customers_number_is_not_taken_for_him() -> None:
    stranger = {**ANNA, "name": "Zenon Bąk", "pesel": "80010112343", "street": "Cicha", "house": "9", "flat": "1"}
    found = read(stranger)
    assert by_register(found) == set()
    assert values_of(found)["name"] == "ZENON BĄK"


def test_a_number_alone_fits_nobody() -> None:
    found = read({"customer_no": ANNA["customer_no"]})
    assert by_register(found) == set()


@pytest.mark.parametrize(("name", "value"), [("nip", "5260250274"), ("pesel", ANNA["pesel"]), ("name", ANNA["name"])])
def test_a_number_with_one_more_thing_that_is_the_customers_alone_fits_him(name: str, value: str) -> None:
    written = {"customer_no": ANNA["customer_no"], name: value}
    known = Register(({**ANNA, "nip": "5260250274"}, JERZY))
    assert by_register(read(written, register=known)) == set(written)
    assert by_register(read(written, register=Register(({**ANNA, name: ""}, JERZY)))) == set()


ADDRESS = ("street", "house", "flat", "postcode", "town")


def test_a_number_with_the_whole_address_fits_its_customer() -> None:
    written = {name: ANNA[name] for name in ("customer_no", *ADDRESS)}
    assert by_register(read(written)) == set(written)
    for name in ("street", "flat"):
        part = {key: value for key, value in written.items() if key != name}
        assert by_register(read(part)) == set(), "a part of an address is that of many"


def test_an_address_of_which_the_register_knows_a_part_identifies_nobody() -> None:
    written = {name: ANNA[name] for name in ("customer_no", *ADDRESS)}
    unknown = Register(({**ANNA, "flat": ""},))
    assert by_register(read(written, register=unknown)) == set()
    assert by_register(read({**written, "flat": ""}, register=unknown)) == set(written) - {"flat"}


def test_a_new_surname_is_not_read_as_the_old_one() -> None:
    found = read(ANNA, name="Anna Kowalczyk")
    assert values_of(found)["name"] == "ANNA KOWALCZYK"
    assert found["name"].doubt


def test_where_something_contradicts_a_dim_number_is_not_stretched() -> None:
    dim = {"customer_no": {7: {"1": 0.9, "7": 0.1}}}
    assert values_of(read(ANNA, dim))["customer_no"] == "10000017"
    assert values_of(read(ANNA, dim, name="Anna Kowalczyk"))["customer_no"] == "10000011"


def test_another_house_is_read_as_it_stands_and_doubted() -> None:
    found = read(ANNA, house="9")
    assert values_of(found)["house"] == "9"
    assert found["house"].doubt


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("name", "KOWALSKA ANNA", "KOWALSKA ANNA"),
        ("street", "UL. WODNA", "UL. WODNA"),
        ("town", "KOSTRZYN N. ODRĄ", "KOSTRZYN N. ODRĄ"),
    ],
)
def test_what_people_write_in_another_way_stays_as_they_write_it(name: str, written: str, value: str) -> None:
    found = read(ANNA, **{name: written})
    assert values_of(found)[name] == value
    assert name in by_register(found)


def test_an_address_that_differs_by_one_clear_sign_is_not_the_registered_one() -> None:
    found = read(ANNA, email="anie@wp.pl")
    assert values_of(found)["email"] == "anie@wp.pl"
    assert "email" not in by_register(found)


def test_a_sign_of_an_address_that_may_be_another_is_told_and_bars_trust() -> None:
    found = read(ANNA, {"email": {0: {"b": 0.55, "h": 0.45}}}, email="bania@wp.pl")
    assert found["email"].doubt == "Znak 1.: nie wiadomo, czy to „h”, czy „b”. Porównaj z obrazem."
    third = read(ANNA, {"email": {2: {"n": 0.55, "r": 0.45}}}, email="bania@wp.pl")["email"].doubt
    assert third == "Znak 3.: nie wiadomo, czy to „n”, czy „r”. Porównaj z obrazem."


def test_the_signs_of_an_address_are_counted_without_the_cells_left_empty_at_the_end_of_a_row() -> None:
    told = read(ANNA, {"email": {20: {"n": 0.55, "r": 0.45}}}, email="xyz.".ljust(20) + "nq@wp.pl")["email"]
    assert told.value == "xyz.nq@wp.pl"
    assert told.doubt == "Znak 5.: nie wiadomo, czy to „n”, czy „r”. Porównaj z obrazem."


def test_an_address_that_may_have_a_sign_more_is_doubted_without_naming_a_sign() -> None:
    found = read(ANNA, {"email": {0: {"b": 0.85, EMPTY: 0.15}}}, email="bania@wp.pl")
    assert found["email"].doubt == DOUBT_HAND


def test_a_sign_of_an_address_where_a_cell_is_more_likely_empty_is_doubted_without_naming_another() -> None:
    """The clerk was asked whether it was a '2' or a '2'."""
    found = read(ANNA, {"email": {4: {"2": 0.02, EMPTY: 0.98}}}, email="anka2@wp.pl")
    assert (found["email"].value, found["email"].doubt) == ("anka2@wp.pl", DOUBT_HAND)


def test_a_letter_that_was_read_otherwise_for_the_sake_of_a_name_is_told() -> None:
    """What the owner of an address made of his name nobody knows."""
    found = read(ANNA, {"email": {2: {"5": 0.6, "v": 0.38, "w": 0.015}}}, email="kowalska@wp.pl")
    assert found["email"].value == "kowalska@wp.pl"
    assert found["email"].doubt == "Znak 3.: nie wiadomo, czy to „w”, czy „v”. Porównaj z obrazem."


def test_a_letter_behind_the_at_sign_that_was_read_otherwise_for_a_known_domain_is_no_question() -> None:
    found = read(ANNA, {"email": {10: {"n": 0.6, "m": 0.02, "u": 0.38}}}, email="kowalska@gmail.com")
    assert found["email"].value == "kowalska@gmail.com"
    assert found["email"].doubt is None


def test_a_letter_of_a_name_in_an_address_that_looks_like_a_digit_is_no_question() -> None:
    found = read(ANNA, {"email": {1: {"0": 0.95, "o": 0.04}}}, email="kowalska@wp.pl")
    assert found["email"].value == "kowalska@wp.pl"
    assert found["email"].doubt is None


def test_a_form_is_not_signed_on_a_day_after_the_one_on_which_it_is_read() -> None:
    found = read(ANNA, date_signed="2026-04-01")["date_signed"]
    assert found.value != "2026-04-01"
    assert found.doubt
    assert read(ANNA, date_signed="2026-03-02")["date_signed"].value == "2026-03-02"


def test_of_two_days_that_may_stand_there_the_form_was_signed_on_the_later_one() -> None:
    found = read(ANNA, {"date_signed": {7: {"1": 0.6, "6": 0.4}}})
    assert found["date_signed"].value == "2026-02-27"


def apart(reading: HandReading) -> float:
    """How far the closest character of a value is ahead of another one of its cell."""
    assert reading.evidence is not None
    sort = reading.evidence.sort.split(maxsplit=1)[0]
    return dict(zip(FIGURES[sort], reading.evidence.figures, strict=True))["apart"]


@pytest.mark.parametrize("person", [ANNA, {"customer_no": ANNA["customer_no"]}])
def test_a_digit_of_the_shape_of_a_letter_tells_nothing_against_it_among_letters(person: Row) -> None:
    words = {"name": "ANNA KOWALSKA", "email": "ania@wp.pl"}
    dim = {"name": {6: {"O": 0.55, "0": 0.45}}, "email": {2: {"i": 0.55, "1": 0.45}}}
    found = read({**person, **words}, dim)
    assert {name: found[name].value for name in words} == words
    for name in words:
        assert apart(found[name]) > 4
    other = read({**person, **words}, {"name": {6: {"O": 0.55, "Q": 0.45}}, "email": {2: {"i": 0.55, "j": 0.45}}})
    for name in words:
        assert apart(other[name]) == pytest.approx(log(0.55 / 0.45), abs=0.1)


def test_a_letter_of_the_shape_of_a_digit_speaks_against_it_in_the_number_of_a_house() -> None:
    found = read(ANNA, {"house": {0: {"5": 0.55, "S": 0.45}}})["house"]
    assert found.value == "5"
    assert apart(found) == pytest.approx(log(0.55 / 0.45), abs=0.1)


def test_a_crossed_out_cell_bars_trust_though_the_register_agrees() -> None:
    found = read(ANNA, {"street": {4: {"A": 0.6, STRUCK: 0.4}}})
    item = layout(FORM)["street"]
    assert found["street"].value == "WODNA"
    assert not trusted_value(found["street"], item).trusted


def test_a_number_put_right_by_its_check_digit_is_not_trusted_without_the_register() -> None:
    readings = read({"pesel": ANNA["pesel"]}, {"pesel": {4: {"7": 0.6, "1": 0.4}}}, customer_no="99999999")
    assert readings["pesel"].value == ANNA["pesel"]
    assert not trusted_value(readings["pesel"], layout(FORM)["pesel"]).trusted


@pytest.mark.parametrize("person", [ANNA, JERZY])
def test_the_customer_who_fits_best_is_found_wherever_the_register_lists_him(person: Row) -> None:
    dim = {"customer_no": {6: {"1": 0.5, "7": 0.5}, 7: {"1": 0.5, "7": 0.5}}}
    many = tuple({**person, "customer_no": f"2000000{at}", "name": "Zofia Lis"} for at in range(8))
    few = tuple({**ANNA, "customer_no": f"100000{at}", "name": "Zofia Lis"} for at in (71, 77))
    for rows in ((ANNA, JERZY, *few), (*few, JERZY, ANNA), (*many, JERZY, ANNA)):
        found = read(person, dim, register=Register(rows))
        assert values_of(found)["customer_no"] == person["customer_no"]
        assert "name" in by_register(found)
