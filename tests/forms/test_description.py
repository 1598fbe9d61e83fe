"""Descriptions and schemas of forms: what other programs and the API see."""

from __future__ import annotations

import json

import jsonschema
import pytest

from forms.catalogue import current_forms, form_by_code
from forms.describe import describe_forms
from forms.form import Form
from forms.schema import json_schema
from tests.forms.samples import values_of

FORMS = pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
CONTRACT_FIELDS = {
    "ebok_signup": "phone email notify_sms notify_email accept_terms pesel nip",
    "einvoice_acceptance": "phone email accept_terms pesel nip",
    "einvoice_email_change": "email_current email_new",
    "einvoice_withdrawal": "email_current",
    "meter_service": "meter_exchange meter_installation meter_sealing wished_on phone access_notes",
    "tank_collection": "phone tank_size wished_on access_notes",
    "treatment_plant_emptying": "phone tank_size wished_on access_notes",
}
COMMON = "customer_no name street house flat postcode town date_signed signature"


def test_the_description_has_the_shape_of_the_contract() -> None:
    described = json.loads(json.dumps(describe_forms()))
    for form in described:
        assert {"code", "version", "title", "pages"} <= form.keys()
        for page in form["pages"]:
            assert (page["width"], page["height"]) == (595.28, 841.89)
            for field in page["fields"]:
                assert {"name", "kind", "label", "required", "boxes"} <= field.keys()
                assert all(len(box) == 4 for box in field["boxes"])
        names = {field["name"] for page in form["pages"] for field in page["fields"]}
        assert names == set(f"{COMMON} {CONTRACT_FIELDS[form['code']]}".split())


def test_a_comb_has_a_box_for_each_character_and_a_tick_has_one() -> None:
    signup = next(form for form in describe_forms() if form["code"] == "ebok_signup")
    boxes = {field["name"]: field["boxes"] for field in signup["pages"][0]["fields"]}
    counts = {name: len(found) for name, found in boxes.items()}
    assert counts["customer_no"] == 8
    assert counts["pesel"] == 11
    assert counts["postcode"] == 5
    assert counts["date_signed"] == 8
    assert counts["email"] == 40
    assert counts["accept_terms"] == counts["signature"] == 1
    assert boxes["email"] == sorted(boxes["email"], key=lambda box: (box[1], box[0]))


@FORMS
def test_a_schema_is_sound_and_takes_right_values(form: Form) -> None:
    schema = json_schema(form)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(values_of(form), schema)


@FORMS
def test_a_schema_asks_for_what_a_person_online_must_give(form: Form) -> None:
    schema = json_schema(form)
    assert "signature" not in schema["properties"]
    assert "date_signed" in schema["properties"]
    assert "date_signed" not in schema["required"]
    assert {"customer_no", "name", "house", "postcode", "town"} <= set(schema["required"])
    assert all(described["description"] for described in schema["properties"].values())


@pytest.mark.parametrize("wrong", [{"emial": "x"}, {"customer_no": 12345678}, {"accept_terms": "tak"}])
def test_a_schema_refuses_unknown_names_and_wrong_types(wrong: dict[str, object]) -> None:
    form = form_by_code("ebok_signup")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**values_of(form), **wrong}, json_schema(form))
