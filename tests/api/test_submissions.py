"""Filled-in forms as JSON."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.examples import example_values
from database.engine import transaction
from documents.loading import load
from documents.values import submission_of
from environment import clock
from forms.catalogue import current_forms, form_by_code
from forms.form import Form
from forms.submission import Source
from tests.clocks import SetClock

WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"


def test_a_form_is_taken_and_its_tracking_number_told_at_once(client: TestClient, values: dict[str, Any]) -> None:
    answer = client.post(WITHDRAWAL, json=values)

    taken = answer.json()
    assert answer.status_code == 202, taken
    assert taken["state"] == "received"
    assert taken["form"] == "einvoice_withdrawal"
    assert taken["status_url"].endswith(f"/api/v1/submissions/{taken['tracking']}")
    assert answer.headers["location"] == taken["status_url"]


def test_the_register_holds_the_normalised_values_and_the_body_as_original(
    client: TestClient, values: dict[str, Any]
) -> None:
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]

    with transaction() as session:
        document = load(session, tracking)
        submission = submission_of(session, document)

    assert document.channel == "api"
    assert document.original_sha256
    assert submission.text("postcode") == "66-470"
    assert submission.text("house") == "12A"
    assert submission.text("date_signed") == "2026-01-15"
    assert not submission.paper
    assert {found.source for found in submission.fields.values()} == {Source.ONLINE}


def test_without_a_date_today_is_taken(client: TestClient, values: dict[str, Any]) -> None:
    del values["date_signed"]
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]

    with transaction() as session:
        assert submission_of(session, load(session, tracking)).text("date_signed") == clock.today().isoformat()


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_the_example_of_the_description_is_accepted_by_each_form(lone_client: TestClient, form: Form) -> None:
    answer = lone_client.post(f"/api/v1/forms/{form.code}/submissions", json=example_values(form))

    assert answer.status_code == 202, answer.json()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("postcode", "6647", "bad_format"),
        ("customer_no", "123", "wrong_length"),
        ("customer_no", 12345678, "wrong_type"),
        ("customer_no", "1" * 5000, "too_long"),
        ("name", None, "missing"),
        ("name", "", "missing"),
        ("name", "A\x00B", "bad_character"),
        ("name", ["A"], "wrong_type"),
        ("name", {"a": {"b": []}}, "wrong_type"),
        ("name", True, "wrong_type"),
        ("email_current", "nikt@", "bad_email"),
        ("email_current", "ąę@przykład", "bad_email"),
        ("date_signed", "2999-01-01", "future_date"),
        ("date_signed", "31.02.2026", "bad_date"),
        ("date_signed", 20260115, "wrong_type"),
        ("signature", True, "paper_only"),
        ("nazwisko", "Nowak", "unknown_field"),
        ("", "Nowak", "unknown_field"),
        ("\x00", "Nowak", "unknown_field"),
    ],
)
def test_a_wrong_value_is_told_with_its_field_and_a_polish_reason(
    lone_client: TestClient, values: dict[str, Any], name: str, value: object, code: str
) -> None:
    answer = lone_client.post(WITHDRAWAL, json={**values, name: value})

    told = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["title"] == "Dane wymagają poprawy"
    assert [(problem["field"], problem["code"]) for problem in told["problems"]] == [(name, code)]
    assert told["problems"][0]["message"].endswith(".")


def test_all_problems_are_told_together(lone_client: TestClient) -> None:
    told = lone_client.post(WITHDRAWAL, json={}).json()

    assert {problem["field"] for problem in told["problems"]} == {"customer_no", "name", "house", "postcode", "town"}


def test_a_refused_form_leaves_nothing_behind(client: TestClient, values: dict[str, Any]) -> None:
    client.post(WITHDRAWAL, json={**values, "postcode": "?"}, headers={"Idempotency-Key": "k"})

    assert client.post(WITHDRAWAL, json=values, headers={"Idempotency-Key": "k"}).status_code == 202


def test_an_unknown_form_is_told_with_the_known_ones(lone_client: TestClient, values: dict[str, Any]) -> None:
    answer = lone_client.post("/api/v1/forms/wniosek/submissions", json=values)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "einvoice_withdrawal" in answer.json()["detail"]


def test_the_same_key_and_content_give_the_same_answer(client: TestClient, values: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "2b1f6c1e-0c3c-4a55-9c0d-6f1d8f2f7d10"}
    first = client.post(WITHDRAWAL, json=values, headers=key)
    again = client.post(WITHDRAWAL, json=values, headers=key)

    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_a_form_sent_many_times_at_once_with_one_key_is_one_case(client: TestClient, values: dict[str, Any]) -> None:
    def send(_: int) -> tuple[int, str]:
        answer = client.post(WITHDRAWAL, json=values, headers={"Idempotency-Key": "dwuklik"})
        return answer.status_code, answer.json()["tracking"]

    with ThreadPoolExecutor(6) as senders:
        told = set(senders.map(send, range(6)))

    assert len(told) == 1
    assert next(iter(told))[0] == 202


def test_the_same_key_with_other_content_is_a_conflict(client: TestClient, values: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "klucz"}
    client.post(WITHDRAWAL, json=values, headers=key)
    answer = client.post(WITHDRAWAL, json={**values, "name": "Ktoś Inny"}, headers=key)

    assert answer.status_code == 409
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 129, "klucz\u00f3"])
def test_a_key_of_no_use_is_refused(lone_client: TestClient, values: dict[str, Any], key: str) -> None:
    answer = lone_client.post(WITHDRAWAL, json=values, headers={"Idempotency-Key": key.encode("latin-1")})

    assert answer.status_code == 400
    assert answer.json()["problems"][0]["field"] == "Idempotency-Key"


def test_the_forms_are_listed_with_fields_geometry_and_schema(lone_client: TestClient) -> None:
    listed = {form["code"]: form for form in lone_client.get("/api/v1/forms").json()}

    assert set(listed) == {form.code for form in current_forms()}
    withdrawal = listed["einvoice_withdrawal"]
    assert withdrawal["submissions_url"] == WITHDRAWAL
    assert withdrawal["json_schema"]["properties"]["customer_no"]
    assert {field["name"] for field in withdrawal["pages"][0]["fields"]} >= {"customer_no", "signature"}


def test_nobody_agrees_by_a_program_to_a_regulamin_that_came_into_force_after_it_was_shown(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, form = "/api/v1/forms/einvoice_acceptance/submissions", form_by_code("einvoice_acceptance")
    body: dict[str, Any] = {**example_values(form), "date_signed": None, "terms_version": "1"}
    set_to = SetClock(monkeypatch)
    set_to("2026-12-31 23:59")
    assert lone_client.post(address, json=body).status_code == 202
    set_to("2027-01-01 00:01")
    answer = lone_client.post(address, json=body)
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["field"], problem["code"]) == (422, "terms_version", "other_terms")
    assert "w wersji 2" in problem["message"]
    told = {one["code"]: one["terms"] for one in lone_client.get("/api/v1/forms").json()}
    shown = {"terms_version": told["einvoice_acceptance"]["version"]}
    assert shown == {"terms_version": "2"}
    unsaid: dict[str, Any] = {"terms_version": None}
    for version in (shown, unsaid):
        assert lone_client.post(address, json={**body, **version}).status_code == 202
    signed_before = {**body, "date_signed": "2026-12-31"}
    assert lone_client.post(address, json=signed_before).status_code == 202, "the one that held on the day of signature"
    for wrong in ("3", 1, ["1"]):
        assert lone_client.post(address, json={**body, "terms_version": wrong}).status_code == 422


def test_a_form_that_consents_to_no_regulamin_takes_no_version_of_one(
    lone_client: TestClient, values: dict[str, Any]
) -> None:
    answer = lone_client.post(WITHDRAWAL, json={**values, "terms_version": "1"})
    assert [(one["field"], one["code"]) for one in answer.json()["problems"]] == [("terms_version", "unknown_field")]
