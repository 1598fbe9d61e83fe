import pytest

from benchmarks.drawing import HAND, PrintingDesk
from benchmarks.eight_thousand import customers
from benchmarks.scoring import FieldScore, group_of, group_table
from forms.catalogue import all_forms, current_forms
from reports.intervals import wilson


def score(expected, read, group="text", trusted=True, way="comb"):
    return FieldScore(1, "gray200", way, "name", group, expected, read, 0.9, trusted)


def test_the_interval_of_a_share_is_wilsons():
    assert wilson(99, 100) == pytest.approx((0.9455, 0.9982), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_field_is_right_only_when_all_of_it_is():
    assert score("Łączna", "Łączna").right
    assert not score("Łączna", "Laczna").right
    assert not score("Łączna", "łączna").right
    assert score(False, None, "ticks").right
    assert not score(None, "x").right


def test_by_hand_small_and_capital_letters_count_alike_and_marks_do_not():
    assert score("ŁĄCZNA", "Łączna", way=HAND).right
    assert not score("ŁĄCZNA", "Łaczna", way=HAND).right


def test_empty_fields_do_not_count_among_the_read_ones():
    table = group_table([score("a", "a"), score("b", "c"), score(None, None)])
    assert "| text | 2 | 50.0%" in table
    assert "| 100.0% | 1 of 2 |" in table
    assert "| empty fields | 1 | 100.0%" in table


def test_every_field_of_every_form_belongs_to_a_group():
    groups = {item.name: group_of(item) for form in all_forms() for item in form.fields}
    assert groups["pesel"] == groups["postcode"] == groups["date_signed"] == groups["phone"] == "digits"
    assert (groups["name"], groups["email"], groups["flat"]) == ("text", "e-mail", "house and flat")
    assert (groups["accept_terms"], groups["signature"]) == ("ticks", "signature")


def test_the_same_seed_draws_the_same_pages(tmp_path):
    people = customers(50)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    numbers = range(len(current_forms()))
    first = [PrintingDesk(3, ["gray150"], tmp_path / "a", people).page(number) for number in numbers]
    again = [PrintingDesk(3, ["gray150"], tmp_path / "b", people).page(number) for number in numbers[1:3]]
    assert [page.expected for page in first[1:3]] == [page.expected for page in again]
    assert [page.path.read_bytes() for page in first[1:3]] == [page.path.read_bytes() for page in again]
    assert {page.form.code for page in first} == {form.code for form in all_forms()}
