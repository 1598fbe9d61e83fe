"""Which well-formed values are doubted at all, and for what: each sort of character, number and look-alike."""

from __future__ import annotations

import pytest

from forms.catalogue import current_forms
from forms.form import Field
from ocr.machine_print.plausibility import (
    DOUBT_DOMAIN,
    DOUBT_LOOK_ALIKE,
    DOUBT_MARKS,
    DOUBT_NEAR,
    DOUBT_NUMBER,
    DOUBT_SIGNS,
    DOUBT_UNKNOWN,
    doubt_about,
    has_frequent_domain,
    likely_value,
)


def _field(name: str) -> Field:
    return next(item for form in current_forms() for item in form.fields if item.name == name)


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        ("7", None),
        ("12A", None),
        ("128", None),
        ("12/14", None),
        ("A12", DOUBT_NUMBER),
        ("/12", DOUBT_NUMBER),
        ("1284", DOUBT_NUMBER),
        ("12/1284", DOUBT_NUMBER),
    ],
)
def test_the_number_of_a_house_begins_with_a_digit_and_has_three_in_a_row_at_most(
    value: str, doubt: str | None
) -> None:
    assert doubt_about(_field("house"), value, confirmed_shapes=True, certain_shapes=True) == doubt


@pytest.mark.parametrize(
    "value",
    ["A", "Anna#Nowak", "Anna_Nowak", "Anna Nowak -", "-Anna Nowak", "Anna,, Nowak", "Anna.-Nowak", 'Anna "', "Anna (",
     "N0WAK", "Now4k"],
)  # fmt: skip
def test_signs_that_no_name_has_are_doubted_however_sure_their_shapes(value: str) -> None:
    assert doubt_about(_field("name"), value, confirmed_shapes=True, certain_shapes=True) == DOUBT_SIGNS


@pytest.mark.parametrize(
    "value",
    ["Lis", "Anna Nowak", "Anna Nowak-Kowalska", "Anna (Nowak)", '"Wodnik" Sp. z o.o.', "Nowak & Nowak", "Firma 24"],
)
def test_signs_that_names_have_are_not_doubted(value: str) -> None:
    assert doubt_about(_field("name"), value, confirmed_shapes=True, certain_shapes=True) is None


@pytest.mark.parametrize("name", ["customer_no", "pesel", "date_signed", "postcode", "phone"])
def test_numbers_are_judged_by_their_kinds_and_not_by_words(name: str) -> None:
    assert doubt_about(_field(name), "1") is None
    assert likely_value(_field(name), "l0") == "l0"


@pytest.mark.parametrize(
    "local", ["kl5", "5l.k", "5o.k", "k.0a", "ko0", "kii", "k1i", "k1l", "k1.b", "k.1"],
)  # fmt: skip
def test_places_of_an_address_where_letters_and_digits_look_alike_need_certain_shapes(local: str) -> None:
    address = f"{local}@wp.pl"
    assert doubt_about(_field("email"), address, confirmed_shapes=True) == DOUBT_LOOK_ALIKE
    assert doubt_about(_field("email"), address, confirmed_shapes=True, certain_shapes=True) is None


@pytest.mark.parametrize("local", ["kot", "kot11", "kot25", "ko.la", "i.kot", "kot200"])
def test_addresses_without_such_places_are_not_doubted(local: str) -> None:
    assert doubt_about(_field("email"), f"{local}@wp.pl") is None


def test_look_alikes_after_the_at_sign_are_no_riddle_but_a_domain_one_sign_off_a_frequent_one_is() -> None:
    assert doubt_about(_field("email"), "kot@fi1m1.pl") is None
    for domain in ("gmai.com", "gmaill.com", "gmall.com"):
        address = f"kot@{domain}"
        assert doubt_about(_field("email"), address, confirmed_shapes=True, certain_shapes=True) == DOUBT_DOMAIN
        assert likely_value(_field("email"), address) == "kot@gmail.com"


def test_only_whole_domains_of_providers_are_frequent() -> None:
    assert has_frequent_domain("anna@gmail.com")
    assert not has_frequent_domain("anna@mail.com.pl.example")
    assert not has_frequent_domain("gmail.com@example.com")
    assert not has_frequent_domain("anna@example@gmail.com@wodnik.example")
    assert has_frequent_domain("anna@nowak@gmail.com"), "the domain is behind the last @"


def test_a_misread_letter_of_a_name_in_an_address_needs_certain_shapes() -> None:
    email = _field("email")
    assert doubt_about(email, "kowaiska@wp.pl", confirmed_shapes=True) == DOUBT_NEAR
    assert doubt_about(email, "kowaiska@wp.pl", confirmed_shapes=True, certain_shapes=True) is None


def test_a_name_of_two_letters_is_no_sign_alone() -> None:
    assert doubt_about(_field("name"), "Li", confirmed_shapes=True, certain_shapes=True) is None
    assert doubt_about(_field("name"), "L", confirmed_shapes=True, certain_shapes=True) == DOUBT_SIGNS


def test_a_word_of_a_place_is_known_in_its_own_field_and_a_short_unknown_one_needs_its_shapes() -> None:
    assert doubt_about(_field("street"), "Wodna") is None
    assert doubt_about(_field("street"), "Qwx") == DOUBT_UNKNOWN
    assert doubt_about(_field("street"), "Qwx", confirmed_shapes=True) is None
    assert doubt_about(_field("street"), "Zwirowa", confirmed_shapes=True, certain_shapes=True) == DOUBT_MARKS
