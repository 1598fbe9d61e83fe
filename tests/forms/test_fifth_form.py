"""A fifth form is one new file: everything else follows from it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import jsonschema
import pypdfium2
import zxingcpp

from forms.blank import draw_blank
from forms.catalogue import current_forms
from forms.describe import describe_forms
from forms.fillable import draw_fillable
from forms.form import Form
from forms.schema import json_schema
from forms.submission import submission_from_values
from tests.fifth_form import FURTHER_FORMS
from tests.forms.samples import values_of
from tests.forms.test_fillable import fields_of


def test_a_fifth_form_is_found_in_the_folder_of_further_forms(fifth_form: Form) -> None:
    assert fifth_form in current_forms()
    assert [form.code for form in current_forms()].count("meter_request") == 1
    assert fifth_form.effect == "record_request"


def test_a_fifth_form_has_a_blank_that_names_it(fifth_form: Form) -> None:
    page = pypdfium2.PdfDocument(draw_blank(fifth_form))[0]
    text = page.get_textpage().get_text_range()
    assert fifth_form.title in text
    assert "Administratorem danych jest" in text, "what was printed with the first note keeps it"
    assert [code.text for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil())] == ["MZK:meter_request:1:1"]


def test_a_fifth_form_can_be_filled_in_on_a_screen(fifth_form: Form) -> None:
    found = fields_of(draw_fillable(fifth_form, values_of(fifth_form)))
    assert found["meter_no"] == "87654321"
    assert found["exchange"] == "/Yes"


def test_a_fifth_form_is_described_with_its_geometry(fifth_form: Form) -> None:
    described = next(form for form in describe_forms() if form["code"] == "meter_request")
    boxes = {field["name"]: field["boxes"] for field in described["pages"][0]["fields"]}
    assert set(boxes) == {field.name for field in fifth_form.fields}
    assert boxes["exchange"][0][1] == boxes["sealing"][0][1]


def test_a_fifth_form_has_a_schema_and_is_judged_by_its_rules(fifth_form: Form) -> None:
    values = values_of(fifth_form)
    jsonschema.validate(values, json_schema(fifth_form))
    assert submission_from_values(fifth_form, values, date(2026, 11, 22))[1] == []
    _, problems = submission_from_values(fifth_form, {**values, "exchange": False}, date(2026, 11, 22))
    assert [problem.code for problem in problems] == ["one_required"]


def test_another_process_sees_the_fifth_form_by_its_setting() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from forms.catalogue import current_forms; print([f.code for f in current_forms()])"],
        env={**os.environ, "EBOK_FORMS_DIR": str(FURTHER_FORMS)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "meter_request" in shown.stdout
