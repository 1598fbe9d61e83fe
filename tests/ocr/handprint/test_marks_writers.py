"""Print told from handwriting, page by page and field by field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from numpy.random import default_rng

from forms.form import Form
from forms.kinds import Value
from ocr.handprint.print_or_hand import Hand, writers
from specimens.mishaps import Mishap, mark_up
from specimens.paper import PLAIN, TYPEWRITER, Picture, handwrite_form, print_fillable, print_form
from specimens.people import invented_customers, values_for
from specimens.scanner import bitonal, noisy
from tests.ocr.sheets import combs_of, drawn, sheet_of

TODAY = date(2025, 6, 30)
SPARSE = invented_customers(1, 3)[0]
"""A customer whose page holds few letters that come again."""
BY_HAND = ("customer_no", "pesel", "phone", "date_signed", "postcode")

Values = Callable[[Form], dict[str, Value]]


def _writers(picture: Picture, form: Form) -> dict[str, Hand]:
    combs = combs_of(sheet_of(picture, form))
    return writers({name: (form[name].kind, comb) for name, comb in combs.items()})


@pytest.mark.parametrize("fax", [False, True])
@pytest.mark.parametrize("way", ["comb", "fillable", "typewriter"])
def test_a_printed_page_is_print_in_every_field(form: Form, values: Values, way: str, *, fax: bool) -> None:
    if way == "fillable":
        pdf = print_fillable(form, values(form))
    else:
        pdf = print_form(form, values(form), TYPEWRITER if way == "typewriter" else PLAIN)
    page = drawn(pdf)
    found = _writers(bitonal(page, default_rng(1)) if fax else noisy(page, default_rng(1)), form)
    assert set(found.values()) == {Hand.PRINT}
    assert len(found) > 5


@pytest.mark.parametrize("seed", range(3))
def test_a_page_by_hand_is_handwriting_in_every_field(form: Form, values: Values, seed: int) -> None:
    found = _writers(drawn(handwrite_form(form, values(form), seed)), form)
    assert set(found.values()) == {Hand.HAND}
    assert len(found) > 5


@pytest.mark.parametrize("name", ["date_signed", "phone", "customer_no"])
def test_a_field_added_by_hand_on_a_printed_page_is_handwriting(form: Form, values: Values, name: str) -> None:
    given = values(form)
    text = form[name].kind.to_comb(str(given[name]))
    page = mark_up(print_form(form, {**given, name: None}), form, {name: Mishap("in cells", text)}, 2)
    found = _writers(drawn(page), form)
    assert found.pop(name) is not Hand.PRINT
    assert set(found.values()) == {Hand.PRINT}


@pytest.mark.parametrize("house", ["37/1", "107/2", "40/2"])
def test_a_printed_house_with_a_slash_that_no_other_field_has_is_print(form: Form, house: str) -> None:
    given = values_for(form, SPARSE, 3, TODAY)
    pdf = print_fillable(form, {**given, "house": house, "town": "Chyrzyno"})
    found = _writers(noisy(drawn(pdf), default_rng(1)), form)
    assert set(found.values()) == {Hand.PRINT}


def test_printed_fields_stay_print_beside_many_by_hand(form: Form) -> None:
    given = values_for(form, SPARSE, 3, TODAY)
    by_hand = {name: form[name].kind.to_comb(str(given[name])) for name in BY_HAND}
    printed = print_form(form, {**given, **dict.fromkeys(by_hand)})
    page = mark_up(printed, form, {name: Mishap("in cells", text) for name, text in by_hand.items()}, 2)
    found = _writers(drawn(page), form)
    assert Hand.PRINT not in {found.pop(name) for name in by_hand}
    assert set(found.values()) == {Hand.PRINT}
