"""What a well-formed reading may yet have wrong, and what most likely stands there instead."""

from __future__ import annotations

import pytest

from forms.catalogue import current_forms
from forms.form import Field
from ocr.machine_print.plausibility import (
    DOUBT_DOMAIN,
    DOUBT_LOOK_ALIKE,
    DOUBT_MARKS,
    DOUBT_NEAR,
    DOUBT_SIGNS,
    DOUBT_UNKNOWN,
    doubt_about,
    likely_value,
    with_full_stops,
    without_specks,
)


def _field(name: str) -> Field:
    return next(item for form in current_forms() for item in form.fields if item.name == name)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("anna.nowak@oppl", "anna.nowak@op.pl"),
        ("anna.nowak@wp pl", "anna.nowak@wp.pl"),
        ("anna.nowak@pocztaonetpl", "anna.nowak@poczta.onet.pl"),
        ("anna.nowak@wp.pl", "anna.nowak@wp.pl"),
        ("anna.nowak@wodnik", "anna.nowak@wodnik"),
        ("anna.nowak", "anna.nowak"),
    ],
)
def test_full_stops_of_a_frequent_domain_that_were_passed_over_come_back(read: str, meant: str) -> None:
    assert with_full_stops(read) == meant


@pytest.mark.parametrize(
    ("name", "read", "meant"),
    [
        ("town", "Dąbroszyn ,", "Dąbroszyn"),
        ("street", "Osiedle Leśne /", "Osiedle Leśne"),
        ("house", "87/", "87"),
        ("house", "87/4", "87/4"),
        ("email", "anna.nowak@wp.pl.", "anna.nowak@wp.pl"),
        ("street", "Graniczna.", "Graniczna"),
        ("name", "WODNIK SP. Z O.O.", "WODNIK SP. Z O.O."),
        ("name", "Warta Sp. j.", "Warta Sp. j."),
        ("customer_no", "12345678", "12345678"),
    ],
)
def test_specks_read_as_signs_at_the_end_go(name: str, read: str, meant: str) -> None:
    assert without_specks(read, _field(name).kind) == meant


def test_a_street_without_its_marks_is_doubted_and_put_right_in_its_own_capitals() -> None:
    street = _field("street")
    assert doubt_about(street, "Zwirowa") == DOUBT_MARKS
    assert likely_value(street, "Zwirowa") == "Żwirowa"
    assert likely_value(street, "ZWIROWA") == "ŻWIROWA"
    assert likely_value(street, "Róża na") == "Różana"
    assert likely_value(_field("town"), "Kostrzynnad Odra") == "Kostrzyn nad Odrą"
    assert doubt_about(street, "Żwirowa") is None
    assert likely_value(street, "Zupełnie Inna") == "Zupełnie Inna"
    assert likely_value(_field("town"), "BoleszkOwice") == "Boleszkowice"
    assert doubt_about(_field("town"), "BOLESZKOWICE") is None


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("BARBARA ZIOŁKOWSKA-WĘGRZYN", "BARBARA ZIÓŁKOWSKA-WĘGRZYN"),
        ("Barbara Ziółkowska", "Barbara Ziółkowska"),
        ("Łukasz Wojcik", "Łukasz Wójcik"),
        ("Anna Hotub", "Anna Hołub"),
        ("Piotr Kot", "Piotr Kot"),
        ("ANNA HOTUB", "ANNA HOTUB"),
        ("Anna Tuczak", "Anna Tuczak"),
        ("Xawery Óqzest", "Xawery Óqzest"),
    ],
)
def test_a_frequent_name_without_its_marks_is_doubted_and_put_right(read: str, meant: str) -> None:
    name = _field("name")
    assert likely_value(name, read) == meant
    assert doubt_about(name, read, confirmed_shapes=True, certain_shapes=True) == (
        None if read == meant else DOUBT_MARKS
    )


@pytest.mark.parametrize(
    ("field", "read"),
    [("name", "AGNIISZKA KOWALSKA"), ("street", "NARUIOWICZA"), ("town", "Witnioa")],
)
def test_a_word_one_sign_off_a_known_one_is_doubted_unless_each_shape_is_certain(field: str, read: str) -> None:
    assert doubt_about(_field(field), read, confirmed_shapes=True) == DOUBT_NEAR
    assert doubt_about(_field(field), read, confirmed_shapes=True, certain_shapes=True) is None


@pytest.mark.parametrize(("field", "read"), [("town", "MMA"), ("name", "Xawery Óqz")])
def test_a_short_word_that_nobody_knows_needs_the_shapes_of_its_letters(field: str, read: str) -> None:
    assert doubt_about(_field(field), read) == DOUBT_UNKNOWN
    assert doubt_about(_field(field), read, confirmed_shapes=True) is None


def test_a_known_text_in_other_signs_of_the_same_shape_is_put_right() -> None:
    assert likely_value(_field("street"), "I Maja") == "1 Maja"
    assert doubt_about(_field("street"), "I Maja", confirmed_shapes=True, certain_shapes=True) == DOUBT_MARKS


def test_a_full_stop_within_the_name_of_a_street_is_dirt_unless_it_shortens_a_word() -> None:
    assert doubt_about(_field("street"), "ZAUŁEK. KSIĘŻYCOWY", confirmed_shapes=True) == DOUBT_SIGNS
    assert doubt_about(_field("street"), "Gen. Andersa", confirmed_shapes=True) is None


def test_a_name_begins_with_a_capital() -> None:
    assert likely_value(_field("name"), "Maria żmuda") == "Maria Żmuda"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("lwona_nowak@wp.pl", "iwona_nowak@wp.pl"),
        ("kowalski@wp.pl", "kowalski@wp.pl"),
        ("bielanski76@wp.pl", "bielanski76@wp.pl"),
        ("qzxwv@wp.pl", "qzxwv@wp.pl"),
    ],
)
def test_a_name_in_an_address_that_is_one_sign_off_is_doubted_and_put_right(read: str, meant: str) -> None:
    email = _field("email")
    assert likely_value(email, read) == meant
    assert doubt_about(email, read) == (None if read == meant else DOUBT_NEAR)
    assert doubt_about(email, read, confirmed_shapes=True, certain_shapes=True) is None


def test_a_name_in_an_address_that_may_have_lost_a_letter_is_doubted_as_it_was_read() -> None:
    email = _field("email")
    assert likely_value(email, "wodzimierz809@tlen.pl") == "wodzimierz809@tlen.pl"
    assert doubt_about(email, "wodzimierz809@tlen.pl") == DOUBT_NEAR
    assert doubt_about(email, "wodzimierz809@tlen.pl", confirmed_shapes=True) is None


def test_a_domain_one_letter_off_is_doubted_and_put_right() -> None:
    email = _field("email")
    assert doubt_about(email, "anna@gmaii.com") == DOUBT_DOMAIN
    assert likely_value(email, "anna@gmaii.com") == "anna@gmail.com"
    assert doubt_about(email, "anna@gmail.com") is None


def test_look_alikes_are_a_riddle_only_where_shapes_are_not_certain() -> None:
    email = _field("email")
    assert doubt_about(email, "pawel890@wp.pl") == DOUBT_LOOK_ALIKE
    assert doubt_about(email, "pawel890@wp.pl", certain_shapes=True) is None
    assert doubt_about(email, "monikal83@wodnik.example") == DOUBT_LOOK_ALIKE


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("monikal83@wp.pl", "monika183@wp.pl"),
        ("ewall0@wp.pl", "ewa110@wp.pl"),
        ("monika.nowakl9l@wp.pl", "monika.nowak191@wp.pl"),
        ("nowak6l@wp.pl", "nowak61@wp.pl"),
        ("karol83@wp.pl", "karol83@wp.pl"),
        ("biuro24lata@wp.pl", "biuro24lata@wp.pl"),
        ("xqzl5@wp.pl", "xqzl5@wp.pl"),
    ],
)
def test_an_l_among_digits_is_a_1_unless_it_ends_a_name(read: str, meant: str) -> None:
    email = _field("email")
    assert doubt_about(email, read) == DOUBT_LOOK_ALIKE
    assert likely_value(email, read) == meant
