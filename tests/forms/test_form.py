"""The form literal, its rules, the catalogue and submissions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from environment.settings import get_settings
from forms.catalogue import UnknownFormError, all_forms, current_forms, form_by_code
from forms.fields import CUSTOMER_NO, NAME
from forms.form import Differ, Field, Form, Needs, OneOf, Section
from forms.submission import FieldValue, Source, Submission, submission_from_values
from forms.terms import terms_of
from tests.forms.samples import values_of

TODAY = date(2026, 11, 22)


def literal(**changes: object) -> Form:
    facts: dict[str, object] = {
        "code": "trial",
        "version": "1",
        "title": "Próba",
        "intro": "",
        "fields": (CUSTOMER_NO, NAME),
        "sections": (Section("1. Kim jesteś", (("customer_no",), ("name",))),),
        "effect": "record_request",
        "outcome": "",
    }
    return Form(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fields": (CUSTOMER_NO, CUSTOMER_NO)}, "stands twice"),
        ({"sections": ()}, "place every field"),
        ({"rules": (OneOf(("name", "nobody")),)}, "'nobody'"),
        ({"rules": (Needs("name", "nobody"),)}, "'nobody'"),
        ({"rules": (Differ("nobody", "name"),)}, "'nobody'"),
        ({"code": "Próba 1"}, "no plain word"),
        ({"version": "1:2"}, "no number"),
        ({"fields": (Field("a b", NAME.kind, "A"),), "sections": (Section("", (("a b",),)),)}, "no plain word"),
    ],
)
def test_a_literal_that_contradicts_itself_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        literal(**changes)


def test_a_form_with_terms_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="no Regulamin 'parking', only ebok, einvoice"):
        terms_of(literal(terms="parking"))


def test_the_catalogue_has_its_forms() -> None:
    codes = [form.code for form in current_forms()]
    assert codes == [
        *("ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal"),
        *("meter_service", "tank_collection", "treatment_plant_emptying"),
    ]


def test_an_unknown_form_is_told_by_name() -> None:
    with pytest.raises(UnknownFormError, match="'letter'"):
        form_by_code("letter")
    with pytest.raises(UnknownFormError, match="version 99"):
        form_by_code("ebok_signup", "99")


def test_the_newest_version_is_current_and_the_older_one_stays_readable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "forms"
    folder.mkdir()
    (folder / "newer.py").write_text(
        "import dataclasses\nfrom forms.catalogue import ebok_signup\n"
        "FORM = dataclasses.replace(ebok_signup.FORM, version='10')\n"
    )
    monkeypatch.setenv("EBOK_FORMS_DIR", str(folder))
    get_settings.cache_clear()
    all_forms.cache_clear()
    try:
        assert form_by_code("ebok_signup").version == "10"
        assert form_by_code("ebok_signup", "1").version == "1"
        assert len(current_forms()) == 7
    finally:
        all_forms.cache_clear()


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_right_values_have_no_problems(form: Form) -> None:
    submission, problems = submission_from_values(form, values_of(form), TODAY)
    assert problems == []
    assert {name: value for name, value in submission.values.items() if value is not None} == values_of(form)


def test_online_needs_no_signature_but_paper_does() -> None:
    form = form_by_code("einvoice_withdrawal")
    online, _ = submission_from_values(form, values_of(form), TODAY)
    on_paper = Submission(form, online.fields, paper=True)
    assert [problem.code for problem in on_paper.problems(TODAY)] == ["missing_signature"]
    signed = on_paper.with_value("signature", FieldValue(True, source=Source.SIGNATURE))
    assert signed.problems(TODAY) == []


def test_each_problem_is_told_once_at_its_field() -> None:
    form = form_by_code("ebok_signup")
    values = {**values_of(form), "pesel": None, "nip": "1234567890", "accept_terms": False, "phone": "", "emial": "x"}
    _, problems = submission_from_values(form, values, TODAY)
    assert sorted((problem.field or "", problem.code) for problem in problems) == [
        ("accept_terms", "not_ticked"),
        ("emial", "unknown_field"),
        ("nip", "bad_checksum"),
        ("phone", "needed"),
    ]


def test_neither_pesel_nor_nip_is_a_problem() -> None:
    form = form_by_code("einvoice_acceptance")
    _, problems = submission_from_values(form, {**values_of(form), "pesel": None, "nip": None}, TODAY)
    assert [problem.code for problem in problems] == ["one_required"]


def test_the_new_address_must_differ_from_the_present_one() -> None:
    form = form_by_code("einvoice_email_change")
    _, problems = submission_from_values(form, {**values_of(form), "email_new": "DAWNY@example.com"}, TODAY)
    assert [(problem.field, problem.code) for problem in problems] == [("email_new", "not_different")]
