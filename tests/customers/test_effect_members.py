"""Nothing of an effect can be forgotten: what is left out, or another's, is refused with a sentence that names it."""

from __future__ import annotations

import importlib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from customers import effects
from customers.effect import LONGEST_MESSAGE_NAME, Consenting, Effect, MessageTemplate, Proving, Reason
from customers.effects import (
    UnknownEffectError,
    all_effects,
    all_messages,
    consenting_to,
    effect_named,
    effect_of,
    proving_for,
)
from forms.catalogue import all_forms, current_forms, form_by_code
from forms.further import UnfitError
from tests.further import further

__all__ = ["further"]

MEMBERS = [
    "name", "fields", "in_order", "agreed_day", "consent", "proving", "messages", "answers_to_given", "reasons",
    "amendable", "subject", "rests_on", "rests_wholly_on", "settled", "foreseen", "carry_out", "notices",
    "amend", "undo",
]  # fmt: skip
SOURCE = """
from customers.effect import Consenting, MessageTemplate, Reason
from customers.effects.record_request import RecordRequest


class Wish(RecordRequest):
    name = "{name}"
    messages = ()


EFFECT = Wish()
"""


def _template(name: str) -> str:
    return f'MessageTemplate("{name}", "ślad", "x")'


@pytest.mark.parametrize("left_out", MEMBERS)
def test_a_class_that_leaves_out_a_member_is_refused_with_a_sentence_that_names_it(left_out: str) -> None:
    whole = {name: getattr(type(effect_named("record_request")), name) for name in MEMBERS}
    del whole[left_out]
    with pytest.raises(TypeError) as refused:
        type("Forgetful", (Effect,), whole)
    assert f"Forgetful leaves out {left_out}: every Effect states it" in str(refused.value)
    assert "customers.effect says what it means" in str(refused.value)


def test_the_members_under_test_are_all_members() -> None:
    with pytest.raises(TypeError) as refused:
        type("Empty", (Effect,), {})
    assert str(refused.value).partition(" leaves out ")[2].partition(":")[0].split(", ") == MEMBERS


@pytest.mark.parametrize("part", [Proving, Consenting, MessageTemplate, Reason])
def test_a_part_of_an_effect_that_lacks_something_is_refused_by_its_name(part: type) -> None:
    wanted = [item.name for item in fields(part) if item.name != "overrulable"]
    for left_out in wanted:
        with pytest.raises(TypeError, match=f"missing .*'{left_out}'"):
            part(**dict.fromkeys(set(wanted) - {left_out}))


def test_each_form_of_the_catalogue_has_its_effect() -> None:
    assert {form.code: effect_of(form).name for form in all_forms()} == {
        "ebok_signup": "open_account",
        "einvoice_acceptance": "start_einvoice",
        "einvoice_email_change": "change_einvoice_email",
        "einvoice_withdrawal": "end_einvoice",
        **dict.fromkeys(("meter_service", "tank_collection", "treatment_plant_emptying"), "open_visit"),
    }


def test_effects_that_forms_speak_of_in_letters_are_effects() -> None:
    askings = [form.asking for form in current_forms() if form.asking is not None]
    assert len(askings) == 4
    assert {effect for each in askings for effect in (*each.contradicts, *each.includes)} <= set(all_effects())


def test_an_unknown_name_is_refused_and_the_known_ones_are_told() -> None:
    form = replace(form_by_code("ebok_signup"), effect="open_acount")
    for asked in (lambda: effect_of(form), lambda: proving_for("open_acount"), lambda: consenting_to("open_acount")):
        with pytest.raises(UnknownEffectError, match=r"'open_acount'.*open_account"):
            asked()


def test_a_file_in_the_folder_of_further_effects_is_one_more_effect(further: Path) -> None:
    (further / "effects" / "wish.py").write_text(SOURCE.format(name="wish"))
    assert effect_named("wish").subject(form_by_code("ebok_signup")) == "request:ebok_signup"


@pytest.mark.parametrize(
    ("name", "source", "sentence"),
    [
        ("none", "NOTHING = 1\n", "effect none: its module gives no EFFECT"),
        ("other", SOURCE.format(name="another"), "effect other: it calls itself 'another'"),
        (
            "twice",
            SOURCE.format(name="twice").replace("messages = ()", "messages = RecordRequest.messages"),
            "its message 'request_recorded' is another effect's already",
        ),
        ("f" * 33, SOURCE.format(name="f" * 33), "is longer than 32 characters"),
        (
            "wordy",
            SOURCE.format(name="wordy").replace(
                "messages = ()", f'messages = (MessageTemplate("{"m" * 41}", "ślad", "x"),)'
            ),
            f"effect wordy: the name 'm{{41}}' is longer than {LONGEST_MESSAGE_NAME} characters",
        ),
        (
            "doubtful",
            SOURCE.format(name="doubtful").replace(
                "()", f'()\n    reasons = (Reason("{"r" * 61}", "a", "b", "c"),)', 1
            ),
            "effect doubtful: the name 'r{61}' is longer than 60 characters",
        ),
        (
            "broad",
            SOURCE.format(name="broad")
            + f'\nWish.consent = Consenting("{"c" * 11}", "zgoda", lasting=False, forget=lambda *_: None)',
            "effect broad: the name 'c{11}' is longer than 10 characters",
        ),
    ],
)
def test_an_effect_that_would_be_taken_for_another_is_refused(
    further: Path, name: str, source: str, sentence: str
) -> None:
    (further / "effects" / f"{name}.py").write_text(source)
    with pytest.raises(UnfitError, match=sentence):
        all_effects()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (("record_request", "recrod_request"), "form meter_request: there is no effect 'recrod_request'"),
        (("record_request", "start_einvoice"), "form meter_request: its effect start_einvoice needs the fields email"),
    ],
)
def test_a_form_that_does_not_suit_its_effect_is_refused(
    further: Path, changed: tuple[str, str], sentence: str
) -> None:
    source = (Path(__file__).parents[1] / "further_forms" / "meter_request.py").read_text()
    (further / "unsuitable.py").write_text(source.replace(f'"{changed[0]}"', f'"{changed[1]}"'))
    with pytest.raises(UnfitError, match=sentence):
        all_effects()


def test_a_form_whose_matter_is_longer_than_the_register_takes_is_refused(further: Path) -> None:
    wish = SOURCE.format(name="record_wish").replace(
        "    messages = ()\n", '    messages = ()\n\n    def subject(self, form):\n        return "s" * 81\n'
    )
    (further / "effects" / "record_wish.py").write_text(wish)
    source = (Path(__file__).parents[1] / "further_forms" / "meter_request.py").read_text()
    (further / "wordy.py").write_text(source.replace('"record_request"', '"record_wish"'))
    with pytest.raises(UnfitError, match=r"form meter_request: its matter 's{81}' is longer than 80 characters"):
        all_effects()


def test_a_name_that_just_fits_is_taken_by_both_tables_of_reasons_and_by_that_of_messages(further: Path) -> None:
    reason = f'Reason("{"r" * 60}", "a", "b", "c")'
    longest = f"({_template('m' * LONGEST_MESSAGE_NAME)},)\n    reasons = ({reason},)"
    (further / "effects" / "wish.py").write_text(SOURCE.format(name="wish").replace("()", longest, 1))
    assert "m" * LONGEST_MESSAGE_NAME in all_messages()


def test_a_form_whose_letters_speak_of_effects_that_there_are_not_is_refused(further: Path) -> None:
    source = (Path(__file__).parents[1] / "further_forms" / "meter_request.py").read_text()
    asking = 'asking=Stems((("wodomierz",),), contradicts=("end_einvoice", "open_acount")),'
    source = source.replace("from forms.fields", "from forms.asking import Stems\nfrom forms.fields")
    (further / "unsuitable.py").write_text(source.replace("    declaration=", f"    {asking}\n    declaration="))
    with pytest.raises(UnfitError, match=r"form meter_request: .*\['open_acount'\]"):
        all_effects()


def test_the_registry_is_read_again_without_leaving_anything_behind(further: Path) -> None:
    assert set(all_effects()) == {
        "change_einvoice_email", "end_einvoice", "open_account", "open_visit", "record_request", "start_einvoice",
    }  # fmt: skip
    assert importlib.import_module("customers.effects") is effects
    assert "account_link" in all_messages()
