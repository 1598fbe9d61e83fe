"""The description of the API agrees with the standard, the catalogue, and what the API does."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from fastapi.testclient import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from forms import catalogue
from forms.catalogue import current_forms, form_by_code
from tests.api.portal.programs import FOR_ANYBODY


def test_the_description_is_valid_openapi(home: object) -> None:
    OpenAPIV31SpecValidator(create_app().openapi()).validate()


def test_each_form_shows_its_fields_and_an_example(home: object) -> None:
    paths = create_app().openapi()["paths"]

    for form in current_forms():
        content = paths[f"/api/v1/forms/{form.code}/submissions"]["post"]["requestBody"]["content"]["application/json"]
        owed = {item.name for item in form.fields if not item.on_paper_only}
        assert owed <= set(content["schema"]["properties"])
        assert set(content["example"]) <= owed


def test_each_operation_under_api_documents_its_errors_as_problems(home: object) -> None:
    paths = create_app().openapi()["paths"]

    posts = [path["post"] for path in paths.values() if "post" in path]
    assert len(posts) >= len(current_forms()) + 6
    for operation in posts:
        errors = {status: found for status, found in operation["responses"].items() if status >= "400"}
        assert errors
        assert all("application/problem+json" in found["content"] for found in errors.values()), operation


def test_every_address_of_the_account_says_who_may_ask_and_how_it_refuses(home: object) -> None:
    described = create_app().openapi()
    assert {one["in"] for one in described["components"]["securitySchemes"].values()} == {"cookie", "header"}
    of_account = {path: found for path, found in described["paths"].items() if path.startswith("/api/v1/account/")}
    assert len(of_account) >= 15
    assert {path for _, path in FOR_ANYBODY} <= set(of_account)
    for path, operations in of_account.items():
        for method, operation in operations.items():
            if (method.upper(), path) in FOR_ANYBODY:
                assert operation["security"] == []
                continue
            needed = {"session": []} if method == "get" else {"session": [], "secret": []}
            assert operation["security"] == [needed], (method, path)
            assert {"401", "403"} <= set(operation["responses"]), (method, path)
            for status, answer in operation["responses"].items():
                assert status < "400" or "application/problem+json" in answer["content"], (method, path, status)


def test_the_description_is_a_page_that_loads_nothing_from_elsewhere(home: object) -> None:
    shown = TestClient(create_app()).get("/docs")

    assert shown.status_code == 200
    assert "POST /api/v1/forms/ebok_signup/submissions" in shown.text
    assert "Numer klienta" in shown.text
    assert "Successful Response" not in shown.text
    assert not re.findall(r'(?:src|href)="(?!/|#|tel:|mailto:)', shown.text)


@pytest.fixture
def fifth_form(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A catalogue with one more file."""
    form = replace(form_by_code("einvoice_withdrawal"), code="meter_exchange", title="Wymiana wodomierza")
    module = ModuleType("forms.catalogue.meter_exchange")
    module.FORM = form  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(catalogue, "all_forms", lambda: tuple(sorted((*ALL, form), key=lambda item: item.code)))
    yield form.code


ALL = catalogue.all_forms()


def test_a_fifth_form_appears_by_itself(fifth_form: str) -> None:
    client = TestClient(create_app())

    assert fifth_form in {form["code"] for form in client.get("/api/v1/forms").json()}
    answer = client.post(f"/api/v1/forms/{fifth_form}/submissions", json={})
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert f"/api/v1/forms/{fifth_form}/submissions" in client.get("/openapi.json").json()["paths"]
