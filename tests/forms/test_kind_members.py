"""Nothing of a kind can be forgotten: what is left out is refused at import with a sentence that names it."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from datetime import date

import pytest

from forms import kinds
from forms.catalogue import form_by_code
from forms.form import Field
from forms.kinds import Digits, FieldKind, Text, Told, Value, Writing
from ocr.handprint.trust import FIGURES, MODELS, group_of
from ocr.letters.page_words import PageText
from ocr.letters.proposals import proposals

MEMBERS = [
    "name", "alphabet", "language", "widget", "writing", "told", "input_type", "sensitive", "names_nobody", "open_line",
    "hint", "example",
]  # fmt: skip
KINDS: tuple[type[FieldKind], ...] = tuple(
    one for one in vars(kinds).values() if inspect.isclass(one) and issubclass(one, FieldKind) and one is not FieldKind
)


@pytest.mark.parametrize("left_out", MEMBERS)
def test_a_class_that_leaves_out_a_member_is_refused_with_a_sentence_that_names_it(left_out: str) -> None:
    whole = {name: getattr(Text, name) for name in MEMBERS} | {"name": "forgetful"}
    del whole[left_out]
    with pytest.raises(TypeError) as refused:
        type("Forgetful", (FieldKind,), whole)
    assert f"Forgetful leaves out {left_out}: every FieldKind states it" in str(refused.value)


def test_the_members_under_test_are_all_members() -> None:
    with pytest.raises(TypeError) as refused:
        type("Empty", (FieldKind,), {})
    assert str(refused.value).partition(" leaves out ")[2].partition(":")[0].split(", ") == MEMBERS


def test_a_kind_that_is_made_from_another_must_have_a_name_of_its_own() -> None:
    with pytest.raises(TypeError, match="Nameless leaves out name"):
        type("Nameless", (Digits,), {})
    with pytest.raises(TypeError, match=r"the name 'text' is that of forms\.kinds\.text\.Text already"):
        type("Twin", (Digits,), {"name": "text"})


@pytest.mark.parametrize("kind", KINDS)
def test_its_example_is_a_right_value(kind: type[FieldKind]) -> None:
    one = kind(length=8) if kind in (Digits, Text) else kind()
    value: Value = one.example()
    assert one.parse(value, date(2026, 11, 22)) == kinds.Parsed(value)


def test_how_sure_a_reading_is_was_measured_for_all_that_is_written() -> None:
    measured = set(json.loads(MODELS.read_text(encoding="utf-8"))["models"])
    written = {group_of(kind) for one in KINDS if not (kind := one()).marked}
    assert {f"{way} {group}" for way in FIGURES for group in written} <= measured
    assert {one.value for one in Writing if one is not Writing.MARK} == written


@pytest.mark.parametrize("told", Told)
def test_letters_are_searched_for_each_way_of_telling_a_value(told: Told) -> None:
    form = form_by_code("einvoice_acceptance")
    kind = type(f"Told{told.name}", (Digits,), {"name": f"told {told.name}", "told": told})(8)
    others = (item for item in form.fields if item.name != "phone")
    asked = replace(form, fields=(*others, Field("phone", kind, "Inne")))
    assert proposals(asked, [PageText(1, (), "text", paper=False)], date(2026, 11, 22))["phone"].value is None
