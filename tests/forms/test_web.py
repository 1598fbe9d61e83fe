"""What a screen asks for, made from the form alone."""

from __future__ import annotations

from datetime import date

import pytest

from forms.catalogue import current_forms, form_by_code
from forms.form import Form
from forms.web import WebField, fault_of, online_submission, typed_values, web_form
from tests.forms.samples import values_of

TODAY = date(2026, 11, 22)


def field_of(code: str, name: str) -> WebField:
    return next(item for item in web_form(form_by_code(code)).fields if item.name == name)


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_a_screen_asks_for_all_but_what_only_paper_can_give(form: Form) -> None:
    assert {item.name for item in web_form(form).fields} == {f.name for f in form.fields} - {"date_signed", "signature"}


def test_the_section_of_the_signature_is_left_out_and_titles_carry_no_numbers() -> None:
    titles = [section.title for section in web_form(form_by_code("ebok_signup")).sections]
    assert titles == ["Kim jesteś", "Adres", "Kontakt", "Zgody"]


def test_words_say_what_is_required() -> None:
    assert field_of("ebok_signup", "customer_no").mark == "wymagane"
    assert field_of("ebok_signup", "pesel").mark == field_of("ebok_signup", "nip").mark == "wymagane jedno z tych pól"
    assert field_of("ebok_signup", "flat").mark == "nieobowiązkowe"


def test_an_input_has_the_attributes_of_its_kind_and_what_browsers_call_it() -> None:
    assert field_of("ebok_signup", "postcode").attributes["inputmode"] == "numeric"
    assert field_of("ebok_signup", "email").attributes["type"] == "email"
    assert field_of("ebok_signup", "name").attributes["autocomplete"] == "name"
    assert field_of("ebok_signup", "pesel").attributes["autocomplete"] == "off"
    assert field_of("ebok_signup", "accept_terms").tick


def test_house_and_flat_stand_side_by_side_and_long_fields_alone() -> None:
    rows = [[item.name for item in row] for row in web_form(form_by_code("ebok_signup")).sections[1].rows]
    assert rows == [["street"], ["house", "flat"], ["postcode"], ["town"]]


def test_help_and_how_to_write_it_are_sentences() -> None:
    assert field_of("ebok_signup", "pesel").hint == "Dla osoby fizycznej. 11 cyfr."
    assert field_of("ebok_signup", "postcode").hint == "Na przykład 66-470."


def test_a_fifth_form_is_asked_for_by_the_same_rules(fifth_form: Form) -> None:
    marks = {item.name: item.mark for item in web_form(fifth_form).fields}
    assert marks["meter_no"] == "wymagane"
    assert marks["exchange"] == marks["sealing"] == "wymagane jedno z tych pól"
    assert marks["remarks"] == "nieobowiązkowe"


def test_a_form_without_a_day_is_dated_by_the_day_it_comes() -> None:
    form = form_by_code("einvoice_withdrawal")
    values = {name: value for name, value in values_of(form).items() if name != "date_signed"}
    submission, problems = online_submission(form, values, TODAY)
    assert (submission.text("date_signed"), problems) == ("2026-11-22", [])


def test_problems_come_in_the_order_of_the_fields() -> None:
    form = form_by_code("ebok_signup")
    _, problems = online_submission(form, {"house": "?", "postcode": "1", "customer_no": "x"}, TODAY)
    named = [problem.field for problem in problems]
    assert named == sorted(named, key=[item.name for item in form.fields].index)
    assert named[:3] == ["customer_no", "pesel", "name"]


def test_only_fields_that_were_asked_for_are_taken_from_what_was_sent() -> None:
    form = form_by_code("einvoice_withdrawal")
    typed = typed_values(form, {"name": " Jan ", "signature": "true", "date_signed": "2020-01-01", "obce": "x"})
    assert typed["name"] == " Jan "
    assert not {"signature", "date_signed", "obce"} & set(typed)


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_of_what_is_too_long_to_be_right_no_more_is_kept_than_shows_that(form: Form) -> None:
    typed = typed_values(form, {item.name: "a" * 60_000 for item in form.fields})
    assert max(map(len, typed.values())) == 1000
    assert all(len(typed[item.name]) > 2 * item.kind.max_length for item in form.fields if item.name in typed)
    problems = {problem.field for problem in online_submission(form, typed, TODAY)[1]}
    assert {item.name for item in form.fields if item.name in typed} <= problems


def test_one_value_is_judged_by_its_kind() -> None:
    form = form_by_code("ebok_signup")
    assert fault_of(form, "pesel", "44051401358", TODAY) == "Ten numer jest błędny. Sprawdź każdą cyfrę."
    assert fault_of(form, "pesel", "440514 01359", TODAY) is None
    assert fault_of(form, "pesel", "", TODAY) is None
    assert fault_of(form, "obce", "x", TODAY) is None
